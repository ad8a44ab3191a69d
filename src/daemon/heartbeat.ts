/** What the running daemon does every few seconds: it proves that the loop turns, and catches up on what can wait. */
import { type Instant, type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** At least this often while messages arrive. */
const busyInterval = millis(1000);
/** The same where nothing happens: to wake up is most of what an idle daemon costs. */
const quietInterval = millis(5000);

export interface HeartbeatParts {
  readonly clock: Clock;
  /** Half of the time after which the service manager gives the daemon up; undefined without a watchdog. */
  readonly watchdogInterval: () => Millis | undefined;
  /** One beat. Returns whether messages arrived since the last one. */
  readonly beat: (now: Instant) => boolean;
}

export class Heartbeat implements Disposable {
  readonly #parts: HeartbeatParts;
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Beats now, and again until disposed of. Runs on the loop's own thread: a loop that hangs falls silent. */
  start(): void {
    if (this.#isOver) return;
    const { clock, beat, watchdogInterval } = this.#parts;
    const interval = beat(clock.now()) ? busyInterval : quietInterval;
    const delay = millis(Math.min(interval, (watchdogInterval() ?? interval) / 2));
    this.#timer = clock.schedule(delay, () => this.start());
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }
}
