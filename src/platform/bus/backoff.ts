/** How long to wait before the next attempt: twice as long each time, never quite as long as somebody else. */
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';

export interface BackoffLimits {
  readonly first: Millis;
  readonly longest: Millis;
  /** A success that lasted so long counts as one: the next failure starts anew. */
  readonly resetAfter: Millis;
}

/** Where it stands; a value. */
export interface Backoff {
  readonly failures: number;
  readonly succeededAt?: Instant;
}

/** Nothing has failed yet. */
export const freshBackoff: Backoff = { failures: 0 };

/** It works now; whether it lasts shows at the next failure. */
export const succeeded = (backoff: Backoff, now: Instant): Backoff => ({ ...backoff, succeededAt: now });

/**
 * A failure, or the end of a success. `chance`: from 0 up to but not including 1; the delay is between half and all of
 * what is due.
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
