/** Which way packets leave by a link: where its gateways come from, and which word counts. */
import { type Family, familyOf, type IpAddress } from '../../model/address.ts';
import type { TableId } from '../../model/ids.ts';
import { type NextHop, ReservedTable, RouteFlag, type RouteObject } from '../../model/kernel-objects.ts';
import { routePieceKey } from '../piece.ts';
import { indexRoutes } from '../view/route-index.ts';
import type { GatewaySource, RoutingView, ViewLink } from '../view/view.ts';

/** One default way out of a link: a gateway, several with weights, or the link itself. */
export interface Way {
  readonly nextHops: readonly NextHop[];
  readonly metrics?: Readonly<Record<number, number>>;
}

/** Who told it. `kept`: nobody can be asked, so what an earlier answer put there stays. */
export type WayOrigin =
  | { readonly kind: 'route'; readonly table: TableId; readonly protocol: number }
  | { readonly kind: 'report'; readonly source: GatewaySource }
  | { readonly kind: 'pointToPoint' }
  | { readonly kind: 'kept' };

/** `unknown` is not `none`: somebody who may know a gateway cannot be asked now. */
export type WayChoice =
  | { readonly kind: 'known'; readonly ways: readonly Way[]; readonly origin: WayOrigin }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/** `RTAX_FEATURES` holds a bit that only the kernel may set, and congestion control is not a number. */
const metricsNotCopied: ReadonlySet<number> = new Set([12, 16]);

/**
 * The ways out of `link`, best first: those of its own default routes (main table first, then the others by their
 * number), else what its lease says, else what its manager says; a point-to-point link needs no gateway.
 */
export function chooseWays(view: RoutingView, link: ViewLink, family: Family): WayChoice {
  const routed = waysOfRoutes(view.routes, link, family);
  if (routed !== undefined) return routed;
  const reports = view.reports.get(link.index) ?? [];
  for (const { source, gateways } of reports) {
    if (gateways === 'unknown') continue;
    const fitting = gateways.filter((gateway) => familyOf(gateway) === family);
    if (fitting.length === 0) continue;
    const ways = fitting.map((gateway) => wayVia(link, gateway));
    return { kind: 'known', ways, origin: { kind: 'report', source } };
  }
  if (link.pointToPoint) {
    return { kind: 'known', ways: [wayVia(link, undefined)], origin: { kind: 'pointToPoint' } };
  }
  return { kind: reports.some((report) => report.gateways === 'unknown') ? 'unknown' : 'none' };
}

/** Whether the link has a default way of its own, in either family. */
export function isUplink(view: RoutingView, link: ViewLink): boolean {
  if (link.pointToPoint || indexRoutes(view.routes).defaults.has(link.index)) return true;
  const reports = view.reports.get(link.index) ?? [];
  return reports.some(({ gateways }) => gateways !== 'unknown' && gateways.length > 0);
}

function waysOfRoutes(routes: readonly RouteObject[], link: ViewLink, family: Family): WayChoice | undefined {
  const all = indexRoutes(routes).defaults.get(link.index) ?? [];
  const ranked = all.filter((route) => route.family === family).toSorted(byRank);
  const best = ranked[0];
  if (best === undefined) return undefined;
  const ways = new Map<string, Way>();
  for (const route of ranked) {
    if (route.table !== best.table) break;
    const way = wayOf(route, link);
    const key = JSON.stringify(way.nextHops);
    if (!ways.has(key)) ways.set(key, way);
  }
  const origin = { kind: 'route', table: best.table, protocol: best.protocol } as const;
  return { kind: 'known', ways: [...ways.values()], origin };
}

/**
 * Main before other tables, routes for every source before those for some (RFC 8028), then by metric; equal ones by
 * their text, so that the order is always the same.
 */
function byRank(a: RouteObject, b: RouteObject): number {
  const main = Number(b.table === ReservedTable.main) - Number(a.table === ReservedTable.main);
  const rank = main || a.table - b.table || a.sourceLength - b.sourceLength || a.priority - b.priority;
  return rank || (routePieceKey(a) < routePieceKey(b) ? -1 : 1);
}

function wayOf(route: RouteObject, link: ViewLink): Way {
  const hops = route.nextHops.filter((hop) => hop.ifindex === link.index);
  const nextHops = hops.map((hop) => plainHop(hop, hops.length === 1));
  const metrics = Object.entries(route.metrics ?? {}).filter(([type]) => !metricsNotCopied.has(Number(type)));
  return metrics.length === 0 ? { nextHops } : { nextHops, metrics: Object.fromEntries(metrics) };
}

/** A hop without what only the kernel knows of it; a weight means something among several alone. */
const plainHop = (hop: NextHop, alone: boolean): NextHop => ({
  ifindex: hop.ifindex,
  ...(hop.gateway === undefined ? {} : { gateway: hop.gateway }),
  weight: alone ? 1 : hop.weight,
  flags: hop.flags & RouteFlag.onlink,
});

const wayVia = (link: ViewLink, gateway: IpAddress | undefined): Way => ({
  nextHops: [{ ifindex: link.index, ...(gateway === undefined ? {} : { gateway }), weight: 1, flags: 0 }],
});
