/**
 * Folds kernel messages about routes. A message identifies a route by its content. Which of several routes of
 * one key it replaces follows from the kernel's rules (fib_table_insert, fib6_add_rt2node); where it does
 * not, the state asks for a dump of that family.
 */
import type { Family } from '../model/address.ts';
import { isSameRoute } from '../model/equality.ts';
import type { RouteNotification } from '../model/fact.ts';
import type { IfIndex } from '../model/ids.ts';
import { type RouteObject, RouteProtocol } from '../model/kernel-objects.ts';
import { routeKey } from '../model/keys.ts';
import { resolveRoute } from '../model/next-hop-objects.ts';
import { canonicalRoute, isTracked } from '../model/route-kind.ts';
import type { KernelState } from '../model/state.ts';
import { insertIpv4, removeIpv4 } from './ipv4-routes.ts';
import { appendIpv6, removeIpv6, replaceIpv6 } from './ipv6-routes.ts';
import { invalidate, routesOf } from './kernel-invalidation.ts';
import { isSameRouteList, type RouteListUpdate } from './route-list.ts';

/** RTM_NEWROUTE. */
export function observeRoute(kernel: KernelState, seen: RouteObject, how: RouteNotification): KernelState {
  const next = insertRoute(kernel, seen, how);
  return next !== kernel && isAdvertisedDefault(seen)
    ? invalidate(next, 'ipv6Routes', 'metrics-follow')
    : next;
}

/** ndisc_router_discovery of net/ipv6/ndisc.c: hop limit and MTU follow the notification, and nothing reports them. */
const isAdvertisedDefault = (route: RouteObject): boolean =>
  route.family === 6 && route.prefixLength === 0 && route.protocol === RouteProtocol.ra;

function insertRoute(kernel: KernelState, seen: RouteObject, how: RouteNotification): KernelState {
  const route = resolveRoute(seen, kernel.nextHops);
  const key = routeKey(route);
  const known = kernel.routes.get(key);
  if (!isTracked(route)) return how === 'replace' ? displace(kernel, key, known, route.family) : kernel;
  const tracked = canonicalRoute(route);
  if (known === undefined) return putRoutes(kernel, key, known, { routes: [tracked] }, tracked.family);
  if (known.some((other) => isSameRoute(other, tracked))) {
    // A repeated message; or, for `replace`, a route that replaced another one and now exists twice.
    const isAmbiguous = how === 'replace' && known.length > 1;
    return isAmbiguous ? invalidate(kernel, routesOf(tracked.family), 'ambiguous-message') : kernel;
  }
  const next = tracked.family === 4 ? insertIpv4(known, tracked, how) : insertIpv6(known, tracked, how);
  return putRoutes(kernel, key, known, next, tracked.family);
}

/** RTM_DELROUTE. */
export function removeRoute(kernel: KernelState, seen: RouteObject): KernelState {
  const route = resolveRoute(seen, kernel.nextHops);
  if (!isTracked(route)) return kernel;
  const key = routeKey(route);
  const known = kernel.routes.get(key);
  if (known === undefined) return kernel;
  const gone = canonicalRoute(route);
  const next = route.family === 4 ? removeIpv4(known, gone) : removeIpv6(known, gone);
  return putRoutes(kernel, key, known, next, route.family);
}

/**
 * Replaces the routes of the selected families by those of a dump. Unchanged routes stay the same objects.
 */
export function replaceRoutes(
  kernel: KernelState,
  read: readonly RouteObject[],
  includesFamily: (family: Family) => boolean,
): KernelState {
  const { nextHops } = kernel;
  const wanted = groupByKey(nextHops.size === 0 ? read : read.map((route) => resolveRoute(route, nextHops)));
  let { routes } = kernel;
  for (const [key, list] of wanted) {
    const known = routes.get(key);
    if (known === undefined || !isSameRouteList(known, list)) routes = routes.set(key, list);
  }
  for (const [key, known] of kernel.routes) {
    if (!wanted.has(key) && known.some((route) => includesFamily(route.family))) routes = routes.delete(key);
  }
  return routes === kernel.routes ? kernel : { ...kernel, routes };
}

/**
 * Above this number of routes, searching them for those of one link would block the loop for milliseconds.
 */
const maxSearched = 4_000;

/**
 * Removes the routes of a link that is gone; with very many routes, asks for a dump instead. An IPv4 route
 * with several next hops is gone as a whole (fib_sync_down_dev, NETDEV_UNREGISTER); an IPv6 route keeps its
 * other next hops.
 */
export function dropRoutesOfLink(kernel: KernelState, index: IfIndex): KernelState {
  if (kernel.routes.size > maxSearched) {
    return invalidate(invalidate(kernel, 'ipv4Routes', 'link-vanished'), 'ipv6Routes', 'link-vanished');
  }
  let { routes } = kernel;
  const touched = new Set<Family>();
  for (const [key, known] of kernel.routes) {
    if (!known.some((route) => route.nextHops.some((hop) => hop.ifindex === index))) continue;
    const left = known.flatMap((route) => withoutLink(route, index));
    routes = left.length === 0 ? routes.delete(key) : routes.set(key, left);
    for (const route of known) touched.add(route.family);
  }
  let next = routes === kernel.routes ? kernel : { ...kernel, routes };
  for (const family of touched) next = invalidate(next, routesOf(family), 'link-vanished');
  return next;
}

function withoutLink(route: RouteObject, index: IfIndex): readonly RouteObject[] {
  const left = route.nextHops.filter((hop) => hop.ifindex !== index);
  if (left.length === route.nextHops.length) return [route];
  return left.length === 0 || route.family === 4 ? [] : [{ ...route, nextHops: left }];
}

/** Removes the tracked route that an untracked one replaced. */
function displace(
  kernel: KernelState,
  key: string,
  known: readonly RouteObject[] | undefined,
  family: Family,
): KernelState {
  if (known === undefined) return kernel;
  return putRoutes(kernel, key, known, { routes: known.slice(1), isAmbiguous: known.length > 1 }, family);
}

function putRoutes(
  kernel: KernelState,
  key: string,
  known: readonly RouteObject[] | undefined,
  { routes, isAmbiguous }: RouteListUpdate,
  family: Family,
): KernelState {
  const invalidated =
    isAmbiguous === true ? invalidate(kernel, routesOf(family), 'ambiguous-message') : kernel;
  if (routes === known) return invalidated;
  const next = routes.length === 0 ? invalidated.routes.delete(key) : invalidated.routes.set(key, routes);
  return { ...invalidated, routes: next };
}

const insertIpv6 = (
  known: readonly RouteObject[],
  route: RouteObject,
  how: RouteNotification,
): RouteListUpdate => (how === 'replace' ? replaceIpv6(known, route) : appendIpv6(known, route));

function groupByKey(read: readonly RouteObject[]): Map<string, RouteObject[]> {
  const grouped = new Map<string, RouteObject[]>();
  for (const route of read) {
    if (!isTracked(route)) continue;
    const key = routeKey(route);
    const list = grouped.get(key);
    if (list === undefined) grouped.set(key, [canonicalRoute(route)]);
    else list.push(canonicalRoute(route));
  }
  return grouped;
}
