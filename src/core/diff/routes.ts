/** What differs of routes. */
import type { Change } from '../model/change.ts';
import { isSameRoute } from '../model/equality.ts';
import type { RouteObject } from '../model/kernel-objects.ts';
import type { PersistentMap } from '../model/persistent-map.ts';
import { differences } from './map-differences.ts';

type Alternatives = readonly RouteObject[];

const none: Alternatives = Object.freeze([]);

/**
 * A route whose place in the tables is taken by another is replaced; in which order alternatives stand is no difference.
 * What went is told before what was replaced, and that before what came.
 */
export function diffRoutes(
  before: PersistentMap<string, Alternatives>,
  after: PersistentMap<string, Alternatives>,
  changes: Change[],
): void {
  const replaced: Change[] = [];
  const came: Change[] = [];
  for (const { was = none, is = none } of differences(before, after)) {
    const gone = without(was, is);
    const fresh = without(is, was);
    for (const [i, from] of gone.entries()) {
      const to = fresh[i];
      if (to === undefined) changes.push({ kind: 'routeVanished', route: from });
      else replaced.push({ kind: 'routeReplaced', from, to });
    }
    for (const route of fresh.slice(gone.length)) came.push({ kind: 'routeAppeared', route });
  }
  for (const change of replaced) changes.push(change);
  for (const change of came) changes.push(change);
}

/** Routes of `these` that are not among `those`. Both are lists without a repetition. */
function without(these: Alternatives, those: Alternatives): Alternatives {
  if (these.length === 0 || those.length === 0) return these;
  const known = new Set(those);
  return these.filter((route) => !known.has(route) && !those.some((other) => isSameRoute(route, other)));
}
