/** `address-changed.d`: the set of the usable addresses of a link. */
import { type IpAddress, isLinkLocal, parseIpBytes } from '../../model/address.ts';
import { isUsable } from '../../model/address-tally.ts';
import { AddressFlag, type AddressObject, Scope } from '../../model/kernel-objects.ts';
import type { LinkTopic } from './topic.ts';

/**
 * Usable are global and unique local addresses that are neither tentative, duplicate, deprecated nor
 * temporary. A new address in duplicate address detection (RFC 4862 5.4) holds the report back, so that a
 * router advertisement that deprecates one prefix and announces another is one event.
 */
export const addressChanged: LinkTopic = {
  key: 'address-changed',
  directory: 'address-changed',
  read({ kernel }) {
    const usable = [...kernel.addresses.values()].filter((one) => isUsable(one) && isLasting(one));
    const addresses = sorted(usable.map(({ address }) => address));
    return addresses.length === 0 ? undefined : { source: 'kernel', values: { addresses } };
  },
  isUnsettled({ kernel }) {
    for (const address of kernel.addresses.values()) if (isBeingChecked(address)) return true;
    return false;
  },
};

/** Not deprecated, and no privacy address of RFC 8981. For IPv4 the first bit means `secondary`. */
function isLasting({ family, flags }: AddressObject): boolean {
  if ((flags & AddressFlag.deprecated) !== 0) return false;
  return family === 4 || (flags & AddressFlag.temporaryOrSecondary) === 0;
}

function isBeingChecked(address: AddressObject): boolean {
  const { flags, scope } = address;
  const isTentative =
    (flags & AddressFlag.tentative) !== 0 && (flags & (AddressFlag.dadFailed | AddressFlag.optimistic)) === 0;
  return isTentative && isLasting(address) && scope < Scope.host && !isLinkLocal(address.address);
}

/** Each address once, IPv4 first, in numeric order: the order of arrival is no part of a set. */
function sorted(addresses: readonly IpAddress[]): readonly IpAddress[] {
  const key = (address: IpAddress): string => {
    const bytes = parseIpBytes(address) ?? new Uint8Array();
    return String.fromCharCode(bytes.length, ...bytes);
  };
  const keyed = [...new Set(addresses)].map((address) => ({ address, key: key(address) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ address }) => address);
}
