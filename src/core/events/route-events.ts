/** Events of routes: `routes.d`. */
import type { Change } from '../model/change.ts';
import { isSameValue } from '../model/equality.ts';
import type { RouteDelta } from '../model/event.ts';
import type { IfIndex, TableId } from '../model/ids.ts';
import { RouteFlag, type RouteObject, RouteType } from '../model/kernel-objects.ts';

export interface RouteEventFilter {
  /** Whether changes in this table cause events: the main table and those of policy routing. */
  reportsTable(table: TableId): boolean;
  /** The `RTPROT_*` number of netevd's own routes, which cause no events. */
  readonly ownProtocol: number;
}

/** The route changes of each link, in order. */
export type DeltasByLink = ReadonlyMap<IfIndex, readonly RouteDelta[]>;

/**
 * Returns the changes of unicast routes in the selected tables, without netevd's own routes and cache
 * entries. A route over several links counts for each of them; one without a link (`ip route add
 * unreachable`) is not unicast.
 */
export function routeDeltasByLink(changes: readonly Change[], selection: RouteEventFilter): DeltasByLink {
  const byLink = new Map<IfIndex, RouteDelta[]>();
  const note = (index: IfIndex, delta: RouteDelta): void => {
    const known = byLink.get(index);
    if (known === undefined) byLink.set(index, [delta]);
    else known.push(delta);
  };
  for (const change of changes) {
    const [from, to] = sides(change);
    const before = from !== undefined && isSelected(from, selection) ? from : undefined;
    const now = to !== undefined && isSelected(to, selection) ? to : undefined;
    for (const index of linksOfBoth(before, now)) {
      const delta = deltaFor(index, before, now);
      if (delta !== undefined) note(index, delta);
    }
  }
  return byLink;
}

/** Returns `EVENT` of an event with these deltas: their common action, else `change`. */
export function routeEventName(deltas: readonly RouteDelta[]): RouteDelta['action'] {
  const actions = new Set(deltas.map(({ action }) => action));
  const [only] = actions;
  return actions.size === 1 && only !== undefined ? only : 'change';
}

const noSides = Object.freeze([]) as readonly [];

function sides(change: Change): readonly [from?: RouteObject | undefined, to?: RouteObject | undefined] {
  switch (change.kind) {
    case 'routeAppeared':
      return [undefined, change.route];
    case 'routeVanished':
      return [change.route];
    case 'routeReplaced':
      return [change.from, change.to];
    default:
      return noSides;
  }
}

function isSelected(route: RouteObject, selection: RouteEventFilter): boolean {
  return (
    route.type === RouteType.unicast &&
    route.protocol !== selection.ownProtocol &&
    (route.flags & RouteFlag.cloned) === 0 &&
    selection.reportsTable(route.table)
  );
}

const noLinks: readonly IfIndex[] = Object.freeze([]);

function linksOf(route: RouteObject | undefined): readonly IfIndex[] {
  if (route === undefined) return noLinks;
  return route.nextHops.map((hop) => hop.ifindex).filter((index) => index !== 0);
}

/** Returns each link once. */
function linksOfBoth(one: RouteObject | undefined, other: RouteObject | undefined): Iterable<IfIndex> {
  const [ones, others] = [linksOf(one), linksOf(other)];
  if (ones.length + others.length < 2) return ones.length > 0 ? ones : others;
  return new Set([...ones, ...others]);
}

/**
 * Whether hooks of a link see no difference: metrics and next hops over other links are not shown. The kernel changes
 * the metrics of routes of router advertisements by itself.
 */
function looksSame(index: IfIndex, from: RouteObject, to: RouteObject): boolean {
  const shown = (route: RouteObject): unknown => ({
    ...route,
    flags: 0,
    metrics: {},
    nextHopId: 0,
    nextHops: route.nextHops
      .filter((hop) => hop.ifindex === index)
      .map(({ gateway }) => gateway ?? '')
      .toSorted(),
  });
  return isSameValue(shown(from), shown(to));
}

/** Returns the delta for one link. A route that moved is `del` for the old link and `new` for the new one. */
function deltaFor(
  index: IfIndex,
  from: RouteObject | undefined,
  to: RouteObject | undefined,
): RouteDelta | undefined {
  const was = linksOf(from).includes(index) ? from : undefined;
  const is = linksOf(to).includes(index) ? to : undefined;
  if (was !== undefined && is !== undefined) {
    return looksSame(index, was, is) ? undefined : { action: 'change', route: is, previous: was };
  }
  if (is !== undefined) return { action: 'new', route: is };
  return was === undefined ? undefined : { action: 'del', route: was };
}
