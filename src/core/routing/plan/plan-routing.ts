/**
 * Reconciles policy routing: plans the difference between wanted and existing rules and routes. Pure. Call it
 * when the view changes, after the outcomes of a plan, and at `nextAt`.
 */
import { after, earliest, type IfIndex, type Instant, millis } from '../../model/ids.ts';
import { findPaths } from '../paths/link-paths.ts';
import type { RoutingPolicy } from '../policy.ts';
import {
  DIVERTED,
  diversionNotices,
  noticesOf,
  placeNotices,
  type RoutingNotice,
} from '../report/routing-notices.ts';
import type { RoutingView } from '../view/view.ts';
import { wantedBand } from '../wanted/band.ts';
import { findWanted, type WantedLink } from '../wanted/wanted.ts';
import { chooseEffects } from './choose-effects.ts';
import { compare, type RoutingComparison } from './compare.ts';
import { type Contest, noteRestored } from './contest.ts';
import { noteLosses } from './losses.ts';
import { placeBand } from './place-band.ts';
import type { RoutingEffect } from './routing-effect.ts';
import { type RoutingMemory, subjectKey } from './routing-memory.ts';

export interface RoutingPlan {
  /** To be executed in this order, one after the other, regardless of their outcomes. */
  readonly effects: readonly RoutingEffect[];
  /** New notices for the operator. */
  readonly notices: readonly RoutingNotice[];
  readonly memory: RoutingMemory;
  /** Whether nothing is left to do or to learn: no effect is due, and the kernel has confirmed the earlier ones. */
  readonly isAtRest: boolean;
  /** When to plan again without a change. */
  readonly nextAt?: Instant;
}

/**
 * After the start netevd keeps a gateway that no source reports for this time: managers may not have answered
 * yet.
 */
const startGrace = millis(10_000);

/** Whether managers may not have reported gateways yet because netevd just started. */
export const isStarting = (memory: RoutingMemory, now: Instant): boolean =>
  now < after(memory.startedAt ?? now, startGrace);

/**
 * Plans the effects that are due. Plans none while effects are in flight or the kernel's rules are
 * invalidated.
 */
export function planRouting(
  view: RoutingView,
  policy: RoutingPolicy,
  memory: RoutingMemory,
  now: Instant,
): RoutingPlan {
  if (!view.certain.rules || memory.inFlight.size > 0) {
    return { effects: [], notices: [], memory, isAtRest: false };
  }
  const startedAt = memory.startedAt ?? now;
  const isStart = isStarting(memory, now);
  const { place, waitUntil } = placeBand(memory.place, wantedBand(view, policy), now);
  const wanted = findWanted(view, policy, { retainDefaults: isStart, band: place.band.first });
  const { links } = wanted;
  const comparison = compare(view, wanted, memory, now);
  const contests = noteLosses(comparison, memory, now);
  const choice = chooseEffects(comparison, contests, memory.failures, now);
  const notices = [...noticesOf(links, contests, choice.failures), ...placeNotices(place, memory.place)];
  const isAtRest = choice.effects.length === 0 && isSettled(comparison, view);
  // Where packets go while rules are added, removed or about to move is soon no longer true.
  const isLasting = isAtRest && !isSoon(waitUntil, now);
  const kept = isLasting ? [] : [...memory.reported].filter((key) => key.startsWith(DIVERTED));
  if (isLasting) notices.push(...diversionNotices(links, findPaths(view, links), place.band.first));
  const next: RoutingMemory = {
    startedAt,
    inFlight: choice.links,
    assumed: comparison.assumed,
    failures: choice.failures,
    contests: noteRestorations(contests, comparison, choice.effects),
    wanted: comparison.wanted,
    missing: new Set([...comparison.missing, ...comparison.uncertain].map(({ key }) => key)),
    place,
    reported: new Set([...kept, ...notices.map((notice) => notice.key)]),
  };
  const nextAt = earliest([
    choice.waitUntil,
    waitUntil,
    ...[...comparison.assumed.values()].map(({ until }) => until),
    isStart && retainsDefaults(links) ? after(startedAt, startGrace) : undefined,
  ]);
  const plan = {
    effects: choice.effects.map((effect) => markRepair(effect, contests)),
    notices: notices.filter((notice) => !memory.reported.has(notice.key)),
    memory: next,
    isAtRest,
  };
  return nextAt === undefined ? plan : { ...plan, nextAt };
}

/** Longer than the first waits between two moves of the band; not as long as those of a fight (contest.ts). */
const shortWait = millis(250);

const isSoon = (at: Instant | undefined, now: Instant): boolean =>
  at !== undefined && at <= after(now, shortWait);

/** Whether everything wanted exists, and the kernel has confirmed it. What is not certain could hide own routes. */
const isSettled = ({ missing, assumed }: RoutingComparison, { certain }: RoutingView): boolean =>
  missing.length === 0 && certain.routes[4] && certain.routes[6] && assumed.size === 0;

function markRepair(effect: RoutingEffect, contests: ReadonlyMap<IfIndex, Contest>): RoutingEffect {
  for (const [repairs, { pending }] of contests) {
    if (pending.has(subjectKey(effect))) return { ...effect, repairs };
  }
  return effect;
}

const retainsDefaults = (links: readonly WantedLink[]): boolean =>
  links.some((link) => link.families.some((family) => family.defaults.origin?.kind === 'retained'));

function noteRestorations(
  contests: ReadonlyMap<IfIndex, Contest>,
  comparison: RoutingComparison,
  effects: readonly RoutingEffect[],
): ReadonlyMap<IfIndex, Contest> {
  if (contests.size === 0) return contests;
  const keys = new Set<string>();
  for (const effect of effects) {
    const key = subjectKey(effect);
    if (comparison.wanted.has(key)) keys.add(key);
  }
  return new Map([...contests].map(([index, contest]) => [index, noteRestored(contest, keys)]));
}
