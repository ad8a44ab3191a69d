/** Decides which of the oldest records to remove. */
import type { Usage } from './pace.ts';

const dayMs = 86_400_000;

export interface RetentionLimits {
  /** Records older than this many days are removed. */
  readonly days: number;
  /** The oldest records are removed while the database uses more than this many bytes. */
  readonly bytes: number;
}

/** `now`: wall clock, milliseconds since 1970. */
export const oldestAllowed = (now: number, days: number): number => now - days * dayMs;

/**
 * Returns how many of the oldest records to remove; `times` are theirs, oldest first, one slice. The remaining records
 * have no hole. An expired record takes earlier ones along, even if a clock that ran ahead made their time newer.
 */
export function expiredCount(times: readonly number[], cutoff: number, { used, limit }: Usage): number {
  if (used > limit) return times.length;
  return times.findLastIndex((at) => at < cutoff) + 1;
}
