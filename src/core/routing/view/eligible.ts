/** Which addresses get rules: those that packets can come to from elsewhere, and that may be answered from. */
import { isLinkLocal, isLoopback, isMulticast, unspecified } from '../../model/address.ts';
import { AddressFlag, type AddressObject, Scope } from '../../model/kernel-objects.ts';

/** The IPv6 states in which an address is not one's own yet, or no longer to be used; and privacy addresses. */
const unusableIpv6 =
  AddressFlag.tentative | AddressFlag.dadFailed | AddressFlag.deprecated | AddressFlag.temporaryOrSecondary;

/**
 * Global and unique local addresses. Not link-local, host-scoped, tentative, duplicate, deprecated or temporary ones.
 * In IPv4 the flag of temporary addresses means "secondary", which is as good as any.
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
