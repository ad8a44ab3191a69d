/** Whether a change of the state can affect name resolution. Costs what has changed. */
import { leaseKeyOf, linkKey } from '../model/keys.ts';
import { diffMaps } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';
import type { ResolverMemory } from './resolver-memory.ts';

export function isRelevantToResolver(before: State, after: State, memory: ResolverMemory): boolean {
  if (before.leases.active !== after.leases.active || before.backend !== after.backend) return true;
  const { active } = after.leases;
  const isLeased = (name: string): boolean =>
    active.size > 0 && (active.has(leaseKeyOf(name, 4)) || active.has(leaseKeyOf(name, 6)));
  let isRelevant = false;
  diffMaps(before.links, after.links, (_index, from, to) => {
    for (const status of [from, to]) {
      if (status === undefined) continue;
      isRelevant ||= isLeased(status.name) || memory.links.has(linkKey(status));
    }
  });
  if (isRelevant || active.size === 0) return isRelevant;
  diffMaps(before.kernel.links, after.kernel.links, (_index, from, to) => {
    isRelevant ||= from?.addresses !== to?.addresses && isLeased((to ?? from)?.object.name ?? '');
  });
  return isRelevant;
}
