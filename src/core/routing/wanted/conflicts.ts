/** Conflicts with objects of other programs. netevd reports them and does not change the objects. */
import { contains, type IpAddress, maxPrefixLength } from '../../model/address.ts';
import type { TableId } from '../../model/ids.ts';
import {
  type RouteObject,
  RouteProtocol,
  RouteType,
  RuleAction,
  type RuleObject,
} from '../../model/kernel-objects.ts';
import { routeSlot } from '../piece.ts';
import { ownerOfRoute, ownerOfRule } from '../report/known-owners.ts';
import { indexRoutes } from '../view/route-index.ts';
import type { RoutingView, ViewAddress } from '../view/view.ts';
import { RULE_STAGES } from './link-rules.ts';

export type Conflict =
  /** Another program uses the table, so the family gets no routes in it. `route` shows the use. */
  | {
      readonly kind: 'tableInUse';
      readonly table: TableId;
      readonly route: RouteObject;
      readonly owner?: string;
    }
  /** Another policy link has this table. */
  | { readonly kind: 'tableTaken'; readonly table: TableId; readonly by: string }
  /** A route of another program is in the slot of one of netevd. */
  | { readonly kind: 'routeInTheWay'; readonly route: RouteObject; readonly owner?: string }
  /** A rule of another program decides about the address before those of netevd. */
  | {
      readonly kind: 'ruleInTheWay';
      readonly address: IpAddress;
      readonly rule: RuleObject;
      readonly owner?: string;
    }
  /** Another link has the same address and answers for it. */
  | { readonly kind: 'addressElsewhere'; readonly address: IpAddress; readonly link: string }
  /** The rules never apply to packets of a link in a VRF. */
  | { readonly kind: 'linkInVrf'; readonly vrf: string };

const withOwner = (conflict: Conflict, owner: string | undefined): Conflict =>
  owner === undefined ? conflict : ({ ...conflict, owner } as Conflict);

/**
 * Returns a conflict if another program uses the table: it has the kernel's routes of a VRF, or a default
 * route that would win over netevd's or that other rules look up. Other routes in it are harmless, and netevd
 * leaves them alone.
 */
export function tableConflict(
  view: RoutingView,
  table: TableId,
  family: 4 | 6,
  defaultMetric: number,
): Conflict | undefined {
  const routes = (indexRoutes(view.routes).foreign.get(table) ?? []).filter(
    (route) => route.family === family,
  );
  if (routes.length === 0) return undefined;
  const lookedUp = view.rules.some(({ rule }) => rule.table === table && rule.family === family);
  const route = routes.find(
    (candidate) =>
      candidate.protocol === RouteProtocol.kernel ||
      (candidate.prefixLength === 0 &&
        candidate.type === RouteType.unicast &&
        (lookedUp || candidate.priority <= defaultMetric)),
  );
  return route && withOwner({ kind: 'tableInUse', table, route }, ownerOfRoute(route));
}

/** Returns the slots of the table that routes of other programs occupy. */
export function takenSlots(view: RoutingView, table: TableId): ReadonlyMap<string, RouteObject> {
  const foreign = indexRoutes(view.routes).foreign.get(table) ?? [];
  return new Map(foreign.map((route) => [routeSlot(route), route]));
}

/** Returns the conflict of a route in the slot of one of netevd. */
export const routeInTheWay = (route: RouteObject): Conflict =>
  withOwner({ kind: 'routeInTheWay', route }, ownerOfRoute(route));

/**
 * Returns the rules of other programs that apply before netevd's and select by source alone. Rules for all
 * packets (tables of VPNs) and for marked or incoming packets are no conflict: their authors want them to
 * apply first.
 */
export function earlierSourceRules(view: RoutingView, band: number): readonly RuleObject[] {
  return view.rules
    .map(({ rule }) => rule)
    .filter((rule) => rule.priority < band + RULE_STAGES && isAboutSource(rule));
}

function isAboutSource(rule: RuleObject): boolean {
  return (
    rule.source !== undefined &&
    rule.action === RuleAction.toTable &&
    rule.destination === undefined &&
    rule.inputInterface === undefined &&
    rule.outputInterface === undefined &&
    rule.firewallMark === undefined &&
    rule.ipProtocol === undefined &&
    rule.uidRange === undefined &&
    rule.suppressPrefixLength === undefined &&
    rule.flags === 0
  );
}

/**
 * Returns a conflict for the first of `rules` that applies to packets from the address; `table` is netevd's.
 */
export function ruleInTheWay(
  rules: readonly RuleObject[],
  address: ViewAddress,
  table: TableId,
): Conflict | undefined {
  const rule = rules.find(
    (candidate) =>
      candidate.family === address.family &&
      candidate.table !== table &&
      candidate.source !== undefined &&
      covers(candidate.source, address),
  );
  return rule && withOwner({ kind: 'ruleInTheWay', address: address.address, rule }, ownerOfRule(rule));
}

function covers(source: NonNullable<RuleObject['source']>, address: ViewAddress): boolean {
  if (source.length === maxPrefixLength(address.family)) return source.address === address.address;
  return contains(source, address.address);
}
