/** Supervises one process until it has ended. */
import { constants } from 'node:os';
import type { Millis } from '../../core/model/ids.ts';
import { millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessEnd, SpawnedProcess } from '../../ports/process-spawner.ts';

export interface Timeouts {
  /** How long the process may run; 0: forever. */
  readonly timeout: Millis;
  /** Grace period between SIGTERM and SIGKILL. */
  readonly killGrace: Millis;
}

export interface Ending {
  /** Absent where even SIGKILL did not end the process. */
  readonly end?: ProcessEnd;
  /** Why it was terminated; absent where it ended by itself. */
  readonly cause?: 'timed-out' | 'stopped';
  /** SIGKILL was sent. */
  readonly killed: boolean;
}
const { SIGTERM, SIGKILL } = constants.signals;
/** How long a process may take to end after SIGKILL. One that hangs in the kernel never ends. */
const abandonAfter: Millis = millis(2000);

/**
 * Sends SIGTERM at the timeout and SIGKILL after the grace period, both to the whole group. What is left of
 * the group of a terminated process gets its SIGKILL at the end of the same grace period. Processes that a
 * script leaves behind after it ended by itself are not touched.
 */
export class Supervision {
  /** Resolves with the end of the process, or when it is abandoned. Never rejects. */
  readonly ending: Promise<Ending>;
  /** Resolves when the process group needs no further signal. */
  readonly finished: Promise<void>;
  readonly #process: SpawnedProcess;
  readonly #timeouts: Timeouts;
  readonly #clock: Clock;
  readonly #finish: (ending: Ending) => void;
  readonly #resolveFinished: () => void;
  #timer: Disposable | undefined;
  #cause: Ending['cause'];
  #killed = false;
  #over = false;

  constructor(process: SpawnedProcess, timeouts: Timeouts, clock: Clock) {
    this.#process = process;
    this.#timeouts = timeouts;
    this.#clock = clock;
    const ending = Promise.withResolvers<Ending>();
    const finished = Promise.withResolvers<void>();
    this.ending = ending.promise;
    this.#finish = ending.resolve;
    this.finished = finished.promise;
    this.#resolveFinished = finished.resolve;
    if (timeouts.timeout > 0)
      this.#timer = clock.schedule(timeouts.timeout, () => this.terminate('timed-out'));
    void process.ended.then((end) => this.#onEnd(end));
  }

  /** Whether processes of a terminated group may still run. */
  get hasLeftovers(): boolean {
    return this.#over && this.#timer !== undefined;
  }

  /** Sends SIGTERM now, and SIGKILL after the grace period. */
  terminate(cause: 'timed-out' | 'stopped'): void {
    if (this.#over || this.#cause !== undefined) return;
    this.#cause = cause;
    this.#process.reserve();
    this.#process.signal(SIGTERM);
    this.#setTimer(this.#timeouts.killGrace, () => this.kill());
  }

  /** Sends SIGKILL now, also to what a terminated process has left behind. */
  kill(): void {
    if (this.#over) {
      this.#endLeftovers();
      return;
    }
    this.#cause ??= 'stopped';
    this.#killed = true;
    this.#process.reserve();
    this.#process.signal(SIGKILL);
    this.#setTimer(abandonAfter, () => this.#abandon());
  }

  #onEnd(end: ProcessEnd): void {
    if (this.#over) {
      this.#process.release();
      return;
    }
    this.#over = true;
    const isEarly = this.#cause === 'timed-out' && end.duration < this.#timeouts.timeout;
    const cause = isEarly ? undefined : this.#cause;
    const killed = this.#killed;
    if (cause === undefined || killed) this.#release();
    this.#finish(cause === undefined ? { end, killed } : { end, cause, killed });
  }

  #abandon(): void {
    this.#over = true;
    this.#clearTimer();
    this.#finish({ cause: this.#cause ?? 'stopped', killed: true });
    this.#resolveFinished();
  }

  #endLeftovers(): void {
    if (!this.hasLeftovers) return;
    this.#process.signal(SIGKILL);
    this.#release();
  }

  #release(): void {
    this.#clearTimer();
    this.#process.release();
    this.#resolveFinished();
  }

  #setTimer(delay: Millis, run: () => void): void {
    this.#clearTimer();
    this.#timer = this.#clock.schedule(delay, run);
  }

  #clearTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
