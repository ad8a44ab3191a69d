/** Parses addresses: RTM_NEWADDR and RTM_DELADDR, `struct ifaddrmsg` and `IFA_*` of linux/if_addr.h. */
import { type Family, maxPrefixLength } from '../../core/model/address.ts';
import { ifIndex } from '../../core/model/ids.ts';
import type { AddressObject } from '../../core/model/kernel-objects.ts';
import { AttributeTable } from './attributes.ts';
import { readU32 } from './bytes.ts';
import { AddressAttribute as IFA, StructSize } from './constants.ts';
import { addressSize, familyOfNumber, formatIp } from './ip.ts';
import { checkStruct, malformed, otherFamily, type Rejected } from './problem.ts';
import { decodeText } from './text.ts';

export type AddressResult = { readonly ok: true; readonly address: AddressObject } | Rejected;

const tableFor = (family: Family): AttributeTable =>
  new AttributeTable({
    [IFA.address]: addressSize(family),
    [IFA.local]: addressSize(family),
    [IFA.label]: 0,
    [IFA.broadcast]: addressSize(family),
    [IFA.cacheInfo]: StructSize.addressLifetimes,
    [IFA.flags]: 4,
  });
const ipv4Attributes = tableFor(4);
const ipv6Attributes = tableFor(6);

/** `INFINITY_LIFE_TIME` of include/net/addrconf.h. */
const infiniteLifetime = 0xffff_ffff;

/** Parses the address in the payload at [offset, offset + length). Skips unknown attributes. */
export function parseAddress(bytes: Uint8Array, offset: number, length: number): AddressResult {
  const short = checkStruct(bytes, offset, length, StructSize.address, 'ifaddrmsg');
  if (short !== undefined) return short;
  const family = familyOfNumber(bytes[offset] as number);
  if (family === undefined) return otherFamily;
  const most = maxPrefixLength(family);
  if ((bytes[offset + 1] as number) > most) {
    return malformed('value-range', offset + 1, `a prefix length up to ${most}`);
  }
  const attributes = family === 4 ? ipv4Attributes : ipv6Attributes;
  const broken = attributes.index(bytes, offset + StructSize.address, offset + length);
  if (broken !== undefined) return broken;
  if (attributes.at(IFA.local) === 0 && attributes.at(IFA.address) === 0) {
    return malformed('attribute-missing', offset, 'IFA_LOCAL or IFA_ADDRESS');
  }
  const index = readU32(bytes, offset + 4);
  if (index === 0) return malformed('value-range', offset + 4, 'an interface index above 0');
  return { ok: true, address: readAddress(bytes, offset, family, attributes) };
}

function readAddress(
  bytes: Uint8Array,
  offset: number,
  family: Family,
  attributes: AttributeTable,
): AddressObject {
  const ownAt = attributes.at(IFA.local) || attributes.at(IFA.address);
  const lifetimes = attributes.at(IFA.cacheInfo);
  const flagsAt = attributes.at(IFA.flags);
  const address: { -readonly [Key in keyof AddressObject]: AddressObject[Key] } = {
    ifindex: ifIndex(readU32(bytes, offset + 4)),
    family,
    address: formatIp(bytes, ownAt, family),
    prefixLength: bytes[offset + 1] as number,
    scope: bytes[offset + 3] as number,
    flags: flagsAt === 0 ? (bytes[offset + 2] as number) : readU32(bytes, flagsAt),
    validLifetime: lifetimes === 0 ? infiniteLifetime : readU32(bytes, lifetimes + 4),
    preferredLifetime: lifetimes === 0 ? infiniteLifetime : readU32(bytes, lifetimes),
  };
  const peerAt = attributes.at(IFA.address);
  if (peerAt !== 0 && peerAt !== ownAt && !sameBytes(bytes, peerAt, ownAt, addressSize(family))) {
    address.peer = formatIp(bytes, peerAt, family);
  }
  const broadcast = attributes.at(IFA.broadcast);
  if (broadcast !== 0) address.broadcast = formatIp(bytes, broadcast, family);
  const label = attributes.at(IFA.label);
  if (label !== 0) address.label = decodeText(bytes, label, attributes.length(IFA.label));
  return address;
}

function sameBytes(bytes: Uint8Array, one: number, other: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (bytes[one + i] !== bytes[other + i]) return false;
  }
  return true;
}
