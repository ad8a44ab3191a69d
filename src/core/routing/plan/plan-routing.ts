/**
 * Policy routing as a reconciliation: what ought to be there, less what is there. Pure. To be called again whenever the
 * view has changed, when the outcomes of a plan have come, and when the time that it named has passed.
 */
import { after, type IfIndex, type Instant, millis } from '../../model/ids.ts';
import type { RoutingPolicy } from '../policy.ts';
import { noticesOf, type RoutingNotice } from '../report/routing-notices.ts';
import type { RoutingView } from '../view/view.ts';
import { findWanted, type WantedLink } from '../wanted/wanted.ts';
import { chooseEffects } from './choose-effects.ts';
import { type Comparison, compare } from './compare.ts';
import { type Contest, restoring } from './contest.ts';
import { noteLosses } from './losses.ts';
import type { RoutingEffect } from './routing-effect.ts';
import { type RoutingMemory, subjectKey } from './routing-memory.ts';

export interface RoutingPlan {
  /** To be carried out in this order, one after the other, whatever becomes of each. */
  readonly effects: readonly RoutingEffect[];
  /** What the operator should know, once. */
  readonly notices: readonly RoutingNotice[];
  readonly memory: RoutingMemory;
  /** Plan again then, even if nothing happens. */
  readonly nextAt?: Instant;
}

/** How long after the start a gateway that nobody names (yet) is kept: managers are being asked. */
const startGrace = millis(10_000);

/** Whether the start is so recent that silence about gateways means nothing. */
export const isStarting = (memory: RoutingMemory, now: Instant): boolean =>
  now < after(memory.startedAt ?? now, startGrace);

/** While effects are in flight, or what exists is not known for certain, the plan is to wait. */
export function planRouting(
  view: RoutingView,
  policy: RoutingPolicy,
  memory: RoutingMemory,
  now: Instant,
): RoutingPlan {
  if (!view.certain.rules || memory.inFlight.size > 0) return { effects: [], notices: [], memory };
  const startedAt = memory.startedAt ?? now;
  const starting = isStarting(memory, now);
  const wanted = findWanted(view, policy, starting);
  const { links } = wanted;
  const comparison = compare(view, wanted, memory, now);
  const contests = noteLosses(comparison, memory, now);
  const choice = chooseEffects(comparison, contests, memory.failures, now);
  const notices = noticesOf(links, contests, choice.failures);
  const next: RoutingMemory = {
    startedAt,
    inFlight: choice.links,
    assumed: comparison.assumed,
    failures: choice.failures,
    contests: putBack(contests, comparison, choice.effects),
    wanted: comparison.wanted,
    missing: new Set([...comparison.missing, ...comparison.unsure].map(({ key }) => key)),
    told: new Set(notices.map((notice) => notice.key)),
  };
  const nextAt = earliest([
    choice.waitUntil,
    ...[...comparison.assumed.values()].map(({ until }) => until),
    starting && keepsDefaults(links) ? after(startedAt, startGrace) : undefined,
  ]);
  const plan = {
    effects: choice.effects,
    notices: notices.filter((notice) => !memory.told.has(notice.key)),
    memory: next,
  };
  return nextAt === undefined ? plan : { ...plan, nextAt };
}

const keepsDefaults = (links: readonly WantedLink[]): boolean =>
  links.some((link) => link.families.some((family) => family.defaults.origin?.kind === 'kept'));

function putBack(
  contests: ReadonlyMap<IfIndex, Contest>,
  comparison: Comparison,
  effects: readonly RoutingEffect[],
): ReadonlyMap<IfIndex, Contest> {
  if (contests.size === 0) return contests;
  const keys = new Set<string>();
  for (const effect of effects) {
    const key = subjectKey(effect);
    if (comparison.wanted.has(key)) keys.add(key);
  }
  return new Map([...contests].map(([index, contest]) => [index, restoring(contest, keys)]));
}

const earliest = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce(
    (best, at) => (best === undefined || (at !== undefined && at < best) ? at : best),
    undefined,
  );
