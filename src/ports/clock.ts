/** Time, for everything outside the core; the core gets its instants as arguments. */
import type { Instant, Millis, Timestamp } from '../core/model/ids.ts';

export interface Clock {
  /** Milliseconds, with fractions, on a clock that never jumps. Comparable within this process only. */
  now(): Instant;
  /** Milliseconds since 1970 on the machine's clock, which may jump. */
  wall(): Timestamp;
  /**
   * Calls `run` once, `delay` from now or later, never before this has returned. Disposing cancels; it may be
   * repeated and may come too late. A pending call keeps the process alive.
   */
  schedule(delay: Millis, run: () => void): Disposable;
}
