/** Parses values of options by their type. */
import {
  type Family,
  familyOf,
  type IpAddress,
  isLoopback,
  isMulticast,
  parseIp,
} from '../../core/model/address.ts';
import { parseDomainList } from '../../core/model/domain-name.ts';
import { type ParsedValues, parseValues } from '../../core/model/parsed-values.ts';
import type { LeaseToken } from './tokens.ts';

/** Comma-separated items, each of one or more words or strings. */
export type OptionValue = readonly (readonly LeaseToken[])[];

/** Maximum number of items: no DHCP packet has more. */
const maxItems = 256;

/** Splits a value at commas; ignores items beyond the maximum. */
export function splitItems(tokens: readonly LeaseToken[]): OptionValue {
  const items: LeaseToken[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'comma') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.filter((item) => item.length > 0).slice(0, maxItems);
}

/** Returns the texts of all words and strings, without the NUL bytes that some servers append. */
export const textsOf = (value: OptionValue): string[] =>
  value.flatMap((item) => item.map((token) => token.text.replace(/\0+$/, '')));

/** Parses an address that a host can have: not unspecified, not multicast, not the limited broadcast. */
export function parseHostAddress(text: string, family: Family): IpAddress | undefined {
  const address = parseIp(text);
  if (address === undefined || familyOf(address) !== family) return undefined;
  if (isMulticast(address) || address === '::' || address === '255.255.255.255') return undefined;
  return address.startsWith('0.') ? undefined : address;
}

/** Parses an address that another host can have: like `parseHostAddress`, without loopback addresses. */
export function parseRemoteAddress(text: string, family: Family): IpAddress | undefined {
  const address = parseHostAddress(text, family);
  return address === undefined || isLoopback(address) ? undefined : address;
}

/** Returns the items that are addresses, and counts the others. */
export const readAddresses = (
  value: OptionValue,
  parse: (text: string) => IpAddress | undefined,
): ParsedValues<IpAddress> => parseValues(textsOf(value), parse);

/** Returns the domains, each once; an item may be a list. */
export function readDomains(value: OptionValue): ParsedValues<string> {
  const lists = textsOf(value).map(parseDomainList);
  return {
    values: [...new Set(lists.flatMap((list) => list.values))],
    rejected: lists.reduce((sum, list) => sum + list.rejected, 0),
  };
}

/** Returns a single whole number within bounds. */
export function readNumber(value: OptionValue, min: number, max: number): number | undefined {
  const texts = textsOf(value);
  const [text] = texts;
  if (text === undefined || texts.length !== 1 || !/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** A subnet mask and its length: at least one bit, ones first (RFC 950, RFC 4632 5.1). */
export interface SubnetMask {
  readonly subnetMask: IpAddress;
  readonly prefixLength: number;
}

/** Parses a subnet mask; returns undefined unless all ones come first. */
export function parseSubnetMask(text: string): SubnetMask | undefined {
  const subnetMask = parseIp(text);
  if (subnetMask === undefined || familyOf(subnetMask) !== 4) return undefined;
  const bits = subnetMask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1+0*$/.test(bits) ? { subnetMask, prefixLength: bits.lastIndexOf('1') + 1 } : undefined;
}

/** Returns the bytes of an untyped option: `18:a:0`, `24,10,0`, or a string. */
export function readBytes(value: OptionValue): number[] | undefined {
  const [first] = value;
  if (value.length === 1 && first?.length === 1) {
    const [token] = first;
    if (token?.kind === 'string') return toBytes(token.text);
    if (token !== undefined && isHexList(token.text)) {
      return token.text.split(':').map((part) => Number.parseInt(part, 16));
    }
  }
  const texts = value.flatMap((item) => (item.length === 1 ? item : [])).map((token) => token.text);
  if (texts.length !== value.length || !texts.every((text) => /^\d{1,3}$/.test(text) && Number(text) < 256)) {
    return undefined;
  }
  return texts.map(Number);
}

function toBytes(text: string): number[] | undefined {
  const bytes = Array.from(text, (character) => character.charCodeAt(0));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

const isHexList = (text: string): boolean => /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})+$/i.test(text);

/** Formats `0:1:AB` as `00:01:ab`; returns undefined if the value is not a list of bytes. */
export function readHex(value: OptionValue): string | undefined {
  const bytes = readBytes(value);
  if (bytes === undefined || bytes.length === 0) return undefined;
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Text without characters that are special to a shell, a log or a list. */
const safeText = /^[A-Za-z0-9][A-Za-z0-9._:/@%+-]{0,254}$/;

/**
 * Returns the value in canonical form, items joined by commas, without white space and characters that are
 * special to a shell; undefined if that is impossible.
 */
export function readSafeText(value: OptionValue): string | undefined {
  const items: string[] = [];
  for (const item of value) {
    const [token] = item;
    if (token === undefined || item.length !== 1) return undefined;
    const text = canonical(token);
    if (text === undefined) return undefined;
    items.push(text);
  }
  return items.length === 0 ? undefined : items.join(',');
}

function canonical(token: LeaseToken): string | undefined {
  const text = token.text.replace(/\0+$/, '');
  const address = parseIp(text);
  if (address !== undefined) return address;
  if (token.kind === 'word' && isHexList(text)) return readHex([[token]]);
  return safeText.test(text) ? text : undefined;
}
