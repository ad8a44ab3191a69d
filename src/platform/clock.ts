/** The clock of the machine. */
import { type Instant, instant, type Millis, type Timestamp, timestamp } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** The limit of setTimeout, 2^31 - 1 ms. It runs a longer one at once. */
const longestTimer = 2_147_483_647;

export class SystemClock implements Clock {
  now(): Instant {
    return instant(performance.now());
  }

  wall(): Timestamp {
    return timestamp(Date.now());
  }

  schedule(delay: Millis, run: () => void): Disposable {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const step = Math.min(left, longestTimer);
      timer = setTimeout(() => (left > step ? wait(left - step) : run()), step);
    };
    wait(Math.max(0, delay));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
}
