/** Reads something again when asked, never twice at once and not more often than its pace. */

export interface RereadClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `run` after `ms`. */
  after(ms: number, run: () => void): void;
}

/** Burst of records that one reading shall cover. */
const DEBOUNCE_MS = 150;

export class Reread {
  readonly #clock: RereadClock;
  readonly #paceMs: number;
  readonly #read: () => Promise<void>;
  #state: 'idle' | 'waiting' | 'reading' = 'idle';
  #isWanted = false;
  #last = Number.NEGATIVE_INFINITY;

  /** `read` never rejects. `paceMs`: least time from one reading to the next. */
  constructor(clock: RereadClock, paceMs: number, read: () => Promise<void>) {
    this.#clock = clock;
    this.#paceMs = paceMs;
    this.#read = read;
  }

  /** What was read before this moment is out of date. */
  ask(): void {
    if (this.#state === 'reading') this.#isWanted = true;
    if (this.#state !== 'idle') return;
    this.#state = 'waiting';
    const wait = Math.max(DEBOUNCE_MS, this.#last + this.#paceMs - this.#clock.now());
    this.#clock.after(wait, () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#state = 'reading';
    this.#isWanted = false;
    await this.#read();
    this.#last = this.#clock.now();
    this.#state = 'idle';
    if (this.#isWanted) this.ask();
  }
}
