/**
 * Facts that wait until the kernel's messages from before them have been told: a manager says `routable` because of an
 * address, and may be heard before the kernel is. One fence at a time; what comes meanwhile waits for the next.
 */
import type { Fact } from '../../core/model/fact.ts';

/** Calls `done` once what the kernel had sent before has been told; it may be called at once. */
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

  /** In their order, after the kernel's of before. */
  tell(facts: readonly Fact[]): void {
    this.#waiting.push(...facts);
    this.#raise();
  }

  /** What waits is told to nobody any more. */
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
