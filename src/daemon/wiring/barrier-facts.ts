/**
 * Delays facts of managers until the kernel's earlier messages have been delivered. A manager reports `routable` because
 * of an address, and may report it before the kernel does. There is one barrier at a time; later facts wait for the next.
 */
import type { Fact } from '../../core/model/fact.ts';

/** Calls `done` when the kernel's messages that were sent before the call have been delivered; possibly at once. */
export type Barrier = (done: () => void) => void;

export class BarrierFacts {
  readonly #barrier: Barrier;
  readonly #sink: (facts: readonly Fact[]) => void;
  #waiting: Fact[] = [];
  #isRaised = false;
  #isOver = false;

  constructor(barrier: Barrier, sink: (facts: readonly Fact[]) => void) {
    this.#barrier = barrier;
    this.#sink = sink;
  }

  /** Delivers the facts in order, after the kernel's earlier messages. */
  tell(facts: readonly Fact[]): void {
    this.#waiting.push(...facts);
    this.#raise();
  }

  /** Drops the facts that wait. */
  close(): void {
    this.#isOver = true;
  }

  #raise(): void {
    if (this.#isRaised || this.#waiting.length === 0) return;
    this.#isRaised = true;
    const before = this.#waiting;
    this.#waiting = [];
    this.#barrier(() => {
      this.#isRaised = false;
      if (this.#isOver) return;
      this.#sink(before);
      this.#raise();
    });
  }
}
