/** Routes by nexthop objects: the kernel may name only the object, where `net.ipv4.nexthop_compat_mode` is 0. */
import { type NextHop, type NextHopObject, type RouteObject, RouteType } from './kernel-objects.ts';

/** Nexthop objects by id. */
interface NextHops {
  get(id: number): NextHopObject | undefined;
}

/**
 * Returns the route with the next hops of its object; the same route if it has its own, or if the object is not known.
 * A route by a blackhole object is a blackhole.
 */
export function resolveRoute(route: RouteObject, nextHops: NextHops): RouteObject {
  const { nextHopId } = route;
  if (nextHopId === undefined || route.nextHops.length > 0 || route.type !== RouteType.unicast) return route;
  const object = nextHops.get(nextHopId);
  if (object === undefined) return route;
  if (object.kind === 'blackhole') return { ...route, type: RouteType.blackhole };
  return { ...route, nextHops: hopsOf(object, nextHops) };
}

function hopsOf(object: NextHopObject, nextHops: NextHops): readonly NextHop[] {
  if (object.kind === 'hop') return [object.hop];
  if (object.kind === 'blackhole') return [];
  return object.members.flatMap(({ id, weight }) => {
    const member = nextHops.get(id);
    return member?.kind === 'hop' ? [{ ...member.hop, weight }] : [];
  });
}
