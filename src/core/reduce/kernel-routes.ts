/**
 * Folding what the kernel says of routes. A message names a route by its content; which of several routes of one key it
 * displaces follows from the kernel's own rules (fib_table_insert, fib6_add_rt2node), and where it does not, the
 * routes of that family are read again.
 */
import type { Family } from '../model/address.ts';
import { isSameRoute } from '../model/equality.ts';
import type { RouteNotification } from '../model/fact.ts';
import type { IfIndex } from '../model/ids.ts';
import type { RouteObject } from '../model/kernel-objects.ts';
import { routeKey } from '../model/keys.ts';
import { canonicalRoute, isKept } from '../model/route-kind.ts';
import type { KernelState } from '../model/state.ts';
import { type Alternatives, isSameAlternatives } from './alternatives.ts';
import { insertIpv4, removeIpv4 } from './ipv4-routes.ts';
import { appendIpv6, removeIpv6, replaceIpv6 } from './ipv6-routes.ts';
import { invalidate, routesOf } from './kernel-invalidation.ts';

/** RTM_NEWROUTE. */
export function observeRoute(kernel: KernelState, route: RouteObject, how: RouteNotification): KernelState {
  const key = routeKey(route);
  const held = kernel.routes.get(key);
  if (!isKept(route)) return how === 'replace' ? displace(kernel, key, held, route.family) : kernel;
  const kept = canonicalRoute(route);
  if (held === undefined) return putAlternatives(kernel, key, held, { routes: [kept] }, kept.family);
  if (held.some((other) => isSameRoute(other, kept))) {
    // Told again; or, where it has taken the place of another one, told of once where there are two now.
    const isAmbiguous = how === 'replace' && held.length > 1;
    return isAmbiguous ? invalidate(kernel, routesOf(kept.family), 'ambiguous-message') : kernel;
  }
  const next = kept.family === 4 ? insertIpv4(held, kept, how) : insertIpv6(held, kept, how);
  return putAlternatives(kernel, key, held, next, kept.family);
}

/** RTM_DELROUTE. */
export function removeRoute(kernel: KernelState, route: RouteObject): KernelState {
  if (!isKept(route)) return kernel;
  const key = routeKey(route);
  const held = kernel.routes.get(key);
  if (held === undefined) return kernel;
  const gone = canonicalRoute(route);
  const next = route.family === 4 ? removeIpv4(held, gone) : removeIpv6(held, gone);
  return putAlternatives(kernel, key, held, next, route.family);
}

/** All routes of a family as they were read, in place of what was known. What has not changed stays the same object. */
export function replaceRoutes(
  kernel: KernelState,
  read: readonly RouteObject[],
  isConcerned: (family: Family) => boolean,
): KernelState {
  const wanted = groupByKey(read);
  let { routes } = kernel;
  for (const [key, list] of wanted) {
    const held = routes.get(key);
    if (held === undefined || !isSameAlternatives(held, list)) routes = routes.set(key, list);
  }
  for (const [key, held] of kernel.routes) {
    if (!wanted.has(key) && held.some((route) => isConcerned(route.family))) routes = routes.delete(key);
  }
  return routes === kernel.routes ? kernel : { ...kernel, routes };
}

/** More routes than this are not searched for those of one link: that would hold up everything for milliseconds. */
const mostSearched = 4_000;

/**
 * The state without the routes of a link that is gone; of very many, the reading that follows tells which. A route with several ways is gone whole where it is IPv4 (fib_sync_down_dev,
 * NETDEV_UNREGISTER), and keeps its other ways where it is IPv6.
 */
export function dropRoutesOfLink(kernel: KernelState, index: IfIndex): KernelState {
  if (kernel.routes.size > mostSearched) {
    return invalidate(invalidate(kernel, 'ipv4Routes', 'link-vanished'), 'ipv6Routes', 'link-vanished');
  }
  let { routes } = kernel;
  const touched = new Set<Family>();
  for (const [key, held] of kernel.routes) {
    if (!held.some((route) => route.nextHops.some((hop) => hop.ifindex === index))) continue;
    const left = held.flatMap((route) => withoutLink(route, index));
    routes = left.length === 0 ? routes.delete(key) : routes.set(key, left);
    for (const route of held) touched.add(route.family);
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

/** A replacement by a route that is not kept: it took the place of one that was. */
function displace(
  kernel: KernelState,
  key: string,
  held: readonly RouteObject[] | undefined,
  family: Family,
): KernelState {
  if (held === undefined) return kernel;
  return putAlternatives(kernel, key, held, { routes: held.slice(1), isAmbiguous: held.length > 1 }, family);
}

function putAlternatives(
  kernel: KernelState,
  key: string,
  held: readonly RouteObject[] | undefined,
  { routes, isAmbiguous }: Alternatives,
  family: Family,
): KernelState {
  const doubted = isAmbiguous === true ? invalidate(kernel, routesOf(family), 'ambiguous-message') : kernel;
  if (routes === held) return doubted;
  const next = routes.length === 0 ? doubted.routes.delete(key) : doubted.routes.set(key, routes);
  return { ...doubted, routes: next };
}

const insertIpv6 = (
  held: readonly RouteObject[],
  route: RouteObject,
  how: RouteNotification,
): Alternatives => (how === 'replace' ? replaceIpv6(held, route) : appendIpv6(held, route));

function groupByKey(read: readonly RouteObject[]): Map<string, RouteObject[]> {
  const grouped = new Map<string, RouteObject[]>();
  for (const route of read) {
    if (!isKept(route)) continue;
    const key = routeKey(route);
    const list = grouped.get(key);
    if (list === undefined) grouped.set(key, [canonicalRoute(route)]);
    else list.push(canonicalRoute(route));
  }
  return grouped;
}
