/** Changes of routes. */
import type { Change } from '../model/change.ts';
import { isSameRoute } from '../model/equality.ts';
import type { RouteObject } from '../model/kernel-objects.ts';
import type { PersistentMap } from '../model/persistent-map.ts';
import { mapDifferences } from './map-differences.ts';

type RouteList = readonly RouteObject[];

const noRoutes: RouteList = Object.freeze([]);

/**
 * Adds the vanished routes, then the replaced ones, then those that appeared. A route is replaced if another
 * one with the same key takes its place. The order of routes with one key does not matter.
 */
export function diffRoutes(
  before: PersistentMap<string, RouteList>,
  after: PersistentMap<string, RouteList>,
  changes: Change[],
): void {
  const replaced: Change[] = [];
  const appeared: Change[] = [];
  for (const { was = noRoutes, is = noRoutes } of mapDifferences(before, after)) {
    const vanished = without(was, is);
    const added = without(is, was);
    for (const [i, from] of vanished.entries()) {
      const to = added[i];
      if (to === undefined) changes.push({ kind: 'routeVanished', route: from });
      else replaced.push({ kind: 'routeReplaced', from, to });
    }
    for (const route of added.slice(vanished.length)) appeared.push({ kind: 'routeAppeared', route });
  }
  for (const change of replaced) changes.push(change);
  for (const change of appeared) changes.push(change);
}

/** Returns the routes of `these` that are not in `those`. Neither list has duplicates. */
function without(these: RouteList, those: RouteList): RouteList {
  if (these.length === 0 || those.length === 0) return these;
  const known = new Set(those);
  return these.filter((route) => !known.has(route) && !those.some((other) => isSameRoute(route, other)));
}
