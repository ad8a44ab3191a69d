/** What somebody has deleted since the last plan, and what follows from it. */
import type { IfIndex, Instant } from '../../model/ids.ts';
import type { Comparison } from './compare.ts';
import { type Contest, isOver, strike } from './contest.ts';
import type { RoutingMemory } from './routing-memory.ts';

/** The contests after this comparison; those that are over are left out. */
export function noteLosses(
  comparison: Comparison,
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
 * What was there and wanted, and is wanted still. The kernel itself drops routes when their link goes down or loses an
 * address: where the link has changed, a missing route is nobody's doing.
 */
function lossesByLink(
  comparison: Comparison,
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
