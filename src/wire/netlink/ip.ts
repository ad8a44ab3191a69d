/** IP addresses and families in messages. */
import {
  type Family,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  parseIpBytes,
} from '../../core/model/address.ts';
import { AddressFamily } from './constants.ts';

/** Formats the address at `at`; the caller guarantees its 4 or 16 bytes. */
export const formatIp = (bytes: Uint8Array, at: number, family: Family): IpAddress =>
  family === 4 ? formatIpv4(bytes, at) : formatIpv6(bytes, at);

/** Size of an address in bytes. */
export const addressSize = (family: Family): 4 | 16 => (family === 4 ? 4 : 16);

/** Returns the family of an `AF_*` number; undefined for other families. */
export function familyOfNumber(value: number): Family | undefined {
  if (value === AddressFamily.inet) return 4;
  return value === AddressFamily.inet6 ? 6 : undefined;
}

export const familyNumber = (family: Family): number =>
  family === 4 ? AddressFamily.inet : AddressFamily.inet6;

/**
 * Returns the bytes of an address in network order. Throws on text that is not an address, which is a bug.
 */
export function ipBytes(address: IpAddress): Uint8Array {
  const bytes = parseIpBytes(address);
  if (bytes === undefined) throw new TypeError(`not an IP address: ${address}`);
  return bytes;
}
