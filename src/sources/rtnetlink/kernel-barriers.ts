/**
 * Barriers in the stream of the kernel's messages. A manager acts on what the kernel reports. Its own report
 * is therefore about messages that are already in our socket, but perhaps unread. A barrier is a request that
 * the kernel only acknowledges: once the answer is read, everything before it has been read.
 */
import { type Millis, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/** An answer that has not arrived by then is lost: the kernel drops what does not fit into a full socket. */
const answerTimeout: Millis = millis(50);

interface Barrier {
  readonly done: () => void;
  readonly timer: Disposable;
}

export class KernelBarriers {
  readonly #clock: Clock;
  /** By the sequence of the request. */
  readonly #open = new Map<number, Barrier>();
  /** Answered; `done` has not been called yet. */
  #reached: Barrier[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `done` once: from `release` after the answer, or after the timeout. */
  raise(sequence: number, done: () => void): void {
    const timer = this.#clock.schedule(answerTimeout, () => {
      this.#open.delete(sequence);
      done();
    });
    this.#open.set(sequence, { done, timer });
  }

  /** Whether a message with this sequence answers a barrier; notes the answer. */
  answered(sequence: number): boolean {
    const barrier = this.#open.get(sequence);
    if (barrier === undefined) return false;
    this.#open.delete(sequence);
    barrier.timer[Symbol.dispose]();
    this.#reached.push(barrier);
    return true;
  }

  /** Calls `done` of the answered barriers: everything before them has been passed on. */
  release(): void {
    if (this.#reached.length === 0) return;
    const reached = this.#reached;
    this.#reached = [];
    for (const { done } of reached) done();
  }

  /** Calls `done` of every barrier: no answer will arrive. */
  releaseAll(): void {
    for (const sequence of [...this.#open.keys()]) this.answered(sequence);
    this.release();
  }

  /** Drops every barrier without a call. */
  clear(): void {
    for (const { timer } of this.#open.values()) timer[Symbol.dispose]();
    this.#open.clear();
    this.#reached = [];
  }
}
