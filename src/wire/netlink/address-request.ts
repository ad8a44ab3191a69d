/**
 * Encodes requests that add, replace and remove addresses: `struct ifaddrmsg` and `IFA_*` of linux/if_addr.h.
 */
import { AddressFlag, type AddressObject } from '../../core/model/kernel-objects.ts';
import { HeaderFlag, AddressAttribute as IFA, MessageType, StructSize } from './constants.ts';
import { familyNumber, ipBytes } from './ip.ts';
import { MessageWriter } from './writer.ts';

const { request, ack, create, exclusive, replace } = HeaderFlag;
const headers = {
  add: { type: MessageType.newAddress, flags: request | ack | create | exclusive },
  replace: { type: MessageType.newAddress, flags: request | ack | create | replace },
  remove: { type: MessageType.delAddress, flags: request | ack },
} as const;

/**
 * The flags that a request may set (inet6_rtm_newaddr in net/ipv6/addrconf.c); the kernel sets the others.
 */
const settableFlags =
  AddressFlag.nodad |
  AddressFlag.optimistic |
  AddressFlag.homeAddress |
  AddressFlag.manageTemporary |
  AddressFlag.noPrefixRoute |
  AddressFlag.multicastAutoJoin;

/**
 * Encodes the request to add an address (EEXIST if it exists), to add or update it, or to remove it
 * (EADDRNOTAVAIL if it does not exist). The kernel acknowledges it.
 */
export function encodeAddressChange(
  change: 'add' | 'replace' | 'remove',
  address: AddressObject,
  sequence: number,
): Uint8Array {
  const { type, flags } = headers[change];
  const wanted = address.flags & settableFlags;
  const writer = new MessageWriter(type, flags, sequence);
  const struct = writer.reserve(StructSize.address);
  writer.setU8(struct, familyNumber(address.family));
  writer.setU8(struct + 1, address.prefixLength);
  writer.setU8(struct + 2, wanted & 0xff);
  writer.setU8(struct + 3, address.scope);
  writer.setU32(struct + 4, address.ifindex);
  writer.addBytes(IFA.local, ipBytes(address.address));
  writer.addBytes(IFA.address, ipBytes(address.peer ?? address.address));
  if (address.broadcast !== undefined) writer.addBytes(IFA.broadcast, ipBytes(address.broadcast));
  if (address.label !== undefined) writer.addText(IFA.label, address.label);
  writer.addU32(IFA.flags, wanted);
  const lifetimes = writer.addZeros(IFA.cacheInfo, StructSize.addressLifetimes);
  writer.setU32(lifetimes, address.preferredLifetime);
  writer.setU32(lifetimes + 4, address.validLifetime);
  return writer.finish();
}
