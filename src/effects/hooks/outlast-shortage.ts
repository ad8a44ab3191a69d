/** Waits for a shortage of the machine to pass, so that it costs no hook its run. */
import { isShortage, retryDelay } from '../../core/hooks/shortage.ts';
import { type Millis, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';

export interface ShortageListener {
  /** Hooks wait, for this errno. Called once until it is over. */
  onShortage(code: string, path: string): void;
  /** No hook waits any more. */
  onShortageOver(): void;
}

export interface RetriedCall<T> {
  readonly path: string;
  /** Tries it. */
  run(): T | Promise<T>;
  /** The errno where the result is a failure that may be of the moment. */
  errnoOf(result: T): string | undefined;
}

export class ShortageWaiter {
  readonly #clock: Clock;
  readonly #listener: ShortageListener;
  readonly #waiting = new Set<() => void>();
  /** Attempts that met a shortage and are not over. */
  #short = 0;
  #isStopped = false;

  constructor(clock: Clock, listener: ShortageListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /**
   * The result of the first attempt that ends in no shortage, or of the last one where the shortage lasts. The first attempt is
   * made before this returns. `stopped`: the daemon ends, and the attempt is left to the next one.
   */
  async outlast<T>(attempt: RetriedCall<T>): Promise<T | 'stopped'> {
    const result = await attempt.run();
    const code = attempt.errnoOf(result);
    if (code === undefined || !isShortage(code)) return result;
    if (this.#short++ === 0) this.#listener.onShortage(code, attempt.path);
    try {
      return await this.#again(attempt, result, code);
    } finally {
      if (--this.#short === 0 && !this.#isStopped) this.#listener.onShortageOver();
    }
  }

  async #again<T>(attempt: RetriedCall<T>, first: T, firstCode: string): Promise<T | 'stopped'> {
    const begin = this.#clock.now();
    let [result, code] = [first, firstCode];
    for (let attempts = 1; ; attempts++) {
      const delay = retryDelay(code, attempts, millis(this.#clock.now() - begin));
      if (delay === undefined) return result;
      if (!this.#isStopped) await this.#pause(delay);
      if (this.#isStopped) return 'stopped';
      result = await attempt.run();
      const next = attempt.errnoOf(result);
      if (next === undefined || !isShortage(next)) return result;
      code = next;
    }
  }

  /** Ends every wait, now and from now on. */
  stop(): void {
    this.#isStopped = true;
    for (const wake of this.#waiting) wake();
  }

  async #pause(delay: Millis): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    using _timer = this.#clock.schedule(delay, resolve);
    await promise;
    this.#waiting.delete(resolve);
  }
}
