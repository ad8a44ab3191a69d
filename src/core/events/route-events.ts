/** `routes.d`: which routes are told of, and to whom. */
import type { Change } from '../model/change.ts';
import type { RouteDelta } from '../model/event.ts';
import type { IfIndex, TableId } from '../model/ids.ts';
import { RouteFlag, type RouteObject, RouteType } from '../model/kernel-objects.ts';

export interface RouteSelection {
  /** Whether changes in this table are told. */
  reportsTable(table: TableId): boolean;
  /** The `RTPROT_*` number of netevd's own routes, which are never told. */
  readonly ownProtocol: number;
}

/** What happened to the routes of each link, in the order in which it happened. */
export type DeltasByLink = ReadonlyMap<IfIndex, readonly RouteDelta[]>;

/**
 * Unicast routes alone, in the tables that are told, without netevd's own and without cache entries. A route over
 * several links concerns each of them; one without a link (`ip route add unreachable`) is not unicast.
 */
export function routeDeltasByLink(changes: readonly Change[], selection: RouteSelection): DeltasByLink {
  const byLink = new Map<IfIndex, RouteDelta[]>();
  const note = (index: IfIndex, delta: RouteDelta): void => {
    const known = byLink.get(index);
    if (known === undefined) byLink.set(index, [delta]);
    else known.push(delta);
  };
  for (const change of changes) {
    const [from, to] = sides(change);
    const before = from !== undefined && isReported(from, selection) ? from : undefined;
    const now = to !== undefined && isReported(to, selection) ? to : undefined;
    for (const index of linksOfBoth(before, now)) {
      const delta = deltaFor(index, before, now);
      if (delta !== undefined) note(index, delta);
    }
  }
  return byLink;
}

/** `EVENT` of an event with these deltas: what all of them are, else `change`. */
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

function isReported(route: RouteObject, selection: RouteSelection): boolean {
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

/** Each once. */
function linksOfBoth(one: RouteObject | undefined, other: RouteObject | undefined): Iterable<IfIndex> {
  const [ones, others] = [linksOf(one), linksOf(other)];
  if (ones.length + others.length < 2) return ones.length > 0 ? ones : others;
  return new Set([...ones, ...others]);
}

/** A route that moved to another link went from the one and came to the other. */
function deltaFor(
  index: IfIndex,
  from: RouteObject | undefined,
  to: RouteObject | undefined,
): RouteDelta | undefined {
  const was = linksOf(from).includes(index) ? from : undefined;
  const is = linksOf(to).includes(index) ? to : undefined;
  if (was !== undefined && is !== undefined) return { action: 'change', route: is, previous: was };
  if (is !== undefined) return { action: 'new', route: is };
  return was === undefined ? undefined : { action: 'del', route: was };
}
