/**
 * Counts the addresses of a link that matter, and derives the address state from the counts (networkd:
 * link_update_operstate).
 */
import { isLinkLocal } from './address.ts';
import { AddressFlag, type AddressObject, Scope } from './kernel-objects.ts';
import type { AddressTally } from './state.ts';
import type { AddressState } from './vocabulary.ts';

/** Whether an address may be used: only after duplicate address detection has passed (RFC 4862 5.4). */
export const isReady = (address: Pick<AddressObject, 'flags'>): boolean =>
  (address.flags & (AddressFlag.tentative | AddressFlag.dadFailed)) === 0;

/** Whether a ready address reaches other hosts: neither link-local nor of host scope. */
export const isUsable = (address: AddressObject): boolean =>
  isReady(address) && address.scope < Scope.host && !isLinkLocal(address.address);

export const noAddresses: AddressTally = {
  ipv4Routable: 0,
  ipv4Degraded: 0,
  ipv6Routable: 0,
  ipv6Degraded: 0,
  usable: 0,
};

/**
 * Returns `tally` with one more address (`by` 1) or one less (-1); the same object where the address does not
 * count.
 */
export function countAddress(tally: AddressTally, address: AddressObject, by: 1 | -1): AddressTally {
  if (!isReady(address) || address.scope >= Scope.host) return tally;
  const routable = address.scope < Scope.site ? by : 0;
  const degraded = by - routable;
  const ipv4 = address.family === 4 ? 1 : 0;
  const ipv6 = 1 - ipv4;
  return {
    ipv4Routable: tally.ipv4Routable + ipv4 * routable,
    ipv4Degraded: tally.ipv4Degraded + ipv4 * degraded,
    ipv6Routable: tally.ipv6Routable + ipv6 * routable,
    ipv6Degraded: tally.ipv6Degraded + ipv6 * degraded,
    usable: tally.usable + (isUsable(address) ? by : 0),
  };
}

/**
 * Returns the state of addresses: `routable` of them reach beyond the site, `degraded` reach the link or the
 * site.
 */
export function addressStateOf(routable: number, degraded: number): AddressState {
  if (routable > 0) return 'routable';
  return degraded > 0 ? 'degraded' : 'off';
}
