/** Conflicts with objects of other programs. netevd reports them and does not change the objects. */
import type { IpAddress } from '../../model/address.ts';
import type { TableId } from '../../model/ids.ts';
import { type RouteObject, RouteProtocol, RouteType } from '../../model/kernel-objects.ts';
import { routeSlot } from '../piece.ts';
import { ownerOfRoute } from '../report/known-owners.ts';
import { indexRoutes } from '../view/route-index.ts';
import type { RoutingView } from '../view/view.ts';

export type Conflict =
  /** Another program uses the table, so the family gets no routes in it. `route` shows the use. */
  | {
      readonly kind: 'tableInUse';
      readonly table: TableId;
      readonly route: RouteObject;
      readonly owner?: string;
    }
  /** Another policy link has this table. */
  | { readonly kind: 'tableTaken'; readonly table: TableId; readonly by: string }
  /** A route of another program is in the slot of one of netevd. */
  | { readonly kind: 'routeInTheWay'; readonly route: RouteObject; readonly owner?: string }
  /** Another link has the same address and answers for it. */
  | { readonly kind: 'addressElsewhere'; readonly address: IpAddress; readonly link: string }
  /** The rules never apply to packets of a link in a VRF. */
  | { readonly kind: 'linkInVrf'; readonly vrf: string };

const withOwner = (conflict: Conflict, owner: string | undefined): Conflict =>
  owner === undefined ? conflict : ({ ...conflict, owner } as Conflict);

/**
 * Returns a conflict if another program uses the table: it has the kernel's routes of a VRF, or a default
 * route that would win over netevd's or that other rules look up. Other routes in it are harmless, and netevd
 * leaves them alone.
 */
export function tableConflict(
  view: RoutingView,
  table: TableId,
  family: 4 | 6,
  defaultMetric: number,
): Conflict | undefined {
  const routes = (indexRoutes(view.routes).foreign.get(table) ?? []).filter(
    (route) => route.family === family,
  );
  if (routes.length === 0) return undefined;
  const lookedUp = view.rules.some(({ rule }) => rule.table === table && rule.family === family);
  const route = routes.find(
    (candidate) =>
      candidate.protocol === RouteProtocol.kernel ||
      (candidate.prefixLength === 0 &&
        candidate.type === RouteType.unicast &&
        (lookedUp || candidate.priority <= defaultMetric)),
  );
  return route && withOwner({ kind: 'tableInUse', table, route }, ownerOfRoute(route));
}

/** Returns the slots of the table that routes of other programs occupy. */
export function takenSlots(view: RoutingView, table: TableId): ReadonlyMap<string, RouteObject> {
  const foreign = indexRoutes(view.routes).foreign.get(table) ?? [];
  return new Map(foreign.map((route) => [routeSlot(route), route]));
}

/** Returns the conflict of a route in the slot of one of netevd. */
export const routeInTheWay = (route: RouteObject): Conflict =>
  withOwner({ kind: 'routeInTheWay', route }, ownerOfRoute(route));
