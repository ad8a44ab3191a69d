/** Which links a step may have changed the values of. */
import type { Change } from '../../model/change.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { RouteObject } from '../../model/kernel-objects.ts';
import { diffMaps } from '../../model/persistent-map.ts';
import type { State } from '../../model/state.ts';

/** Returns their indexes, ascending. `routes` are the default routes that changed. Costs what differs. */
export function touchedLinks(
  before: State,
  after: State,
  changes: readonly Change[],
  routes: readonly RouteObject[],
): readonly IfIndex[] {
  const touched = new Set<IfIndex>();
  diffMaps(before.kernel.links, after.kernel.links, (index, was, is) => {
    if (was?.addresses !== is?.addresses || was?.generation !== is?.generation) touched.add(index);
  });
  diffMaps(before.links, after.links, (index, was, is) => {
    if (was?.owner !== is?.owner || was?.name !== is?.name || was?.operational !== is?.operational) {
      touched.add(index);
    }
  });
  diffMaps(before.networkd.links, after.networkd.links, (index) => touched.add(index));
  diffMaps(before.networkManager.devices, after.networkManager.devices, (index) => touched.add(index));
  for (const { nextHops } of routes) for (const { ifindex } of nextHops) touched.add(ifindex);
  addLeaseLinks(before, after, touched);
  for (const change of changes) if (change.kind === 'linkVanished') touched.delete(change.link.index);
  for (const change of changes) if (change.kind === 'linkAppeared') touched.add(change.link.index);
  return [...touched].filter((index) => after.links.has(index)).sort((a, b) => a - b);
}

function addLeaseLinks(before: State, after: State, touched: Set<IfIndex>): void {
  if (before.leases.active === after.leases.active) return;
  const names = new Set<string>();
  diffMaps(before.leases.active, after.leases.active, (_key, was, is) => {
    const lease = is ?? was;
    if (lease !== undefined) names.add(lease.interfaceName);
  });
  for (const { index, name } of after.links.values()) if (names.has(name)) touched.add(index);
}
