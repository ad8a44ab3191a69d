/** Indexes the routes of other programs by their meaning for policy routing, once for each list. */
import type { IfIndex, TableId } from '../../model/ids.ts';
import { ReservedTable, type RouteObject, RouteType } from '../../model/kernel-objects.ts';

export interface RouteIndex {
  /** Default routes by the links of their next hops. */
  readonly defaults: ReadonlyMap<IfIndex, readonly RouteObject[]>;
  /** Other routes of the main table with a single next hop without a gateway, by its link. */
  readonly onLink: ReadonlyMap<IfIndex, readonly RouteObject[]>;
  /** The main table without its default routes. */
  readonly main: readonly RouteObject[];
  /** Routes of tables other than main. */
  readonly foreign: ReadonlyMap<TableId, readonly RouteObject[]>;
}

const indexes = new WeakMap<readonly RouteObject[], RouteIndex>();

export function indexRoutes(routes: readonly RouteObject[]): RouteIndex {
  let index = indexes.get(routes);
  if (index === undefined) {
    index = buildIndex(routes);
    indexes.set(routes, index);
  }
  return index;
}

function buildIndex(routes: readonly RouteObject[]): RouteIndex {
  const defaults = new Map<IfIndex, RouteObject[]>();
  const onLink = new Map<IfIndex, RouteObject[]>();
  const foreign = new Map<TableId, RouteObject[]>();
  const main: RouteObject[] = [];
  for (const route of routes) {
    if (isDefault(route)) {
      for (const index of new Set(route.nextHops.map((hop) => hop.ifindex))) append(defaults, index, route);
    } else if (route.table === ReservedTable.main) {
      main.push(route);
      const [hop, ...others] = route.nextHops;
      if (hop !== undefined && others.length === 0 && hop.gateway === undefined)
        append(onLink, hop.ifindex, route);
    }
    if (route.table !== ReservedTable.main) append(foreign, route.table, route);
  }
  return { defaults, onLink, main, foreign };
}

const isDefault = (route: RouteObject): boolean =>
  route.prefixLength === 0 && route.type === RouteType.unicast && route.tos === 0;

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
