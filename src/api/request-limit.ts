/** Bounds how often something may be asked for: a token bucket. */
import type { Instant } from '../core/model/ids.ts';

export class RequestLimit {
  readonly #burst: number;
  readonly #intervalMs: number;
  #tokens: number;
  #at: Instant | undefined;

  /** `burst` at once, and one more each `intervalMs`. */
  constructor(burst: number, intervalMs: number) {
    this.#burst = burst;
    this.#intervalMs = intervalMs;
    this.#tokens = burst;
  }

  /** Takes one, or returns after how many whole seconds to come again. */
  take(now: Instant): number | undefined {
    const passed = this.#at === undefined ? 0 : now - this.#at;
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + passed / this.#intervalMs);
    if (this.#tokens < 1) return Math.max(1, Math.ceil(((1 - this.#tokens) * this.#intervalMs) / 1000));
    this.#tokens--;
    return undefined;
  }
}
