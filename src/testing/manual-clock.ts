/** A clock that stands still until a test advances it. */
import { type Instant, instant, type Millis, millis, type Timestamp, timestamp } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #time = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();
  readonly #start: number;

  /** `start`: the wall time at the beginning. */
  constructor(start: number = 1_790_000_000_000) {
    this.#start = start;
  }

  now(): Instant {
    return instant(this.#time);
  }

  wall(): Timestamp {
    return timestamp(this.#start + this.#time);
  }

  schedule(delay: Millis, run: () => void): Disposable {
    const entry: Pending = { at: this.#time + Math.max(0, delay), order: this.#order++, run };
    this.#pending.add(entry);
    return { [Symbol.dispose]: () => void this.#pending.delete(entry) };
  }

  /** Number of scheduled calls. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Time until the next call; undefined where none is scheduled. */
  get next(): Millis | undefined {
    const first = this.#first();
    return first === undefined ? undefined : millis(first.at - this.#time);
  }

  /** Advances the time and makes the calls that become due, in order. */
  advance(by: number): void {
    const until = this.#time + by;
    for (let next = this.#first(); next !== undefined && next.at <= until; next = this.#first()) {
      this.#pending.delete(next);
      this.#time = next.at;
      next.run();
    }
    this.#time = until;
  }

  #first(): Pending | undefined {
    let first: Pending | undefined;
    for (const entry of this.#pending) {
      if (first === undefined || entry.at < first.at || (entry.at === first.at && entry.order < first.order))
        first = entry;
    }
    return first;
  }
}
