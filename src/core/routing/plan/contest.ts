/**
 * Contests: another program deletes rules or routes of netevd. netevd restores them at once the first times,
 * then with growing delays, so that two programs do not fight endlessly. It warns the operator once.
 */
import { after, type Instant, type Millis, millis } from '../../model/ids.ts';

export interface Contest {
  /** How often a restored piece was deleted again, plus one for the first deletion. */
  readonly strikes: number;
  /** No restoration before this time. */
  readonly restoreAt: Instant;
  readonly lastLossAt: Instant;
  /** Keys of deleted pieces that are not restored yet. */
  readonly pending: ReadonlySet<string>;
  /** Keys of pieces restored since the last strike. */
  readonly restored: ReadonlySet<string>;
}

/**
 * The first five restorations come within 200 ms: a restart of networkd purges foreign rules once for each of
 * its links. Then the time doubles.
 */
const delays = [0, 20, 50, 100, 200] as const;
const maxDelay = 60_000;
/** The number of strikes from which the deletion counts as deliberate. */
export const CONTESTED_STRIKES = 6;

/** Returns the delay after strike number `strikes`. */
export function contestDelay(strikes: number): Millis {
  const early = delays[strikes - 1];
  return millis(early ?? Math.min(maxDelay, 500 * 2 ** (strikes - delays.length - 1)));
}

/** Whether the last deletion is so long ago that the contest is over. */
export const isOver = (contest: Contest, now: Instant): boolean =>
  now - contest.lastLossAt > Math.max(60_000, 4 * contestDelay(contest.strikes));

/** Records pieces that another program deleted since the last plan. */
export function strike(contest: Contest | undefined, lost: ReadonlySet<string>, now: Instant): Contest {
  const current = contest === undefined || isOver(contest, now) ? undefined : contest;
  const again = current === undefined || [...lost].some((key) => current.restored.has(key));
  const pending = new Set([...(current?.pending ?? []), ...lost]);
  if (current !== undefined && !again) return { ...current, pending, lastLossAt: now };
  const strikes = (current?.strikes ?? 0) + 1;
  return {
    strikes,
    restoreAt: after(now, contestDelay(strikes)),
    lastLossAt: now,
    pending,
    restored: new Set(),
  };
}

/** Records that `keys` are restored. */
export function noteRestored(contest: Contest, keys: ReadonlySet<string>): Contest {
  const restored = [...contest.pending].filter((key) => keys.has(key));
  return {
    ...contest,
    pending: new Set([...contest.pending].filter((key) => !keys.has(key))),
    restored: new Set([...contest.restored, ...restored]),
  };
}

/** Whether the restoration of `key` must wait. */
export const isPostponed = (contest: Contest | undefined, key: string, now: Instant): boolean =>
  contest !== undefined && now < contest.restoreAt && contest.pending.has(key);
