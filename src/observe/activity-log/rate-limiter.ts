/** Allows a number of lines of one kind in a window of time; counts the rest, and sums it up when the window closes. */
import { type Instant, after as later, type Millis, millis } from '../../core/model/ids.ts';

/** What was left out of one window. */
export interface RateSummary<T> {
  /** The last one that was left out. */
  readonly last: T;
  readonly counts: ReadonlyMap<string, number>;
  /** Length of the window. */
  readonly lasted: Millis;
}

interface Window<T> {
  readonly closesAt: Instant;
  logged: number;
  omitted: { last: T; readonly counts: Map<string, number> } | undefined;
}

export class RateLimiter<T> {
  readonly #length: Millis;
  /** In the order in which they close: all are as long. */
  readonly #windows = new Map<string, Window<T>>();

  constructor(length: Millis) {
    this.#length = length;
  }

  /** Windows that are open. */
  get size(): number {
    return this.#windows.size;
  }

  /** Whether one more line of this name may be logged now. It counts as logged. */
  allows(name: string, limit: number, now: Instant): boolean {
    const window = this.#windows.get(name) ?? this.#open(name, now, 0);
    if (window.logged >= limit) return false;
    window.logged++;
    return true;
  }

  /** Counts a line that is left out. */
  count(name: string, unit: string, item: T, now: Instant): void {
    const window = this.#windows.get(name) ?? this.#open(name, now, 0);
    window.omitted ??= { last: item, counts: new Map() };
    window.omitted.last = item;
    window.omitted.counts.set(unit, (window.omitted.counts.get(unit) ?? 0) + 1);
  }

  /**
   * What was left out of the windows that are over. After such a window the next one logs only its sum, until one passes
   * in which nothing was left out.
   */
  close(now: Instant): RateSummary<T>[] {
    const sums: RateSummary<T>[] = [];
    for (const [name, window] of this.#windows) {
      if (window.closesAt > now) break;
      this.#windows.delete(name);
      if (window.omitted === undefined) continue;
      sums.push({ ...window.omitted, lasted: this.#length });
      this.#open(name, now, Number.POSITIVE_INFINITY);
    }
    return sums;
  }

  #open(name: string, now: Instant, logged: number): Window<T> {
    const window: Window<T> = { closesAt: later(now, millis(this.#length)), logged, omitted: undefined };
    this.#windows.set(name, window);
    return window;
  }
}
