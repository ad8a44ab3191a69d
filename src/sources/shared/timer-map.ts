/** One timer for each key. A new timer replaces the earlier one of its key. */
import type { Millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';

export class TimerMap<K> {
  readonly #timers = new Map<K, Disposable>();

  has(key: K): boolean {
    return this.#timers.has(key);
  }

  set(key: K, clock: Clock, delay: Millis, run: () => void): void {
    this.delete(key);
    const timer = clock.schedule(delay, () => {
      this.#timers.delete(key);
      run();
    });
    this.#timers.set(key, timer);
  }

  delete(key: K): void {
    this.#timers.get(key)?.[Symbol.dispose]();
    this.#timers.delete(key);
  }

  clear(): void {
    for (const key of [...this.#timers.keys()]) this.delete(key);
  }
}
