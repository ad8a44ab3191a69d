/** Relates DHCP leases to events. */
import { isRenewal } from '../diff/leases.ts';
import type { Change, LinkRef } from '../model/change.ts';
import type { State } from '../model/state.ts';

export type LeaseChange = Change & { readonly kind: 'leaseChanged' };

/**
 * Whether the change is a new lease or one with new values. A renewal changes only the expiry and does not
 * count; neither does the end of a lease, which the loss of its address reports.
 */
export function isNewLease(change: LeaseChange): boolean {
  if (change.to === undefined) return false;
  return change.from === undefined || !isRenewal(change.from, change.to);
}

/** Whether the link has an address of one of its leases. */
export function hasLeaseOnLink(link: LinkRef, state: State): boolean {
  const addresses = state.kernel.links.get(link.index)?.addresses;
  if (addresses === undefined) return false;
  const leased = new Set<string>();
  for (const lease of state.leases.active.values()) {
    if (lease.interfaceName === link.name) for (const address of lease.addresses) leased.add(address);
  }
  if (leased.size === 0) return false;
  for (const { address } of addresses.values()) if (leased.has(address)) return true;
  return false;
}
