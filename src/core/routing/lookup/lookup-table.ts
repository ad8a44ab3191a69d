/** Finds the route of a table for a packet. */
import { contains } from '../../model/address.ts';
import type { TableId } from '../../model/ids.ts';
import { RouteFlag, type RouteObject } from '../../model/kernel-objects.ts';
import type { Flow } from './lookup-input.ts';

/**
 * The six bits of the type of service that select routes (RFC 2474); the other two are congestion
 * notification.
 */
const dscpMask = 0xfc;

/** Whether both types of service select the same routes. */
export const isSameService = (one: number, other: number): boolean => ((one ^ other) & dscpMask) === 0;

/** Returns the best route of a table for a packet; undefined if none matches. */
export const lookupTable = (
  table: TableId,
  flow: Flow,
  routes: readonly RouteObject[],
): RouteObject | undefined => candidatesIn(table, flow, routes)[0];

/**
 * Returns every route of a table that the kernel may use for a packet. In IPv6 these are all the best ones of one
 * metric: among them the kernel prefers routers that answer (rt6_score_route of net/ipv6/route.c).
 */
export function possibleRoutes(
  table: TableId,
  flow: Flow,
  routes: readonly RouteObject[],
): readonly RouteObject[] {
  const [best, ...others] = candidatesIn(table, flow, routes);
  if (best === undefined) return [];
  if (best.family === 4) return [best];
  return [best, ...others.filter((other) => byRank(best, other) === 0)];
}

const candidatesIn = (table: TableId, flow: Flow, routes: readonly RouteObject[]): readonly RouteObject[] =>
  routes.filter((route) => route.table === table && isCandidate(route, flow)).toSorted(byPreference);

/** Whether a route matches the packet. */
function isCandidate(route: RouteObject, flow: Flow): boolean {
  if ((route.flags & RouteFlag.cloned) !== 0) return false;
  if (!contains({ address: route.destination, length: route.prefixLength }, flow.destination)) return false;
  const { source, sourceLength } = route;
  if (source !== undefined && !contains({ address: source, length: sourceLength }, flow.source)) return false;
  if (route.family === 4 && route.tos !== 0 && !isSameService(route.tos, flow.tos)) return false;
  return route.nextHops.length === 0 || route.nextHops.some((hop) => (hop.flags & RouteFlag.dead) === 0);
}

/** RFC 4191 preferences, best first: high (1), medium (0), low (3). */
const preferenceOrder = (preference: number | undefined): number =>
  preference === 1 ? 0 : preference === 3 ? 2 : 1;

/**
 * Longest destination first, then longest source, then (IPv4) routes for this very type of service, then the
 * lowest metric, then (IPv6) the preference of the router. Equal routes keep the order of the dump, which is
 * the kernel's.
 */
const byPreference = (a: RouteObject, b: RouteObject): number =>
  byRank(a, b) || preferenceOrder(a.preference) - preferenceOrder(b.preference);

const byRank = (a: RouteObject, b: RouteObject): number =>
  b.prefixLength - a.prefixLength ||
  b.sourceLength - a.sourceLength ||
  b.tos - a.tos ||
  a.priority - b.priority;
