/** Indexes the routes of other programs by their meaning for policy routing, once for each list. */

import { isDefaultPart } from '../../model/default-part.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import { ReservedTable, type RouteObject, RouteType } from '../../model/kernel-objects.ts';

export interface RouteIndex {
  /** Default routes and parts of them by the links of their next hops. */
  readonly defaults: ReadonlyMap<IfIndex, readonly RouteObject[]>;
  /** Other routes of the main table all of whose next hops are one link's, by that link, in the kernel's order. */
  readonly mainByLink: ReadonlyMap<IfIndex, readonly RouteObject[]>;
  /** The main table without (parts of) default routes. */
  readonly main: readonly RouteObject[];
  /** Routes of tables other than main. */
  readonly foreign: ReadonlyMap<TableId, readonly RouteObject[]>;
  /** (Parts of) default routes of every type, by table. */
  readonly outside: ReadonlyMap<TableId, readonly RouteObject[]>;
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
  const mainByLink = new Map<IfIndex, RouteObject[]>();
  const foreign = new Map<TableId, RouteObject[]>();
  const outside = new Map<TableId, RouteObject[]>();
  const main: RouteObject[] = [];
  for (const route of routes) {
    const links = new Set(route.nextHops.map((hop) => hop.ifindex));
    if (isDefaultPart(route)) {
      append(outside, route.table, route);
      if (isPlain(route)) for (const index of links) append(defaults, index, route);
    } else if (route.table === ReservedTable.main) {
      main.push(route);
      const [index, ...others] = links;
      if (index !== undefined && others.length === 0) append(mainByLink, index, route);
    }
    if (route.table !== ReservedTable.main) append(foreign, route.table, route);
  }
  return { defaults, mainByLink, main, foreign, outside };
}

const isPlain = (route: RouteObject): boolean => route.type === RouteType.unicast && route.tos === 0;

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
