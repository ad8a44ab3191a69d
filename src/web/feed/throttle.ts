/** Loads something again on request, never twice at once and not more often than its interval. */

export interface ThrottleClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `run` after `ms`. */
  after(ms: number, run: () => void): void;
}

/** One load covers a burst of records of this length. */
const DEBOUNCE_MS = 150;

export class Throttle {
  readonly #clock: ThrottleClock;
  readonly #intervalMs: number;
  readonly #load: () => Promise<void>;
  #state: 'idle' | 'waiting' | 'loading' = 'idle';
  #isRequested = false;
  #last = Number.NEGATIVE_INFINITY;

  /** `load` never rejects. `intervalMs`: least time from the end of one load to the next. */
  constructor(clock: ThrottleClock, intervalMs: number, load: () => Promise<void>) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#load = load;
  }

  /** What was loaded before this moment is out of date. */
  request(): void {
    if (this.#state === 'loading') this.#isRequested = true;
    if (this.#state !== 'idle') return;
    this.#state = 'waiting';
    const wait = Math.max(DEBOUNCE_MS, this.#last + this.#intervalMs - this.#clock.now());
    this.#clock.after(wait, () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#state = 'loading';
    this.#isRequested = false;
    await this.#load();
    this.#last = this.#clock.now();
    this.#state = 'idle';
    if (this.#isRequested) this.request();
  }
}
