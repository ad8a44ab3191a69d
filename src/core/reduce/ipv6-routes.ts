/**
 * IPv6 routes of one key. The kernel joins those with gateways into one route with several ways, and tells of a new way
 * by the whole route, of a lost one by that way alone (rt6_fill_node, inet6_rt_notify).
 */

import { isSameRoute } from '../model/equality.ts';
import type { NextHop, RouteObject } from '../model/kernel-objects.ts';
import type { Alternatives } from './alternatives.ts';

/** A route that is new, or one that has a way more. */
export function appendIpv6(held: readonly RouteObject[], route: RouteObject): Alternatives {
  // A route that has these ways and more is later than the message: it was read meanwhile.
  if (held.some((other) => isJoined(other) && hasWays(other, route.nextHops))) return { routes: held };
  const at = held.findIndex(
    (other) => isSameWays(other, route) || (isJoined(other) && hasWays(route, other.nextHops)),
  );
  return { routes: at < 0 ? [...held, route] : held.with(at, route) };
}

/** The first route of the same kind is replaced (fib6_add_rt2node); certain only where there is but one. */
export function replaceIpv6(held: readonly RouteObject[], route: RouteObject): Alternatives {
  const alike = held.findIndex((other) => hasGateway(other) === hasGateway(route));
  return { routes: held.with(Math.max(alike, 0), route), isAmbiguous: held.length !== 1 };
}

/** A route that is gone, or one way of it. */
export function removeIpv6(held: readonly RouteObject[], route: RouteObject): Alternatives {
  const same = held.findIndex((other) => isSameRoute(other, route));
  if (same >= 0) return { routes: held.toSpliced(same, 1) };
  const at = held.findIndex((other) => other.type === route.type && hasWays(other, route.nextHops));
  const whole = held[at];
  if (whole === undefined) return { routes: held, isAmbiguous: true };
  const left = whole.nextHops.filter((hop) => !route.nextHops.some((gone) => isSameWay(gone, hop)));
  return { routes: left.length === 0 ? held.toSpliced(at, 1) : held.with(at, { ...whole, nextHops: left }) };
}

const hasGateway = (route: RouteObject): boolean => route.nextHops[0]?.gateway !== undefined;

/** Whether further ways would be joined to this route: rt6_qualify_for_ecmp, as far as a message shows it. */
const isJoined = (route: RouteObject): boolean => hasGateway(route) && route.nextHopId === undefined;

const isSameWay = (a: NextHop, b: NextHop): boolean => a.ifindex === b.ifindex && a.gateway === b.gateway;

const isSameWays = (a: RouteObject, b: RouteObject): boolean =>
  a.nextHops.length > 0 && a.nextHops.length === b.nextHops.length && hasWays(a, b.nextHops);

/** Whether the route has all of these ways; false where there are none to have. */
const hasWays = (route: RouteObject, ways: readonly NextHop[]): boolean =>
  ways.length > 0 && ways.every((way) => route.nextHops.some((other) => isSameWay(other, way)));
