/** How long to wait before the next attempt to connect. Pure. */

/** Limits of the wait, in milliseconds. */
export interface RetryLimits {
  /** After the first failure; the server's `retry:` replaces it. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Doubles with each failure in a row (`failures` from 1) up to the limit; `chance` in [0, 1) takes away up to half, so
 * that a thousand readers do not come back in the same instant. What the server asked for is never undercut.
 */
export function backoffDelay(
  failures: number,
  limits: RetryLimits,
  chance: number,
  retryAfterMs: number = 0,
): number {
  const whole = Math.min(limits.maxMs, limits.initialMs * 2 ** Math.min(failures - 1, 30));
  return Math.max(retryAfterMs, Math.round(whole * (1 - chance / 2)));
}
