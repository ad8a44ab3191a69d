/** So many lines of one kind in a window of time; what is more is counted, and summed up when the window closes. */
import { type Instant, after as later, type Millis, millis } from '../../core/model/ids.ts';

export interface RateVerdict<T> {
  /** The last one that was not told. */
  readonly last: T;
  readonly counts: ReadonlyMap<string, number>;
  /** Length of the window. */
  readonly lasted: Millis;
}

interface Window<T> {
  readonly closesAt: Instant;
  told: number;
  hidden: { last: T; readonly counts: Map<string, number> } | undefined;
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

  /** Whether one more of this name may be told now; it is taken to have been. */
  allows(name: string, limit: number, now: Instant): boolean {
    const window = this.#windows.get(name) ?? this.#open(name, now, 0);
    if (window.told >= limit) return false;
    window.told++;
    return true;
  }

  /** Counts one that was not told. */
  count(name: string, unit: string, item: T, now: Instant): void {
    const window = this.#windows.get(name) ?? this.#open(name, now, 0);
    window.hidden ??= { last: item, counts: new Map() };
    window.hidden.last = item;
    window.hidden.counts.set(unit, (window.hidden.counts.get(unit) ?? 0) + 1);
  }

  /**
   * What was not told in the windows that are over. After such a window the next one tells nothing but its sum, until
   * one passes in which there was nothing to hide.
   */
  close(now: Instant): RateVerdict<T>[] {
    const sums: RateVerdict<T>[] = [];
    for (const [name, window] of this.#windows) {
      if (window.closesAt > now) break;
      this.#windows.delete(name);
      if (window.hidden === undefined) continue;
      sums.push({ ...window.hidden, lasted: this.#length });
      this.#open(name, now, Number.POSITIVE_INFINITY);
    }
    return sums;
  }

  #open(name: string, now: Instant, told: number): Window<T> {
    const window: Window<T> = { closesAt: later(now, millis(this.#length)), told, hidden: undefined };
    this.#windows.set(name, window);
    return window;
  }
}
