/** A reading with more routes than the one before: what it finds for the first time did not just happen. */
import type { Change } from '../model/change.ts';
import { isDynamicRoute } from '../model/dynamic-route.ts';
import type { Fact } from '../model/fact.ts';

/** The changes that may cause events: without the routes of routing daemons that were there all along. */
export function newsOf(fact: Fact, changes: readonly Change[]): readonly Change[] {
  if (fact.kind !== 'routesRead' || fact.isWider !== true) return changes;
  return changes.filter((change) => change.kind !== 'routeAppeared' || !isDynamicRoute(change.route));
}
