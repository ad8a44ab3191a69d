/** The periodic task of the running daemon: reports that the loop works, and does what can wait. */
import { type Instant, type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** Maximum interval while messages arrive. */
const busyInterval = millis(1000);
/** Maximum interval while nothing happens. It is longer, because wake-ups are most of the cost of an idle daemon. */
const quietInterval = millis(5000);

export interface HeartbeatParts {
  readonly clock: Clock;
  /** Half of the watchdog timeout of the service manager; undefined without a watchdog. */
  readonly watchdogInterval: () => Millis | undefined;
  /** One heartbeat. Returns whether messages arrived since the last one. */
  readonly beat: (now: Instant) => boolean;
}

export class Heartbeat implements Disposable {
  readonly #parts: HeartbeatParts;
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Starts at once, and repeats until disposed of. Runs in the loop's own thread, so that it stops if the loop hangs. */
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
