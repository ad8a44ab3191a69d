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
import { copiedMetrics, type GatewayRoute, plainHop } from './gateways.ts';

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
 * Returns the networks of the link as the main table has them: for each network of its addresses and for each that
 * main reaches on the link without a gateway, the route of this link that main uses, which may have a gateway
 * (hosts whose neighbours are reached by the router). Nothing is derived from an address: where main has no route,
 * the kernel was told so (`noprefixroute`). `main`: the routes of main that lead out by this link.
 */
export function networksOf(
  link: ViewLink,
  family: Family,
  main: readonly RouteObject[],
): readonly RouteObject[] {
  const own = link.addresses.filter((address) => address.family === family);
  const ownTexts = new Set<string>(own.map((address) => address.address));
  const candidates = main.filter((route) => route.family === family && isForEveryPacket(route));
  const wanted = new Set([
    ...own.flatMap(networkKeyOf),
    ...candidates.filter((route) => route.nextHops[0]?.gateway === undefined).map(keyOfRoute),
  ]);
  const networks = new Map<string, RouteObject>();
  for (const route of candidates.toSorted((a, b) => a.priority - b.priority)) {
    const key = keyOfRoute(route);
    const isOwnAddress = route.prefixLength === maxPrefixLength(family) && ownTexts.has(route.destination);
    if (wanted.has(key) && !isOwnAddress && !networks.has(key)) networks.set(key, route);
  }
  return [...networks.values()];
}

const keyOfRoute = (route: RouteObject): string => prefixKey(prefixOf(route));

/** Returns the key of the network of an address; none for a single host. */
function networkKeyOf({ address, peer, prefixLength, family }: ViewAddress): readonly string[] {
  if (peer === undefined && prefixLength === maxPrefixLength(family)) return [];
  return [prefixKey(networkOf(peer ?? address, prefixLength))];
}

const isForEveryPacket = (route: RouteObject): boolean =>
  route.type === RouteType.unicast &&
  route.tos === 0 &&
  route.sourceLength === 0 &&
  !isLinkLocal(route.destination) &&
  !isMulticast(route.destination);

/** Whether the destination of the route is on the link itself. */
function isOnLinkRoute(route: RouteObject, index: IfIndex): boolean {
  const [hop, ...others] = route.nextHops;
  const isDirect = hop?.ifindex === index && others.length === 0 && hop.gateway === undefined;
  return isDirect && isForEveryPacket(route);
}

/**
 * Returns the parts of the link's networks that the main table sends elsewhere by a more specific route, such
 * as addresses of containers from the link's subnet. Routes over other uplinks do not count: answers leave by
 * the link that received the request.
 */
export function exceptionsOf(
  link: ViewLink,
  networks: readonly RouteObject[],
  main: readonly RouteObject[],
  uplinks: ReadonlySet<IfIndex>,
): readonly Prefix[] {
  const own = new Set(networks.map(keyOfRoute));
  const exceptions = new Map<string, Prefix>();
  for (const route of main) {
    if (leadsToUplink(route, link, uplinks)) continue;
    const prefix = prefixOf(route);
    if (!networks.some((network) => isInside(prefix, prefixOf(network)))) continue;
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

/** Returns main's routes to the networks of the link as routes of `table`. */
export function networkRoutes(table: TableId, networks: readonly RouteObject[]): readonly RouteObject[] {
  return networks.map((network) => {
    const { family, metrics } = network;
    const nextHops = network.nextHops.map((hop) => withOnlink(plainHop(hop, network), networks));
    const isDirect = nextHops.every((hop) => hop.gateway === undefined);
    const copied = copiedMetrics(metrics);
    return {
      ...baseRoute(family, table, prefixOf(network)),
      scope: family === 4 && isDirect ? Scope.link : Scope.universe,
      nextHops,
      ...(copied === undefined ? {} : { metrics: copied }),
    };
  });
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
  networks: readonly RouteObject[],
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

/** Marks a gateway as on-link unless the table has it on the link itself: the kernel refuses it otherwise. */
function withOnlink(hop: NextHop, networks: readonly RouteObject[]): NextHop {
  const { gateway } = hop;
  if (gateway === undefined) return hop;
  if (familyOf(gateway) === 6 && isLinkLocal(gateway)) return hop;
  const [best] = networks
    .filter((network) => contains(prefixOf(network), gateway))
    .toSorted((a, b) => b.prefixLength - a.prefixLength);
  const isDirect = best?.nextHops.every((way) => way.gateway === undefined);
  return isDirect ? hop : { ...hop, flags: hop.flags | RouteFlag.onlink };
}
