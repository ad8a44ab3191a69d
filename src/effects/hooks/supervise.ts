/** Watches one process until it has ended, one way or another. */
import { constants } from 'node:os';
import type { Millis } from '../../core/model/ids.ts';
import { millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessEnd, SpawnedProcess } from '../../ports/process-spawner.ts';

export interface Patience {
  /** How long it may run; 0: for ever. */
  readonly timeout: Millis;
  /** Between SIGTERM and SIGKILL. */
  readonly killGrace: Millis;
}

export interface Ending {
  /** Absent where not even SIGKILL ended it. */
  readonly end?: ProcessEnd;
  /** Why it was told to end; absent where it ended of its own accord. */
  readonly told?: 'timed-out' | 'stopped';
  /** SIGKILL was needed. */
  readonly killed: boolean;
}

const { SIGTERM, SIGKILL } = constants.signals;
/** How long a process that was sent SIGKILL may take. One that hangs in the kernel takes for ever. */
const abandonAfter: Millis = millis(2000);

/**
 * SIGTERM when the time is over, SIGKILL after the grace, both to the whole group. What is left of the group
 * of a process that had to be told gets its SIGKILL too, at the end of the same grace; what a process leaves
 * behind that ended of its own accord is nobody's business here.
 */
export class Supervision {
  /** Resolves with the end of the process, or when it is given up. Never rejects. */
  readonly ending: Promise<Ending>;
  /** Resolves when nothing is left to be done about the process group. */
  readonly finished: Promise<void>;
  readonly #process: SpawnedProcess;
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #finish: (ending: Ending) => void;
  readonly #resolveFinished: () => void;
  #timer: Disposable | undefined;
  #told: Ending['told'];
  #killed = false;
  #over = false;

  constructor(process: SpawnedProcess, patience: Patience, clock: Clock) {
    this.#process = process;
    this.#patience = patience;
    this.#clock = clock;
    const ending = Promise.withResolvers<Ending>();
    const finished = Promise.withResolvers<void>();
    this.ending = ending.promise;
    this.#finish = ending.resolve;
    this.finished = finished.promise;
    this.#resolveFinished = finished.resolve;
    if (patience.timeout > 0)
      this.#timer = clock.schedule(patience.timeout, () => this.terminate('timed-out'));
    void process.ended.then((end) => this.#onEnd(end));
  }

  /** Whether a process of a group that had to be told to end may still be there. */
  get hasLeftovers(): boolean {
    return this.#over && this.#timer !== undefined;
  }

  /** SIGTERM now, and SIGKILL after the grace. */
  terminate(why: 'timed-out' | 'stopped'): void {
    if (this.#over || this.#told !== undefined) return;
    this.#told = why;
    this.#process.reserve();
    this.#process.signal(SIGTERM);
    this.#setTimer(this.#patience.killGrace, () => this.kill());
  }

  /** SIGKILL now, also to what an ended process has left behind. */
  kill(): void {
    if (this.#over) {
      this.#endLeftovers();
      return;
    }
    this.#told ??= 'stopped';
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
    const told = this.#told === 'timed-out' && end.duration < this.#patience.timeout ? undefined : this.#told;
    const killed = this.#killed;
    if (told === undefined || killed) this.#letGo();
    this.#finish(told === undefined ? { end, killed } : { end, told, killed });
  }

  #abandon(): void {
    this.#over = true;
    this.#clearTimer();
    this.#finish({ told: this.#told ?? 'stopped', killed: true });
    this.#resolveFinished();
  }

  #endLeftovers(): void {
    if (!this.hasLeftovers) return;
    this.#process.signal(SIGKILL);
    this.#letGo();
  }

  #letGo(): void {
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
