/**
 * IP addresses as canonical text: dotted quads, and RFC 5952 for IPv6. Two addresses are equal exactly when
 * their texts are.
 */
import type { Branded } from './ids.ts';

export type Family = 4 | 6;
/** An IPv4 or IPv6 address in canonical text, without prefix length and without zone. */
export type IpAddress = Branded<string, 'IpAddress'>;

export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

/** `0.0.0.0` or `::`. */
export const unspecified = (family: Family): IpAddress => (family === 4 ? '0.0.0.0' : '::') as IpAddress;

/** 32 or 128. */
export const maxPrefixLength = (family: Family): 32 | 128 => (family === 4 ? 32 : 128);

/** Returns the family of an address in canonical text. */
export const familyOf = (address: IpAddress): Family => (address.includes(':') ? 6 : 4);

/** Formats the four bytes at `offset`. The caller guarantees that they exist. */
export function formatIpv4(bytes: Uint8Array, offset: number): IpAddress {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}` as IpAddress;
}

const shortHex: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16));
const fullHex: readonly string[] = shortHex.map((text) => text.padStart(2, '0'));

/** Formats the sixteen bytes at `offset` as RFC 5952 text. The caller guarantees that they exist. */
export function formatIpv6(bytes: Uint8Array, offset: number): IpAddress {
  if (isMapped(bytes, offset)) return `::ffff:${formatIpv4(bytes, offset + 12)}` as IpAddress;
  const run = longestZeroRun(bytes, offset);
  const runStart = run >> 4;
  const runEnd = run & 15;
  let text = '';
  // Netlink delivers thousands of these a second: one pass, no arrays.
  for (let i = 0; i < 8; i++) {
    if (i === runStart && runEnd > runStart) {
      text += '::';
      i = runEnd - 1;
    } else {
      if (i > 0 && i !== runEnd) text += ':';
      const high = bytes[offset + 2 * i] as number;
      const low = bytes[offset + 2 * i + 1] as number;
      text += high === 0 ? shortHex[low] : `${shortHex[high]}${fullHex[low]}`;
    }
  }
  return text as IpAddress;
}

/** ::ffff:0:0/96 (RFC 4291 2.5.5.2). */
function isMapped(bytes: Uint8Array, offset: number): boolean {
  if (bytes[offset + 10] !== 0xff || bytes[offset + 11] !== 0xff) return false;
  for (let i = 0; i < 10; i++) if (bytes[offset + i] !== 0) return false;
  return true;
}

/**
 * Returns the first longest run of two or more zero groups, as start * 16 + end; 0 without one (RFC 5952
 * 4.2).
 */
function longestZeroRun(bytes: Uint8Array, offset: number): number {
  let best = 0;
  let longest = 1;
  let start = 0;
  for (let i = 0; i < 8; i++) {
    if (bytes[offset + 2 * i] !== 0 || bytes[offset + 2 * i + 1] !== 0) start = i + 1;
    else if (i + 1 - start > longest) {
      longest = i + 1 - start;
      best = start * 16 + i + 1;
    }
  }
  return best;
}

/** Parses an address; returns its canonical text, or undefined if `text` is not an address or has a zone. */
export function parseIp(text: string): IpAddress | undefined {
  const bytes = parseIpBytes(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
}

/**
 * Parses an address into its 4 or 16 bytes in network order; returns undefined if `text` is not an address.
 */
export function parseIpBytes(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6Bytes(text) : parseIpv4Bytes(text);
}

function parseIpv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseIpv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** Parses colon-separated groups into bytes. With `allowQuad` the last group may be a dotted quad. */
function parseGroups(text: string, allowQuad: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (group.includes('.')) {
      const four = allowQuad && i === groups.length - 1 ? parseIpv4Bytes(group) : undefined;
      if (four === undefined) return undefined;
      bytes.push(...four);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

/** 169.254.0.0/16 or fe80::/10 (RFC 3927, RFC 4291 2.5.6). */
export function isLinkLocal(address: IpAddress): boolean {
  return familyOf(address) === 4 ? address.startsWith('169.254.') : /^fe[89ab][0-9a-f]:/.test(address);
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: IpAddress): boolean {
  return familyOf(address) === 4 ? address.startsWith('127.') : address === '::1';
}

/** 224.0.0.0/4 or ff00::/8. */
export function isMulticast(address: IpAddress): boolean {
  const bytes = parseIpBytes(address);
  const first = bytes?.[0] ?? 0;
  return familyOf(address) === 4 ? first >= 224 && first <= 239 : first === 0xff;
}

/** Whether `address` lies within `prefix`; false across families. */
export function contains(prefix: Prefix, address: IpAddress): boolean {
  const network = parseIpBytes(prefix.address);
  const bytes = parseIpBytes(address);
  if (network === undefined || bytes === undefined || network.length !== bytes.length) return false;
  return bytes.every((byte, i) => {
    const bits = Math.max(0, Math.min(8, prefix.length - 8 * i));
    const mask = (0xff00 >> bits) & 0xff;
    return (byte & mask) === ((network[i] ?? 0) & mask);
  });
}

/** Returns the network of `address`: the address with its host bits cleared. */
export function networkOf(address: IpAddress, length: number): Prefix {
  const bytes = parseIpBytes(address) ?? new Uint8Array(4);
  for (let i = 0; i < bytes.length; i++) {
    const bits = Math.max(0, Math.min(8, length - 8 * i));
    bytes[i] = (bytes[i] ?? 0) & ((0xff00 >> bits) & 0xff);
  }
  return { address: bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0), length };
}
