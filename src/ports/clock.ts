/** Time, for everything outside the core that needs it; the core gets its instants as arguments. */
import type { Instant, Millis, Timestamp } from '../core/model/ids.ts';

export interface Clock {
  /** Milliseconds on a clock that never jumps, with fractions. Comparable within this process alone. */
  now(): Instant;
  /** Milliseconds since 1970 on the machine's clock, which may jump. */
  wall(): Timestamp;
  /**
   * Calls `run` once, `delay` from now or later, never before it has returned; disposing cancels, also when repeated
   * or too late. A pending call keeps the process alive.
   */
  schedule(delay: Millis, run: () => void): Disposable;
}
