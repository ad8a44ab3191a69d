/**
 * Selects the addresses that get rules: those that other hosts can reach and that may be a source address.
 */
import { isLinkLocal, isLoopback, isMulticast, unspecified } from '../../model/address.ts';
import { AddressFlag, type AddressObject, Scope } from '../../model/kernel-objects.ts';

/** The flags of addresses that no packet may have as its source. */
const unusable = AddressFlag.tentative | AddressFlag.dadFailed;

/**
 * Whether an address gets rules: every global or unique local address that is not link-local, host-scoped,
 * tentative or duplicate. A deprecated address is not chosen for new connections, but its open connections go
 * on (RFC 4862 5.5.4), and service addresses are marked so on purpose (keepalived, kube-vip).
 */
export function isEligible(address: AddressObject): boolean {
  const own = address.address;
  if (address.scope >= Scope.link) return false;
  if (isLinkLocal(own) || isLoopback(own) || isMulticast(own) || own === unspecified(address.family)) {
    return false;
  }
  return address.family === 4 || (address.flags & unusable) === 0;
}
