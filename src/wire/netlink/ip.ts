/** Addresses of a family in messages. */
import {
  type Family,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  parseIpBytes,
} from '../../core/model/address.ts';
import { AddressFamily } from './constants.ts';

/** Text of the address at `at`, whose 4 or 16 bytes the caller guarantees. */
export const formatIp = (bytes: Uint8Array, at: number, family: Family): IpAddress =>
  family === 4 ? formatIpv4(bytes, at) : formatIpv6(bytes, at);

/** 4 or 16: bytes of an address. */
export const addressSize = (family: Family): 4 | 16 => (family === 4 ? 4 : 16);

/** The family of an `AF_*` number; undefined where it is another one. */
export function familyOfNumber(value: number): Family | undefined {
  if (value === AddressFamily.inet) return 4;
  return value === AddressFamily.inet6 ? 6 : undefined;
}

export const familyNumber = (family: Family): number =>
  family === 4 ? AddressFamily.inet : AddressFamily.inet6;

/** The bytes of an address, in network order. An IpAddress is canonical text by construction: others are a bug. */
export function ipBytes(address: IpAddress): Uint8Array {
  const bytes = parseIpBytes(address);
  if (bytes === undefined) throw new TypeError(`not an IP address: ${address}`);
  return bytes;
}
