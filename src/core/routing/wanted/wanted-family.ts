/** The wanted rules and routes of a link in one family. */
import type { Family } from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import { routeSlot } from '../piece.ts';
import { indexRoutes } from '../view/route-index.ts';
import { itemsOf } from '../view/split-by-owner.ts';
import type { RoutingView, ViewAddress, ViewLink } from '../view/view.ts';
import { type AddressTable, tablesOfAddresses } from './address-tables.ts';
import { type Conflict, routeInTheWay, tableConflict, takenSlots } from './conflicts.ts';
import { chooseGateways, type GatewayOrigin, type GatewayRoute } from './gateways.ts';
import {
  defaultMetric,
  defaultRoutes,
  exceptionRoute,
  exceptionsOf,
  networkRoutes,
  networksOf,
} from './link-routes.ts';
import { rulesOfAddress } from './link-rules.ts';

/** The policy link that answers for each address. */
export type AddressOwners = ReadonlyMap<string, ViewLink>;

/** The properties of all links that the plan for one link depends on. */
export interface WantedContext {
  readonly view: RoutingView;
  /** First priority of the own band. */
  readonly band: number;
  readonly uplinks: ReadonlySet<IfIndex>;
  readonly owners: AddressOwners;
  /** The links that have tables, by table. */
  readonly assigned: ReadonlyMap<TableId, string>;
  readonly retainDefaults: boolean;
}

/** The default routes and the source of their gateways; no origin without a gateway. */
export interface WantedDefaults {
  readonly origin?: GatewayOrigin;
  readonly routes: readonly RouteObject[];
}

export interface WantedFamily {
  readonly family: Family;
  readonly addresses: readonly ViewAddress[];
  /** Set also while the link is down and they cannot exist. */
  readonly defaults: WantedDefaults;
  /** In the order of their addition; none while the link is down. */
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
  readonly conflicts: readonly Conflict[];
}

export function wantedFamily(
  link: ViewLink,
  family: Family,
  table: TableId,
  context: WantedContext,
): WantedFamily {
  const all = link.addresses.filter((address) => address.family === family);
  const onOtherLinks = all.filter((address) => context.owners.get(address.address) !== link);
  const addresses = all.filter((address) => !onOtherLinks.includes(address));
  const conflicts: Conflict[] = onOtherLinks.map(({ address }) => ({
    kind: 'addressElsewhere',
    address,
    link: context.owners.get(address)?.name ?? '',
  }));
  const { main, mainByLink } = indexRoutes(context.view.routes);
  const networks = networksOf(link, family, mainByLink.get(link.index) ?? []);
  const { origin, gateways } = wantedGateways(link, family, table, context);
  const tables = usableTables(tablesOfAddresses(table, addresses, gateways), family, context, conflicts);
  const defaults: WantedDefaults = {
    ...(origin === undefined ? {} : { origin }),
    routes: tables.flatMap((one) => defaultRoutes(family, one.table, one.gateways, networks)),
  };
  const idle = { family, addresses, defaults, routes: [], rules: [], conflicts };
  if (addresses.length === 0) return idle;
  const inUse = tableConflict(context.view, table, family, defaultMetric[family]);
  if (inUse !== undefined) return { ...idle, conflicts: [...conflicts, inUse] };
  const rules = tables.flatMap((one) =>
    one.addresses.flatMap((address) => rulesFor(address, one.table, context.band)),
  );
  if (!link.up) return { ...idle, rules };
  const exceptions = exceptionsOf(link, networks, main, context.uplinks);
  const routes = tables.flatMap((one) => {
    const wanted = [
      ...networkRoutes(one.table, networks),
      ...exceptions.map((prefix) => exceptionRoute(one.table, prefix)),
      ...defaultRoutes(family, one.table, one.gateways, networks),
    ];
    return withoutTaken(wanted, one.table, context.view, conflicts);
  });
  return { ...idle, rules, routes };
}

/**
 * Returns the tables whose numbers are free. Addresses of a further one that is taken use the table of the link, and
 * `conflicts` says so.
 */
function usableTables(
  [own, ...further]: readonly AddressTable[],
  family: Family,
  { view, assigned }: WantedContext,
  conflicts: Conflict[],
): readonly AddressTable[] {
  if (own === undefined) return [];
  const usable: AddressTable[] = [];
  const homeless: ViewAddress[] = [];
  for (const one of further) {
    const by = assigned.get(one.table);
    const conflict: Conflict | undefined =
      by === undefined
        ? tableConflict(view, one.table, family, defaultMetric[family])
        : { kind: 'tableTaken', table: one.table, by };
    if (conflict === undefined) usable.push(one);
    else {
      conflicts.push(conflict);
      homeless.push(...one.addresses);
    }
  }
  return [homeless.length === 0 ? own : { ...own, addresses: [...own.addresses, ...homeless] }, ...usable];
}

interface WantedGateways {
  readonly origin?: GatewayOrigin;
  readonly gateways: readonly GatewayRoute[];
}

/** Returns the known gateways; those of the existing default routes if a source cannot answer now. */
function wantedGateways(
  link: ViewLink,
  family: Family,
  table: TableId,
  context: WantedContext,
): WantedGateways {
  const choice = chooseGateways(context.view, link, family);
  if (choice.kind === 'known') return { origin: choice.origin, gateways: choice.gateways };
  if (choice.kind === 'none' && !context.retainDefaults) return { gateways: [] };
  const retained = [...itemsOf(context.view.ownRoutes)].filter(
    (route) =>
      route.family === family &&
      route.table === table &&
      route.prefixLength === 0 &&
      route.nextHops.some((hop) => hop.ifindex === link.index),
  );
  const gateways = retained.toSorted((a, b) => a.priority - b.priority).map(gatewayOfOwn);
  return gateways.length === 0 ? { gateways } : { origin: { kind: 'retained' }, gateways };
}

const gatewayOfOwn = ({ nextHops, metrics }: RouteObject): GatewayRoute =>
  metrics === undefined ? { nextHops } : { nextHops, metrics };

/** Leaves out routes whose slot a route of another program occupies; adds a conflict for each. */
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

/** Rules by address, so that a plan costs what has changed. */
const cache = new WeakMap<ViewAddress, CachedRules>();

function rulesFor(address: ViewAddress, table: TableId, band: number): readonly RuleObject[] {
  const cached = cache.get(address);
  if (cached?.table === table && cached.band === band) return cached.rules;
  const rules = rulesOfAddress(address, table, band);
  cache.set(address, { table, band, rules });
  return rules;
}
