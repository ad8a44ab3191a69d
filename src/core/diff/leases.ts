/** What differs of leases. */
import type { Change } from '../change.ts';
import type { PersistentMap } from '../persistent-map.ts';
import { isSameList } from '../same.ts';
import type { HeldLease } from '../state.ts';
import { differences } from './differences.ts';

export function diffLeases(
  before: PersistentMap<string, HeldLease>,
  after: PersistentMap<string, HeldLease>,
  changes: Change[],
): void {
  for (const { was: from, is: to } of differences(before, after)) {
    const lease = to ?? from;
    if (lease === undefined || (from !== undefined && to !== undefined && isRenewal(from, to))) continue;
    const { interfaceName, family } = lease;
    changes.push({ kind: 'leaseChanged', interfaceName, family, from, to });
  }
}

/** Whether only the expiry has moved, and the text that tells it. */
const isRenewal = (from: HeldLease, to: HeldLease): boolean =>
  from.subnetMask === to.subnetMask &&
  from.hostName === to.hostName &&
  isSameList(from.addresses, to.addresses) &&
  isSameList(from.gateways, to.gateways) &&
  isSameList(from.dns, to.dns) &&
  isSameList(from.domains, to.domains) &&
  isSameList(from.ntp, to.ntp);
