/** Which of the oldest records go. */
import type { Usage } from './pace.ts';

const dayMs = 86_400_000;

export interface RetentionLimits {
  /** Records older than this many days go. */
  readonly days: number;
  /** The oldest go while the database uses more than this many bytes. */
  readonly bytes: number;
}

/** `now`: wall clock, milliseconds since 1970. */
export const oldestAllowed = (now: number, days: number): number => now - days * dayMs;

/**
 * How many of the oldest records go; `times` are theirs, oldest first, a slice at a time. Always a beginning: what is
 * kept stays without a hole. A record that is old takes those before it along, whose clock ran ahead.
 */
export function expiredCount(times: readonly number[], cutoff: number, { used, limit }: Usage): number {
  if (used > limit) return times.length;
  return times.findLastIndex((at) => at < cutoff) + 1;
}
