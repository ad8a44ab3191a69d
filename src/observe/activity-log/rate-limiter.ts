/** Allows a number of lines of one kind in a time window. Counts further lines and sums them up when the window closes. */
import { type Instant, after as later, type Millis, millis } from '../../core/model/ids.ts';

/** The lines that one window omitted. */
export interface RateSummary<T> {
  /** The newest omitted line. */
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
  /** In the order in which they close: all have the same length. */
  readonly #windows = new Map<string, Window<T>>();

  constructor(length: Millis) {
    this.#length = length;
  }

  /** Number of open windows. */
  get size(): number {
    return this.#windows.size;
  }

  /** Whether one more line of this name may be logged now. If so, it counts as logged. */
  allows(name: string, limit: number, now: Instant): boolean {
    const window = this.#windows.get(name) ?? this.#open(name, now, 0);
    if (window.logged >= limit) return false;
    window.logged++;
    return true;
  }

  /** Counts an omitted line. */
  count(name: string, unit: string, item: T, now: Instant): void {
    const window = this.#windows.get(name) ?? this.#open(name, now, 0);
    window.omitted ??= { last: item, counts: new Map() };
    window.omitted.last = item;
    window.omitted.counts.set(unit, (window.omitted.counts.get(unit) ?? 0) + 1);
  }

  /**
   * Returns the sums of the windows that are over. After a window with a sum the next one logs only its sum too, until a
   * window has omitted nothing.
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
