/**
 * Fences in the stream of the kernel's messages. A manager acts on what the kernel tells it, so what the manager says is about
 * messages that lie in our own socket already, but perhaps unread. A fence is a request that the kernel only acknowledges:
 * with its answer, everything from before it has been read.
 */
import { type Millis, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/** An answer that has not come by then was lost: the kernel drops what a full socket cannot take. */
const patience: Millis = millis(50);

interface Barrier {
  readonly done: () => void;
  readonly timer: Disposable;
}

export class KernelBarriers {
  readonly #clock: Clock;
  /** By the sequence of the request. */
  readonly #open = new Map<number, Barrier>();
  /** Answered, and not yet told. */
  #reached: Barrier[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `done` is called once: from `release` after the answer, or when none comes. */
  raise(sequence: number, done: () => void): void {
    const timer = this.#clock.schedule(patience, () => {
      this.#open.delete(sequence);
      done();
    });
    this.#open.set(sequence, { done, timer });
  }

  /** Whether a message with this sequence answers a fence; it is noted. */
  answered(sequence: number): boolean {
    const barrier = this.#open.get(sequence);
    if (barrier === undefined) return false;
    this.#open.delete(sequence);
    barrier.timer[Symbol.dispose]();
    this.#reached.push(barrier);
    return true;
  }

  /** What lies before the answered fences has been told. */
  release(): void {
    if (this.#reached.length === 0) return;
    const reached = this.#reached;
    this.#reached = [];
    for (const { done } of reached) done();
  }

  /** No answer comes any more: nobody is kept waiting. */
  releaseAll(): void {
    for (const sequence of [...this.#open.keys()]) this.answered(sequence);
    this.release();
  }

  /** Nobody is told anything any more. */
  clear(): void {
    for (const { timer } of this.#open.values()) timer[Symbol.dispose]();
    this.#open.clear();
    this.#reached = [];
  }
}
