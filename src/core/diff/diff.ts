/** Lists the changes between two states. The cost depends on what differs. */
import type { Change } from '../model/change.ts';
import type { State } from '../model/state.ts';
import { diffHost } from './host.ts';
import { diffLeases } from './leases.ts';
import { diffLinks } from './links.ts';
import { diffRoutes } from './routes.ts';
import { diffRules } from './rules.ts';

const noChanges: readonly Change[] = Object.freeze([]);

/**
 * Returns the changes from one state to a later one, in this order: links (vanished ones first, then by
 * index), routes, rules, leases, the host. Changes of one link have this order: linkAppeared, linkRenamed,
 * ownerChanged, operationalStateChanged, administrativeStateChanged, deviceStateChanged, mtuChanged,
 * addressVanished, addressAppeared, linkVanished. A new link has a change for each of its states, with an
 * undefined `from`; for a vanished link the changes of its addresses come first. An index with a new
 * generation is one link that vanished and another that appeared.
 */
export function diff(before: State, after: State): readonly Change[] {
  if (before === after) return noChanges;
  const changes: Change[] = [];
  if (before.kernel.links !== after.kernel.links || before.links !== after.links) {
    diffLinks(before, after, changes);
  }
  if (before.kernel.routes !== after.kernel.routes) {
    diffRoutes(before.kernel.routes, after.kernel.routes, changes);
  }
  if (before.kernel.rules !== after.kernel.rules) diffRules(before.kernel.rules, after.kernel.rules, changes);
  if (before.leases.active !== after.leases.active)
    diffLeases(before.leases.active, after.leases.active, changes);
  diffHost(before, after, changes);
  return changes;
}
