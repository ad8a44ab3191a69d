/** A manager that could not be read is read again, after a longer while each time. */
import { type Millis, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

const delays: readonly Millis[] = [1_000, 3_000, 10_000, 30_000].map(millis);

export class ReadRetry {
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Of the manager, as the operator knows it. */
  readonly #name: string;
  /** In a row. */
  #failures = 0;
  #timer: Disposable | undefined;

  constructor(name: string, clock: Clock, log: Logger) {
    this.#name = name;
    this.#clock = clock;
    this.#log = log;
  }

  /** Says why the reading failed; calls `read` when its time has come. */
  failed(reason: string, read: () => void): void {
    const delay = delays[Math.min(this.#failures, delays.length - 1)] ?? millis(0);
    this.#failures++;
    this.#log.warn(`${this.#name} could not be read (${reason}): it is read again in ${delay / 1000} s`, {
      messageId: 'syncLost',
      repeatKey: `reading ${this.#name}`,
    });
    this.#timer = this.#clock.schedule(delay, read);
  }

  /** The next failure is the first again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Nothing is read again. */
  cancel(): void {
    this.#timer?.[Symbol.dispose]();
  }
}
