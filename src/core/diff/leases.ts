/** Changes of leases. */
import type { Change } from '../model/change.ts';
import { isSameValue } from '../model/equality.ts';
import type { PersistentMap } from '../model/persistent-map.ts';
import type { ActiveLease } from '../model/state.ts';
import { mapDifferences } from './map-differences.ts';

export function diffLeases(
  before: PersistentMap<string, ActiveLease>,
  after: PersistentMap<string, ActiveLease>,
  changes: Change[],
): void {
  for (const { was: from, is: to } of mapDifferences(before, after)) {
    const lease = to ?? from;
    if (lease === undefined || (from !== undefined && to !== undefined && isRenewal(from, to))) continue;
    const { interfaceName, family } = lease;
    changes.push({ kind: 'leaseChanged', interfaceName, family, from, to });
  }
}

/** Whether only times changed, and the text that contains them. */
export const isRenewal = (from: ActiveLease, to: ActiveLease): boolean =>
  from.content === to.content && isSameValue(withoutTimes(from), withoutTimes(to));

function withoutTimes({ expires: _, text: __, ...rest }: ActiveLease): Omit<ActiveLease, 'expires' | 'text'> {
  return rest;
}
