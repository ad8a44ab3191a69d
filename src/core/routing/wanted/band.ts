/** Where netevd's band of rule priorities begins: `routing.rule_priority`. */
import type { Family } from '../../model/address.ts';
import { longestDefaultPart } from '../../model/default-part.ts';
import { tableId } from '../../model/ids.ts';
import { ReservedTable, RuleAction, type RuleObject } from '../../model/kernel-objects.ts';
import { ruleKey } from '../../model/keys.ts';
import { emptyMap } from '../../model/persistent-map.ts';
import { NETEVD_PROTOCOL } from '../../model/routing-identity.ts';
import { leavesBy, PathFinder } from '../paths/path-finder.ts';
import type { PathEnd } from '../paths/walk.ts';
import { isOwn } from '../piece.ts';
import { isSelectedLink, type RoutingPolicy } from '../policy.ts';
import { group } from '../view/split-by-owner.ts';
import type { RoutingView, ViewRule } from '../view/view.ts';
import { RULE_STAGES, RuleStage } from './link-rules.ts';

/** The first priority of the band if no rule of another program is before it. */
export const usualBand = 30_000;

/** The band, and the rule of another program that it must come before. */
export interface Band {
  readonly first: number;
  readonly before?: RuleObject;
}

/** `FIB_RULE_INVERT` of linux/fib_rules.h. */
const invertFlag = 2;

interface CachedBand {
  readonly view: Pick<RoutingView, 'rules' | 'routes'>;
  readonly policy: RoutingPolicy;
  readonly band: Band;
}

/** The last result for each list of links. */
const cache = new WeakMap<RoutingView['links'], CachedBand>();

/**
 * Returns the configured band; for `auto`, the usual one, or the one right before the first rule of another program that
 * would send packets of all addresses elsewhere (WireGuard's `not from all fwmark … lookup`, a full tunnel of IPsec, an
 * exit node of Tailscale). A rule about one source is no such rule: its author wants those packets.
 */
export function wantedBand(view: RoutingView, policy: RoutingPolicy): Band {
  if (policy.rulePriority !== 'auto') return { first: policy.rulePriority };
  const last = cache.get(view.links);
  const isSame =
    last?.policy === policy && last.view.rules === view.rules && last.view.routes === view.routes;
  if (last !== undefined && isSame) return last.band;
  const before = firstCatchAll(view, policy);
  const first = before === undefined ? usualBand : before.priority - RULE_STAGES;
  const band = before === undefined || first < 1 ? { first: usualBand } : { first, before };
  cache.set(view.links, { view, policy, band });
  return band;
}

/** Returns the first rule that catches packets before they come to the usual band. */
function firstCatchAll(view: RoutingView, policy: RoutingPolicy): RuleObject | undefined {
  const finder = new PathFinder({ ...view, ownRules: probes, ownRoutes: noRoutes });
  let found: RuleObject | undefined;
  for (const link of view.links) {
    if (link.loopback || !isSelectedLink(policy, link)) continue;
    for (const { family, address } of link.addresses) {
      for (const ending of finder.endings(family, address)) {
        const rule = leavesBy(ending, link.index) ? undefined : catcherOf(ending);
        if (rule !== undefined && (found === undefined || rule.priority < found.priority)) found = rule;
      }
    }
  }
  return found;
}

/** Returns the rule that catches the packet; undefined if it reaches the band, or the rule is about its source. */
function catcherOf({ rule, through }: PathEnd): RuleObject | undefined {
  if (rule === undefined || isOwn(rule)) return undefined;
  const catcher = through ?? rule;
  const isLater = catcher.priority > probePriority;
  return isLater || isAboutSource(catcher) ? undefined : catcher;
}

const isAboutSource = ({ source, family, flags }: RuleObject): boolean =>
  source !== undefined && source.length > longestDefaultPart[family] && (flags & invertFlag) === 0;

/** Stands for the rule of the band that decides. */
const probePriority = usualBand + RuleStage.linkDefault;
const probes = group(
  ([4, 6] as const).map((family) => ({ rule: probeRule(family), count: 1 })),
  ({ rule }: ViewRule) => ruleKey(rule),
);
const noRoutes: RoutingView['ownRoutes'] = emptyMap();

function probeRule(family: Family): RuleObject {
  return {
    family,
    priority: probePriority,
    table: tableId(ReservedTable.unspec),
    action: RuleAction.blackhole,
    protocol: NETEVD_PROTOCOL,
    tos: 0,
    flags: 0,
  };
}
