/** Selects the routes that the state tracks, and removes transient hints of a message from them. */
import { isDefaultPart } from './default-part.ts';
import { type NextHop, RouteFlag, type RouteObject, RouteType } from './kernel-objects.ts';

const untrackedTypes: ReadonlySet<number> = new Set([
  RouteType.local,
  RouteType.broadcast,
  RouteType.anycast,
  RouteType.multicast,
]);

/**
 * Whether the state tracks a route. It does not track the kernel's entries for its own addresses or cache
 * entries (redirects, path MTU). It does track a local route to (a part of) everything, which transparent
 * proxies use: packets that look it up do not leave the machine.
 */
export const isTracked = (route: Pick<RouteObject, 'family' | 'prefixLength' | 'type' | 'flags'>): boolean =>
  (!untrackedTypes.has(route.type) || (route.type === RouteType.local && isDefaultPart(route))) &&
  (route.flags & RouteFlag.cloned) === 0;

/**
 * `RTNH_F_PERVASIVE` and `RTNH_F_ONLINK` of linux/rtnetlink.h: the configured flags. The others (dead,
 * linkdown, offloaded, trapped …) change without a message, so a stored value could be wrong.
 */
const configuredFlags = 0x2 | RouteFlag.onlink;

/**
 * Returns the route as the state stores it: without transient flags, and with the next hops of an IPv6 route
 * sorted, because the kernel may start with any of them (rt6_fill_node).
 */
export function canonicalRoute(route: RouteObject): RouteObject {
  const hops = canonicalHops(route);
  if (hops === route.nextHops && (route.flags & ~configuredFlags) === 0) return route;
  return { ...route, flags: route.flags & configuredFlags, nextHops: hops };
}

function canonicalHops(route: RouteObject): readonly NextHop[] {
  const { nextHops } = route;
  const hops = nextHops.some(hasTransientFlags)
    ? nextHops.map((hop) => ({ ...hop, flags: hop.flags & configuredFlags }))
    : nextHops;
  return route.family === 6 && hops.length > 1 ? hops.toSorted(byInterfaceAndGateway) : hops;
}

const hasTransientFlags = (hop: NextHop): boolean => (hop.flags & ~configuredFlags) !== 0;

function byInterfaceAndGateway(a: NextHop, b: NextHop): number {
  if (a.ifindex !== b.ifindex) return a.ifindex - b.ifindex;
  const one = a.gateway ?? '';
  const other = b.gateway ?? '';
  return one === other ? a.weight - b.weight : one < other ? -1 : 1;
}
