/** What a link ought to have in one family. */
import type { Family, Prefix } from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import { routeSlot } from '../piece.ts';
import { indexRoutes } from '../view/route-index.ts';
import { itemsOf } from '../view/split-by-link.ts';
import type { RoutingView, ViewAddress, ViewLink } from '../view/view.ts';
import { type Conflict, routeInTheWay, ruleInTheWay, tableConflict, takenSlots } from './conflicts.ts';
import { chooseWays, type WayOrigin } from './gateways.ts';
import {
  defaultMetric,
  defaultRoutes,
  exceptionRoute,
  exceptionsOf,
  networkRoute,
  networksOf,
} from './link-routes.ts';
import { rulesOfAddress } from './link-rules.ts';

/** The link of the policy that answers for each address. */
export type AddressOwners = ReadonlyMap<string, ViewLink>;

/** What all links need to know of each other. */
export interface WantedContext {
  readonly view: RoutingView;
  /** First priority of the own band. */
  readonly band: number;
  readonly uplinks: ReadonlySet<IfIndex>;
  readonly owners: AddressOwners;
  /** Rules of others about sources that come before the band. */
  readonly earlierRules: readonly RuleObject[];
  readonly keepDefaults: boolean;
}

/** The default routes, and who told the gateway; nobody did where there is no origin. */
export interface WantedDefaults {
  readonly origin?: WayOrigin;
  readonly routes: readonly RouteObject[];
}

export interface WantedFamily {
  readonly family: Family;
  readonly addresses: readonly ViewAddress[];
  /** Also while the link is down and they cannot exist. */
  readonly defaults: WantedDefaults;
  /** In the order in which they have to be added; none while the link is down. */
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
  readonly conflicts: readonly Conflict[];
}

export function wantedFamily(
  link: ViewLink,
  family: Family,
  table: TableId,
  around: WantedContext,
): WantedFamily {
  const all = link.addresses.filter((address) => address.family === family);
  const elsewhere = all.filter((address) => around.owners.get(address.address) !== link);
  const addresses = all.filter((address) => !elsewhere.includes(address));
  const conflicts: Conflict[] = elsewhere.map(({ address }) => ({
    kind: 'addressElsewhere',
    address,
    link: around.owners.get(address)?.name ?? '',
  }));
  const { main, onLink } = indexRoutes(around.view.routes);
  const networks = networksOf(link, family, onLink.get(link.index) ?? []);
  const defaults = wantedDefaults(link, family, table, networks, around);
  const idle = { family, addresses, defaults, routes: [], rules: [], conflicts };
  if (addresses.length === 0) return idle;
  const inUse = tableConflict(around.view, table, family, defaultMetric[family]);
  if (inUse !== undefined) return { ...idle, conflicts: [...conflicts, inUse] };
  const earlier = addresses.map((address) => ruleInTheWay(around.earlierRules, address, table));
  conflicts.push(...earlier.filter((conflict) => conflict !== undefined));
  const rules = addresses.flatMap((address) => rulesFor(address, table, around.band));
  if (!link.up) return { ...idle, rules };
  const routes = [
    ...networks.map((network) => networkRoute(link, table, network)),
    ...exceptionsOf(link, networks, main, around.uplinks).map((prefix) => exceptionRoute(table, prefix)),
    ...defaults.routes,
  ];
  return { ...idle, rules, routes: withoutTaken(routes, table, around.view, conflicts) };
}

/** By the word of those who know; else, where somebody who may know cannot be asked, what was there before. */
function wantedDefaults(
  link: ViewLink,
  family: Family,
  table: TableId,
  networks: readonly Prefix[],
  around: WantedContext,
): WantedDefaults {
  const choice = chooseWays(around.view, link, family);
  if (choice.kind === 'known') {
    return { origin: choice.origin, routes: defaultRoutes(family, table, choice.ways, networks) };
  }
  if (choice.kind === 'none' && !around.keepDefaults) return { routes: [] };
  const kept = [...itemsOf(around.view.ownRoutes)].filter(
    (route) =>
      route.family === family &&
      route.table === table &&
      route.prefixLength === 0 &&
      route.nextHops.some((hop) => hop.ifindex === link.index),
  );
  return kept.length === 0 ? { routes: [] } : { origin: { kind: 'kept' }, routes: kept };
}

/** Leaves out, and reports, where the route of somebody else already is. */
function withoutTaken(
  routes: readonly RouteObject[],
  table: TableId,
  view: RoutingView,
  conflicts: Conflict[],
): readonly RouteObject[] {
  const taken = takenSlots(view, table);
  if (taken.size === 0) return routes;
  return routes.filter((route) => {
    const other = taken.get(routeSlot(route));
    if (other !== undefined) conflicts.push(routeInTheWay(other));
    return other === undefined;
  });
}

interface CachedRules {
  readonly table: TableId;
  readonly band: number;
  readonly rules: readonly RuleObject[];
}

/** An address keeps its rules, so that a plan costs what has changed. */
const cache = new WeakMap<ViewAddress, CachedRules>();

function rulesFor(address: ViewAddress, table: TableId, band: number): readonly RuleObject[] {
  const cached = cache.get(address);
  if (cached?.table === table && cached.band === band) return cached.rules;
  const rules = rulesOfAddress(address, table, band);
  cache.set(address, { table, band, rules });
  return rules;
}
