/** Changes of leases. */
import type { Change } from '../model/change.ts';
import { isSameList } from '../model/equality.ts';
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

/** Whether only the expiry changed, and the text that contains it. */
const isRenewal = (from: ActiveLease, to: ActiveLease): boolean =>
  from.subnetMask === to.subnetMask &&
  from.hostName === to.hostName &&
  isSameList(from.addresses, to.addresses) &&
  isSameList(from.gateways, to.gateways) &&
  isSameList(from.dns, to.dns) &&
  isSameList(from.domains, to.domains) &&
  isSameList(from.ntp, to.ntp);
