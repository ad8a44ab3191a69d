/** Which routes are kept, and as what: the parts of a message that are hints of the moment are no part of a route. */
import { type NextHop, RouteFlag, type RouteObject, RouteType } from './kernel-objects.ts';

const leftOut: ReadonlySet<number> = new Set([
  RouteType.local,
  RouteType.broadcast,
  RouteType.anycast,
  RouteType.multicast,
]);

/**
 * Whether a route is one of those that the state keeps: not the kernel's own entries for addresses it answers for, and
 * not cache entries (redirects, path MTU).
 */
export const isKept = (route: Pick<RouteObject, 'type' | 'flags'>): boolean =>
  !leftOut.has(route.type) && (route.flags & RouteFlag.cloned) === 0;

/**
 * `RTNH_F_PERVASIVE` and `RTNH_F_ONLINK` of linux/rtnetlink.h: what somebody has configured. The other flags (dead,
 * linkdown, offloaded, trapped …) change without a message, so what is kept of them would be a lie.
 */
const configuredFlags = 0x2 | RouteFlag.onlink;

/**
 * The route as it is kept: without the flags of the moment, and the ways of an IPv6 route in one order, for the kernel
 * begins with any of them (rt6_fill_node).
 */
export function canonicalRoute(route: RouteObject): RouteObject {
  const hops = canonicalHops(route);
  if (hops === route.nextHops && (route.flags & ~configuredFlags) === 0) return route;
  return { ...route, flags: route.flags & configuredFlags, nextHops: hops };
}

function canonicalHops(route: RouteObject): readonly NextHop[] {
  const { nextHops } = route;
  const hops = nextHops.some(isOfTheMoment)
    ? nextHops.map((hop) => ({ ...hop, flags: hop.flags & configuredFlags }))
    : nextHops;
  return route.family === 6 && hops.length > 1 ? hops.toSorted(byInterfaceAndGateway) : hops;
}

const isOfTheMoment = (hop: NextHop): boolean => (hop.flags & ~configuredFlags) !== 0;

function byInterfaceAndGateway(a: NextHop, b: NextHop): number {
  if (a.ifindex !== b.ifindex) return a.ifindex - b.ifindex;
  const one = a.gateway ?? '';
  const other = b.gateway ?? '';
  return one === other ? a.weight - b.weight : one < other ? -1 : 1;
}
