/** What differs between two states, in the time of what differs. */
import type { Change } from '../model/change.ts';
import type { State } from '../model/state.ts';
import { diffHost } from './host.ts';
import { diffLeases } from './leases.ts';
import { diffLinks } from './links.ts';
import { diffRoutes } from './routes.ts';
import { diffRules } from './rules.ts';

const nothing: readonly Change[] = Object.freeze([]);

/**
 * The changes from one state to a later one: links (those that are gone first, then by index), routes, rules, leases, the
 * host. Of a link, in this order: linkAppeared, linkRenamed, ownerChanged, operationalStateChanged,
 * administrativeStateChanged, deviceStateChanged, mtuChanged, addressVanished, addressAppeared, linkVanished. A link that
 * is new tells each of its states as a change from nothing; one that is gone tells its addresses before itself. An
 * index with another generation is one link gone and another come.
 */
export function diff(before: State, after: State): readonly Change[] {
  if (before === after) return nothing;
  const changes: Change[] = [];
  if (before.kernel.links !== after.kernel.links || before.links !== after.links) {
    diffLinks(before, after, changes);
  }
  if (before.kernel.routes !== after.kernel.routes) {
    diffRoutes(before.kernel.routes, after.kernel.routes, changes);
  }
  if (before.kernel.rules !== after.kernel.rules) diffRules(before.kernel.rules, after.kernel.rules, changes);
  if (before.leases.held !== after.leases.held) diffLeases(before.leases.held, after.leases.held, changes);
  diffHost(before, after, changes);
  return changes;
}
