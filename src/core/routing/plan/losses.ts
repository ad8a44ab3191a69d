/** Detects rules and routes of netevd that another program deleted since the last plan. */
import type { IfIndex, Instant } from '../../model/ids.ts';
import type { RoutingComparison } from './compare.ts';
import { type Contest, isOver, strike } from './contest.ts';
import type { RoutingMemory } from './routing-memory.ts';

/** Returns the contests after this comparison, without those that are over. */
export function noteLosses(
  comparison: RoutingComparison,
  memory: RoutingMemory,
  now: Instant,
): ReadonlyMap<IfIndex, Contest> {
  const contests = new Map([...memory.contests].filter(([, contest]) => !isOver(contest, now)));
  for (const [index, lost] of lossesByLink(comparison, memory)) {
    contests.set(index, strike(contests.get(index), lost, now));
  }
  return contests;
}

/**
 * Returns the wanted pieces that existed and are missing now. The kernel itself removes routes when their
 * link goes down or loses an address: a missing route of a changed link does not count.
 */
function lossesByLink(
  comparison: RoutingComparison,
  memory: RoutingMemory,
): ReadonlyMap<IfIndex, ReadonlySet<string>> {
  const losses = new Map<IfIndex, Set<string>>();
  for (const { key, piece, link } of comparison.missing) {
    const before = memory.wanted.get(key)?.link;
    if (before === undefined || memory.missing.has(key)) continue;
    if (piece.kind === 'route' && before !== link) continue;
    const lost = losses.get(link.index);
    if (lost === undefined) losses.set(link.index, new Set([key]));
    else lost.add(key);
  }
  return losses;
}
