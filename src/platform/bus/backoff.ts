/**
 * How long to wait before the next attempt: twice as long each time, with a random part that spreads many
 * clients.
 */
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';

export interface BackoffLimits {
  readonly first: Millis;
  readonly longest: Millis;
  /** A connection that lasted this long resets the delay. */
  readonly resetAfter: Millis;
}

/** A value; `failed` and `succeeded` return the next one. */
export interface Backoff {
  readonly failures: number;
  readonly succeededAt?: Instant;
}

/** The state before the first attempt. */
export const freshBackoff: Backoff = { failures: 0 };

/** An attempt succeeded. Whether it resets the delay depends on how long the connection lasts. */
export const succeeded = (backoff: Backoff, now: Instant): Backoff => ({ ...backoff, succeededAt: now });

/**
 * An attempt failed, or a connection ended. `chance`: from 0 up to but not including 1. The delay is between
 * half and all of what is due.
 */
export function failed(
  backoff: Backoff,
  limits: BackoffLimits,
  at: { readonly now: Instant; readonly chance: number },
): { readonly backoff: Backoff; readonly delay: Millis } {
  const { succeededAt } = backoff;
  const isFresh = succeededAt !== undefined && at.now - succeededAt >= limits.resetAfter;
  const failures = isFresh ? 0 : backoff.failures;
  const due = Math.min(limits.longest, limits.first * 2 ** Math.min(failures, 30));
  return { backoff: { failures: failures + 1 }, delay: millis((due / 2) * (1 + at.chance)) };
}
