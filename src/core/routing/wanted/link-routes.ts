/** What stands in the table of a link: its networks, exceptions to them, and its default routes. */
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
import type { Way } from './gateways.ts';

/** Metric of the first default route: IPv4 has none then, IPv6 its usual one (IP6_RT_PRIO_USER). */
export const defaultMetric: Readonly<Record<Family, number>> = { 4: 0, 6: 1024 };
/** Metric of the networks: IP6_RT_PRIO_ADDRCONF, as the kernel's own. */
const networkMetric = { 4: 0, 6: 256 } as const;

const prefixKey = (prefix: Prefix): string => `${prefix.address}/${prefix.length}`;
const prefixOf = (route: RouteObject): Prefix => ({
  address: route.destination,
  length: route.prefixLength,
});

/**
 * The networks that the link is on: of its addresses, and what the main table says is reached on it without a
 * gateway (addresses with `noprefixroute`, host routes to gateways). `onLink`: routes of main that lead out of it so.
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

/** Whether the route says that its destination is on the link itself, and is worth copying. */
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
 * Parts of the link's networks that the main table sends elsewhere by a more specific route, such as the addresses of
 * containers that were taken out of the link's subnet. Routes out of other uplinks do not count: what
 * arrives here is answered here.
 */
export function exceptionsOf(
  link: ViewLink,
  networks: readonly Prefix[],
  main: readonly RouteObject[],
  uplinks: ReadonlySet<IfIndex>,
): readonly Prefix[] {
  const known = new Set(networks.map(prefixKey));
  const exceptions = new Map<string, Prefix>();
  for (const route of main) {
    if (leadsToUplink(route, link, uplinks)) continue;
    const prefix = prefixOf(route);
    if (!networks.some((network) => isInside(prefix, network))) continue;
    if (known.has(prefixKey(prefix)) || isOnLinkRoute(route, link.index)) continue;
    exceptions.set(prefixKey(prefix), prefix);
  }
  return [...exceptions.values()];
}

const isInside = (prefix: Prefix, network: Prefix): boolean =>
  prefix.length > network.length && contains(network, prefix.address);

const leadsToUplink = (route: RouteObject, link: ViewLink, uplinks: ReadonlySet<IfIndex>): boolean =>
  route.nextHops.length > 0 &&
  route.nextHops.every((hop) => hop.ifindex !== link.index && uplinks.has(hop.ifindex));

/** A route of netevd's in `table`, without the way that it goes. */
const blank = (family: Family, table: TableId, prefix: Prefix): RouteObject => ({
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

/** The route to a network that is on the link itself. */
export function networkRoute(link: ViewLink, table: TableId, network: Prefix): RouteObject {
  const family = familyOf(network.address);
  const scope = family === 4 ? Scope.link : Scope.universe;
  return {
    ...blank(family, table, network),
    scope,
    nextHops: [{ ifindex: link.index, weight: 1, flags: 0 }],
  };
}

/** `throw`: look on in the next rule, which is the one for the main table. */
export const exceptionRoute = (table: TableId, exception: Prefix): RouteObject => ({
  ...blank(familyOf(exception.address), table, exception),
  type: RouteType.throw,
});

/** The default routes, the best way first: each has a metric of its own. */
export function defaultRoutes(
  family: Family,
  table: TableId,
  ways: readonly Way[],
  networks: readonly Prefix[],
): readonly RouteObject[] {
  return ways.map((way, rank) => {
    const nextHops = way.nextHops.map((hop) => withReach(hop, networks));
    const viaGateway = family === 6 || nextHops.some((hop) => hop.gateway !== undefined);
    return {
      ...blank(family, table, { address: unspecified(family), length: 0 }),
      scope: viaGateway ? Scope.universe : Scope.link,
      priority: defaultMetric[family] + rank,
      nextHops,
      ...(way.metrics === undefined ? {} : { metrics: way.metrics }),
    };
  });
}

/** The kernel refuses a gateway that no network of the table reaches, unless it is told that it is on the link. */
function withReach(hop: NextHop, networks: readonly Prefix[]): NextHop {
  const { gateway } = hop;
  if (gateway === undefined) return hop;
  const linkLocal = familyOf(gateway) === 6 && isLinkLocal(gateway);
  if (linkLocal || networks.some((network) => contains(network, gateway))) return hop;
  return { ...hop, flags: hop.flags | RouteFlag.onlink };
}
