/** What of others stands in the way. It is reported and left as it is. */
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
  /** The table is in use: the family gets nothing in it. `route` is the one that shows it. */
  | {
      readonly kind: 'tableInUse';
      readonly table: TableId;
      readonly route: RouteObject;
      readonly owner?: string;
    }
  /** Another link of the policy has this table. */
  | { readonly kind: 'tableTaken'; readonly table: TableId; readonly by: string }
  /** Somebody's route is where netevd's would be. */
  | { readonly kind: 'routeInTheWay'; readonly route: RouteObject; readonly owner?: string }
  /** Somebody's rule decides about the address before netevd's do. */
  | {
      readonly kind: 'ruleInTheWay';
      readonly address: IpAddress;
      readonly rule: RuleObject;
      readonly owner?: string;
    }
  /** Another link has the same address, and answers for it. */
  | { readonly kind: 'addressElsewhere'; readonly address: IpAddress; readonly link: string }
  /** Packets of a link in a VRF never come to these rules. */
  | { readonly kind: 'linkInVrf'; readonly vrf: string };

const named = (conflict: Conflict, owner: string | undefined): Conflict =>
  owner === undefined ? conflict : ({ ...conflict, owner } as Conflict);

/**
 * Whether the table is somebody's: the kernel keeps a VRF's routes there, or it holds a default route that would win
 * over netevd's, or that rules of others look up. Other routes in it do no harm, and none is done to them.
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
  return route && named({ kind: 'tableInUse', table, route }, ownerOfRoute(route));
}

/** Slots of the table that others have taken. */
export function takenSlots(view: RoutingView, table: TableId): ReadonlyMap<string, RouteObject> {
  const foreign = indexRoutes(view.routes).foreign.get(table) ?? [];
  return new Map(foreign.map((route) => [routeSlot(route), route]));
}

/** A route of somebody else's has the place in the table that one of ours needs. */
export const routeInTheWay = (route: RouteObject): Conflict =>
  named({ kind: 'routeInTheWay', route }, ownerOfRoute(route));

/**
 * Rules of others that are looked at before netevd's and are about sources alone, by family. Rules for everything
 * (tables of VPNs) and for marked or incoming packets are no conflict: they are what their makers want first.
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

/** The first of `rules` that decides about packets from the address; `table` is netevd's own. */
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
  return rule && named({ kind: 'ruleInTheWay', address: address.address, rule }, ownerOfRule(rule));
}

function covers(source: NonNullable<RuleObject['source']>, address: ViewAddress): boolean {
  if (source.length === maxPrefixLength(address.family)) return source.address === address.address;
  return contains(source, address.address);
}
