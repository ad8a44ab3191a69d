/** Reads a manager again after a failure, each time after a longer delay. */
import { type Millis, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

const delays: readonly Millis[] = [1_000, 3_000, 10_000, 30_000].map(millis);

export class ReadRetry {
  readonly #clock: Clock;
  readonly #log: Logger;
  /** The manager's name, as the operator knows it. */
  readonly #name: string;
  /** Successive failures. */
  #failures = 0;
  #timer: Disposable | undefined;

  constructor(name: string, clock: Clock, log: Logger) {
    this.#name = name;
    this.#clock = clock;
    this.#log = log;
  }

  /** Logs why the read failed; calls `read` after the delay. */
  failed(reason: string, read: () => void): void {
    const delay = delays[Math.min(this.#failures, delays.length - 1)] ?? millis(0);
    this.#failures++;
    this.#log.warn(`${this.#name}: read failed (${reason}); next attempt in ${delay / 1000} s`, {
      messageId: 'syncLost',
      repeatKey: `reading ${this.#name}`,
    });
    this.#timer = this.#clock.schedule(delay, read);
  }

  /** Resets the delay. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Cancels the next attempt. */
  cancel(): void {
    this.#timer?.[Symbol.dispose]();
  }
}
