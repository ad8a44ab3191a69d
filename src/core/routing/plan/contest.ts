/**
 * Somebody else deletes what netevd made. The first times it is put back at once; whoever goes on is given more and
 * more time, so that two programs do not fight for ever, and the operator is told once.
 */
import { after, type Instant, type Millis, millis } from '../../model/ids.ts';

export interface Contest {
  /** How often something was deleted that had just been put back, the first time included. */
  readonly strikes: number;
  /** Not before this. */
  readonly restoreAt: Instant;
  readonly lastLossAt: Instant;
  /** Deleted, and not put back yet. */
  readonly pending: ReadonlySet<string>;
  /** Put back since the last strike. */
  readonly restored: ReadonlySet<string>;
}

/**
 * The first five restorations come within 200 ms: a restart of networkd purges foreign rules once for each of its
 * links. Then the time doubles.
 */
const delays = [0, 20, 50, 100, 200] as const;
const longestDelay = 60_000;
/** From here on it is no accident. */
export const CONTESTED_STRIKES = 6;

/** How long the strike number `strikes` has to wait. */
export function contestDelay(strikes: number): Millis {
  const early = delays[strikes - 1];
  return millis(early ?? Math.min(longestDelay, 500 * 2 ** (strikes - delays.length - 1)));
}

/** Whether nothing has been deleted for so long that it is over. */
export const isOver = (contest: Contest, now: Instant): boolean =>
  now - contest.lastLossAt > Math.max(60_000, 4 * contestDelay(contest.strikes));

/** `lost` have been deleted by somebody since the last plan. */
export function strike(contest: Contest | undefined, lost: ReadonlySet<string>, now: Instant): Contest {
  const running = contest === undefined || isOver(contest, now) ? undefined : contest;
  const again = running === undefined || [...lost].some((key) => running.restored.has(key));
  const pending = new Set([...(running?.pending ?? []), ...lost]);
  if (running !== undefined && !again) return { ...running, pending, lastLossAt: now };
  const strikes = (running?.strikes ?? 0) + 1;
  return {
    strikes,
    restoreAt: after(now, contestDelay(strikes)),
    lastLossAt: now,
    pending,
    restored: new Set(),
  };
}

/** `keys` are being put back. */
export function restoring(contest: Contest, keys: ReadonlySet<string>): Contest {
  const put = [...contest.pending].filter((key) => keys.has(key));
  return {
    ...contest,
    pending: new Set([...contest.pending].filter((key) => !keys.has(key))),
    restored: new Set([...contest.restored, ...put]),
  };
}

/** Whether `key` has to wait. */
export const isHeldBack = (contest: Contest | undefined, key: string, now: Instant): boolean =>
  contest !== undefined && now < contest.restoreAt && contest.pending.has(key);
