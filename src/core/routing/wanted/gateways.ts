/** Chooses the gateways of a link and their source. */
import { type Family, familyOf, type IpAddress } from '../../model/address.ts';
import type { TableId } from '../../model/ids.ts';
import { type NextHop, ReservedTable, RouteFlag, type RouteObject } from '../../model/kernel-objects.ts';
import { routePieceKey } from '../piece.ts';
import { indexRoutes } from '../view/route-index.ts';
import type { GatewaySource, RoutingView, ViewLink } from '../view/view.ts';

/** One default route of a link: a gateway, several with weights, or the link itself. */
export interface GatewayRoute {
  readonly nextHops: readonly NextHop[];
  readonly metrics?: Readonly<Record<number, number>>;
}

/** The source of a gateway. `retained`: no source can answer now, so the existing default route stays. */
export type GatewayOrigin =
  | { readonly kind: 'route'; readonly table: TableId; readonly protocol: number }
  | { readonly kind: 'report'; readonly source: GatewaySource }
  | { readonly kind: 'pointToPoint' }
  | { readonly kind: 'retained' };

/** `unknown`, unlike `none`: a source that may have a gateway cannot answer now. */
export type GatewayChoice =
  | { readonly kind: 'known'; readonly gateways: readonly GatewayRoute[]; readonly origin: GatewayOrigin }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/** `RTAX_FEATURES` has a bit that only the kernel may set, and congestion control is not a number. */
const metricsNotCopied: ReadonlySet<number> = new Set([12, 16]);

/**
 * Returns the gateways of `link`, best first: those of its default routes (main table first, then the others
 * by number), else those of its lease, else those of its manager. A point-to-point link needs no gateway.
 */
export function chooseGateways(view: RoutingView, link: ViewLink, family: Family): GatewayChoice {
  const routed = gatewaysOfRoutes(view.routes, link, family);
  if (routed !== undefined) return routed;
  const reports = view.reports.get(link.index) ?? [];
  for (const { source, gateways } of reports) {
    if (gateways === 'unknown') continue;
    const matching = gateways.filter((gateway) => familyOf(gateway) === family);
    if (matching.length === 0) continue;
    const routes = matching.map((gateway) => gatewayVia(link, gateway));
    return { kind: 'known', gateways: routes, origin: { kind: 'report', source } };
  }
  if (link.pointToPoint) {
    return { kind: 'known', gateways: [gatewayVia(link, undefined)], origin: { kind: 'pointToPoint' } };
  }
  return { kind: reports.some((report) => report.gateways === 'unknown') ? 'unknown' : 'none' };
}

/** Whether the link has a gateway in either family, or needs none. */
export function isUplink(view: RoutingView, link: ViewLink): boolean {
  if (link.pointToPoint || indexRoutes(view.routes).defaults.has(link.index)) return true;
  const reports = view.reports.get(link.index) ?? [];
  return reports.some(({ gateways }) => gateways !== 'unknown' && gateways.length > 0);
}

function gatewaysOfRoutes(
  routes: readonly RouteObject[],
  link: ViewLink,
  family: Family,
): GatewayChoice | undefined {
  const all = indexRoutes(routes).defaults.get(link.index) ?? [];
  const ranked = all.filter((route) => route.family === family).toSorted(byRank);
  const best = ranked[0];
  if (best === undefined) return undefined;
  const isWhole = best.prefixLength === 0;
  const gateways = new Map<string, GatewayRoute>();
  for (const route of ranked) {
    if (route.table !== best.table) break;
    // Parts count where there is no whole default route.
    if (isWhole && route.prefixLength > 0) continue;
    const choice = gatewayOf(route, link);
    const key = JSON.stringify(choice.nextHops);
    if (!gateways.has(key)) gateways.set(key, choice);
  }
  const origin = { kind: 'route', table: best.table, protocol: best.protocol } as const;
  return { kind: 'known', gateways: [...gateways.values()], origin };
}

/**
 * Main before other tables, whole default routes before parts of one, routes for every source before those for
 * some (RFC 8028), then by metric, then by key, so that the order is deterministic.
 */
function byRank(a: RouteObject, b: RouteObject): number {
  const main = Number(b.table === ReservedTable.main) - Number(a.table === ReservedTable.main);
  const part = Number(a.prefixLength > 0) - Number(b.prefixLength > 0);
  const rank = main || a.table - b.table || part || a.sourceLength - b.sourceLength;
  return rank || a.priority - b.priority || (routePieceKey(a) < routePieceKey(b) ? -1 : 1);
}

function gatewayOf(route: RouteObject, link: ViewLink): GatewayRoute {
  const hops = route.nextHops.filter((hop) => hop.ifindex === link.index);
  const nextHops = hops.map((hop) => plainHop(hop, { nextHops: hops }));
  const metrics = copiedMetrics(route.metrics);
  return metrics === undefined ? { nextHops } : { nextHops, metrics };
}

/** Returns the metrics that may be set in a copy of a route; undefined if there are none. */
export function copiedMetrics(
  metrics: Readonly<Record<number, number>> | undefined,
): Readonly<Record<number, number>> | undefined {
  const copied = Object.entries(metrics ?? {}).filter(([type]) => !metricsNotCopied.has(Number(type)));
  return copied.length === 0 ? undefined : Object.fromEntries(copied);
}

/** Returns a next hop without what the kernel adds. A weight counts only among several. */
export const plainHop = (hop: NextHop, { nextHops }: Pick<RouteObject, 'nextHops'>): NextHop => ({
  ifindex: hop.ifindex,
  ...(hop.gateway === undefined ? {} : { gateway: hop.gateway }),
  weight: nextHops.length === 1 ? 1 : hop.weight,
  flags: hop.flags & RouteFlag.onlink,
});

const gatewayVia = (link: ViewLink, gateway: IpAddress | undefined): GatewayRoute => ({
  nextHops: [{ ifindex: link.index, ...(gateway === undefined ? {} : { gateway }), weight: 1, flags: 0 }],
});
