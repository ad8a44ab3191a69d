/**
 * IPv6 routes of one key. The kernel joins routes with gateways into one route with several next hops. It
 * reports a new next hop as the complete route and a removed one as that next hop alone (rt6_fill_node,
 * inet6_rt_notify).
 */

import { isSameRoute } from '../model/equality.ts';
import type { NextHop, RouteObject } from '../model/kernel-objects.ts';
import type { RouteListUpdate } from './route-list.ts';

/** Adds a route, or a next hop to a known route. */
export function appendIpv6(known: readonly RouteObject[], route: RouteObject): RouteListUpdate {
  // A known route with these next hops and more is newer than the message: a dump delivered it.
  if (known.some((other) => isJoined(other) && hasNextHops(other, route.nextHops))) return { routes: known };
  const at = known.findIndex(
    (other) => hasSameNextHops(other, route) || (isJoined(other) && hasNextHops(route, other.nextHops)),
  );
  return { routes: at < 0 ? [...known, route] : known.with(at, route) };
}

/** Replaces the first route of the same kind (fib6_add_rt2node). Ambiguous if there is more than one. */
export function replaceIpv6(known: readonly RouteObject[], route: RouteObject): RouteListUpdate {
  const sameKind = known.findIndex((other) => hasGateway(other) === hasGateway(route));
  return { routes: known.with(Math.max(sameKind, 0), route), isAmbiguous: known.length !== 1 };
}

/** Removes a route, or one of its next hops. Ambiguous if neither is known. */
export function removeIpv6(known: readonly RouteObject[], route: RouteObject): RouteListUpdate {
  const same = known.findIndex((other) => isSameRoute(other, route));
  if (same >= 0) return { routes: known.toSpliced(same, 1) };
  const at = known.findIndex((other) => other.type === route.type && hasNextHops(other, route.nextHops));
  const whole = known[at];
  if (whole === undefined) return { routes: known, isAmbiguous: true };
  const left = whole.nextHops.filter((hop) => !route.nextHops.some((gone) => isSameNextHop(gone, hop)));
  return {
    routes: left.length === 0 ? known.toSpliced(at, 1) : known.with(at, { ...whole, nextHops: left }),
  };
}

const hasGateway = (route: RouteObject): boolean => route.nextHops[0]?.gateway !== undefined;

/**
 * Whether the kernel joins further next hops to this route (rt6_qualify_for_ecmp, as far as a message shows
 * it).
 */
const isJoined = (route: RouteObject): boolean => hasGateway(route) && route.nextHopId === undefined;

const isSameNextHop = (a: NextHop, b: NextHop): boolean => a.ifindex === b.ifindex && a.gateway === b.gateway;

const hasSameNextHops = (a: RouteObject, b: RouteObject): boolean =>
  a.nextHops.length > 0 && a.nextHops.length === b.nextHops.length && hasNextHops(a, b.nextHops);

/** Whether the route has all of these next hops; false for an empty list. */
const hasNextHops = (route: RouteObject, hops: readonly NextHop[]): boolean =>
  hops.length > 0 && hops.every((hop) => route.nextHops.some((other) => isSameNextHop(other, hop)));
