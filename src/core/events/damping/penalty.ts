/**
 * The penalty of a link that loses its carrier (RFC 2439 4.2): it grows with each loss and decays
 * exponentially.
 */
import { type Instant, after as later, type Millis, millis } from '../../model/ids.ts';

/** `damping` of the configuration. */
export interface DampingPolicy {
  readonly enabled: boolean;
  /** Time in which a penalty halves. */
  readonly halfLife: Millis;
  /** Above this penalty the hooks of a link wait. */
  readonly suppress: number;
  /** Below this penalty they run again. */
  readonly reuse: number;
  /** They wait no longer than this. */
  readonly maxSuppress: Millis;
}

/** The penalty at one moment. */
export interface Penalty {
  readonly value: number;
  readonly at: Instant;
}

/** What one loss of carrier adds. */
export const penaltyPerLoss = 1000;

/** Returns the penalty at a later moment. */
export function decayed({ value, at }: Penalty, now: Instant, halfLife: Millis): number {
  return value * 2 ** -(Math.max(0, now - at) / halfLife);
}

/**
 * Returns the penalty after one more loss. It grows to a ceiling only, from which it decays to `reuse` within
 * `maxSuppress` (RFC 2439 4.2), so that a long storm is forgotten as soon as a short one.
 */
export function afterLoss(penalty: Penalty | undefined, now: Instant, policy: DampingPolicy): Penalty {
  const before = penalty === undefined ? 0 : decayed(penalty, now, policy.halfLife);
  const ceiling = Math.max(
    policy.reuse * 2 ** (policy.maxSuppress / policy.halfLife),
    policy.suppress + penaltyPerLoss,
  );
  return { value: Math.min(before + penaltyPerLoss, ceiling), at: now };
}

/** Returns when the penalty is below `reuse`. */
export function reusableAt({ value, at }: Penalty, { halfLife, reuse }: DampingPolicy): Instant {
  if (value < reuse) return at;
  // One millisecond more: at the exact moment it is equal.
  return later(at, millis(Math.floor(halfLife * Math.log2(value / reuse)) + 1));
}
