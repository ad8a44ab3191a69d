/** The routes in the table of a link: its networks, exceptions to them, and its default routes. */
import {
  contains,
  type Family,
  familyOf,
  isLinkLocal,
  isMulticast,
  maxPrefixLength,
  networkOf,
  type Prefix,
  unspecified,
} from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import { type NextHop, RouteFlag, type RouteObject, RouteType, Scope } from '../../model/kernel-objects.ts';
import { NETEVD_PROTOCOL } from '../../model/routing-identity.ts';
import type { ViewAddress, ViewLink } from '../view/view.ts';
import type { GatewayRoute } from './gateways.ts';

/** Metric of the first default route: none in IPv4, the usual one in IPv6 (IP6_RT_PRIO_USER). */
export const defaultMetric: Readonly<Record<Family, number>> = { 4: 0, 6: 1024 };
/** Metric of the networks: IP6_RT_PRIO_ADDRCONF, like the kernel's own. */
const networkMetric = { 4: 0, 6: 256 } as const;

const prefixKey = (prefix: Prefix): string => `${prefix.address}/${prefix.length}`;
const prefixOf = (route: RouteObject): Prefix => ({
  address: route.destination,
  length: route.prefixLength,
});

/**
 * Returns the networks of the link: those of its addresses, and those that the main table reaches on it
 * without a gateway (addresses with `noprefixroute`, host routes to gateways). `onLink`: such routes of the
 * main table.
 */
export function networksOf(
  link: ViewLink,
  family: Family,
  onLink: readonly RouteObject[],
): readonly Prefix[] {
  const networks = new Map<string, Prefix>();
  const own = link.addresses.filter((address) => address.family === family);
  for (const address of own) {
    const network = networkOfAddress(address);
    if (network !== undefined) networks.set(prefixKey(network), network);
  }
  const ownTexts = new Set<string>(own.map((address) => address.address));
  for (const route of onLink) {
    if (route.family !== family || !isOnLinkRoute(route, link.index)) continue;
    const host = route.prefixLength === maxPrefixLength(family) && ownTexts.has(route.destination);
    if (!host) networks.set(prefixKey(prefixOf(route)), prefixOf(route));
  }
  return [...networks.values()];
}

function networkOfAddress(address: ViewAddress): Prefix | undefined {
  if (address.peer !== undefined) return networkOf(address.peer, address.prefixLength);
  const alone = address.prefixLength === maxPrefixLength(address.family);
  return alone || !address.onLink ? undefined : networkOf(address.address, address.prefixLength);
}

/** Whether the destination of the route is on the link itself, so that netevd copies the route. */
function isOnLinkRoute(route: RouteObject, index: IfIndex): boolean {
  const [hop, ...others] = route.nextHops;
  return (
    hop?.ifindex === index &&
    others.length === 0 &&
    hop.gateway === undefined &&
    route.type === RouteType.unicast &&
    route.tos === 0 &&
    route.sourceLength === 0 &&
    !isLinkLocal(route.destination) &&
    !isMulticast(route.destination)
  );
}

/**
 * Returns the parts of the link's networks that the main table sends elsewhere by a more specific route, such
 * as addresses of containers from the link's subnet. Routes over other uplinks do not count: answers leave by
 * the link that received the request.
 */
export function exceptionsOf(
  link: ViewLink,
  networks: readonly Prefix[],
  main: readonly RouteObject[],
  uplinks: ReadonlySet<IfIndex>,
): readonly Prefix[] {
  const own = new Set(networks.map(prefixKey));
  const exceptions = new Map<string, Prefix>();
  for (const route of main) {
    if (leadsToUplink(route, link, uplinks)) continue;
    const prefix = prefixOf(route);
    if (!networks.some((network) => isInside(prefix, network))) continue;
    if (own.has(prefixKey(prefix)) || isOnLinkRoute(route, link.index)) continue;
    exceptions.set(prefixKey(prefix), prefix);
  }
  return [...exceptions.values()];
}

const isInside = (prefix: Prefix, network: Prefix): boolean =>
  prefix.length > network.length && contains(network, prefix.address);

const leadsToUplink = (route: RouteObject, link: ViewLink, uplinks: ReadonlySet<IfIndex>): boolean =>
  route.nextHops.length > 0 &&
  route.nextHops.every((hop) => hop.ifindex !== link.index && uplinks.has(hop.ifindex));

/** Returns a route of netevd in `table`, without next hops. */
const baseRoute = (family: Family, table: TableId, prefix: Prefix): RouteObject => ({
  family,
  table,
  destination: prefix.address,
  prefixLength: prefix.length,
  sourceLength: 0,
  tos: 0,
  type: RouteType.unicast,
  protocol: NETEVD_PROTOCOL,
  scope: Scope.universe,
  flags: 0,
  priority: networkMetric[family],
  nextHops: [],
});

/** Returns the route to a network that is on the link itself. */
export function networkRoute(link: ViewLink, table: TableId, network: Prefix): RouteObject {
  const family = familyOf(network.address);
  const scope = family === 4 ? Scope.link : Scope.universe;
  return {
    ...baseRoute(family, table, network),
    scope,
    nextHops: [{ ifindex: link.index, weight: 1, flags: 0 }],
  };
}

/** Returns a `throw` route: the lookup continues with the next rule, the one for the main table. */
export const exceptionRoute = (table: TableId, exception: Prefix): RouteObject => ({
  ...baseRoute(familyOf(exception.address), table, exception),
  type: RouteType.throw,
});

/** Returns the default routes, best gateway first, each with its own metric. */
export function defaultRoutes(
  family: Family,
  table: TableId,
  gateways: readonly GatewayRoute[],
  networks: readonly Prefix[],
): readonly RouteObject[] {
  return gateways.map((gateway, rank) => {
    const nextHops = gateway.nextHops.map((hop) => withOnlink(hop, networks));
    const viaGateway = family === 6 || nextHops.some((hop) => hop.gateway !== undefined);
    return {
      ...baseRoute(family, table, { address: unspecified(family), length: 0 }),
      scope: viaGateway ? Scope.universe : Scope.link,
      priority: defaultMetric[family] + rank,
      nextHops,
      ...(gateway.metrics === undefined ? {} : { metrics: gateway.metrics }),
    };
  });
}

/** Marks a gateway as on-link if no network of the table contains it: the kernel refuses it otherwise. */
function withOnlink(hop: NextHop, networks: readonly Prefix[]): NextHop {
  const { gateway } = hop;
  if (gateway === undefined) return hop;
  const linkLocal = familyOf(gateway) === 6 && isLinkLocal(gateway);
  if (linkLocal || networks.some((network) => contains(network, gateway))) return hop;
  return { ...hop, flags: hop.flags | RouteFlag.onlink };
}
