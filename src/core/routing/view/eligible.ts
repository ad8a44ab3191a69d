/**
 * Selects the addresses that get rules: those that other hosts can reach and that may be a source address.
 */
import { isLinkLocal, isLoopback, isMulticast, unspecified } from '../../model/address.ts';
import { AddressFlag, type AddressObject, Scope } from '../../model/kernel-objects.ts';

/** The flags of IPv6 addresses that may not be used yet or any more, and of privacy addresses. */
const unusableIpv6 =
  AddressFlag.tentative | AddressFlag.dadFailed | AddressFlag.deprecated | AddressFlag.temporaryOrSecondary;

/**
 * Whether an address gets rules: global and unique local addresses, except link-local, host-scoped,
 * tentative, duplicate, deprecated and temporary ones. In IPv4 the flag of temporary addresses means
 * "secondary", which does not matter.
 */
export function isEligible(address: AddressObject): boolean {
  const own = address.address;
  if (address.scope >= Scope.link) return false;
  if (isLinkLocal(own) || isLoopback(own) || isMulticast(own) || own === unspecified(address.family)) {
    return false;
  }
  const unusable = address.family === 6 ? unusableIpv6 : AddressFlag.deprecated;
  return (address.flags & unusable) === 0;
}
