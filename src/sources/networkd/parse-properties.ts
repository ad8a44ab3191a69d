/**
 * Properties of org.freedesktop.network1 (org.freedesktop.network1(5)) as words of our own lists. A word that is on no
 * list is left out: a later networkd may know more than we do.
 */
import type { NetworkdReport } from '../../core/model/fact.ts';
import { type IfIndex, ifIndex } from '../../core/model/ids.ts';
import {
  addressStates,
  administrativeStates,
  carrierStates,
  onlineStates,
  operationalStates,
} from '../../core/model/vocabulary.ts';
import { decodeLabel } from '../../wire/dbus/names.ts';
import { type BusDictionary, type BusValue, textOf } from '../../wire/dbus/value.ts';

/** The states of a link, those of them that were told. */
export type LinkProperties = Partial<
  Pick<
    NetworkdReport,
    | 'operational'
    | 'administrative'
    | 'carrierState'
    | 'addressState'
    | 'ipv4AddressState'
    | 'ipv6AddressState'
    | 'onlineState'
  >
>;

export interface ParsedProperties {
  readonly words: LinkProperties;
  /** What is on no list, as `property=value`. */
  readonly unknown: readonly string[];
}

/** Property, key in our words, and what it can be. The host has all of them but the second. */
const table: readonly (readonly [property: string, key: keyof LinkProperties, words: readonly string[]])[] = [
  ['OperationalState', 'operational', operationalStates],
  ['AdministrativeState', 'administrative', administrativeStates],
  ['CarrierState', 'carrierState', carrierStates],
  ['AddressState', 'addressState', addressStates],
  ['IPv4AddressState', 'ipv4AddressState', addressStates],
  ['IPv6AddressState', 'ipv6AddressState', addressStates],
  ['OnlineState', 'onlineState', onlineStates],
];

/** Whether a change of this property is a change of state. */
export const isStateProperty = (name: string): boolean => table.some(([property]) => property === name);

/** States among the properties of a Link object. */
export function parseLinkProperties(properties: BusDictionary): ParsedProperties {
  const { words, unknown } = readWords(properties);
  return { words, unknown };
}

/** States among the properties of the Manager object, by their D-Bus names; '' where networkd says that there is none. */
export function parseHostProperties(properties: BusDictionary): {
  readonly host: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
} {
  const host: Record<string, string> = {};
  const { words, unknown } = readWords(properties);
  for (const [property, key] of table) {
    const word = words[key] ?? (textOf(properties.get(property)) === '' ? '' : undefined);
    if (word !== undefined && key !== 'administrative') host[property] = word;
  }
  return { host, unknown };
}

function readWords(properties: BusDictionary): ParsedProperties {
  const words: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [property, key, allowed] of table) {
    const text = textOf(properties.get(property));
    if (text === undefined || text === '') continue;
    if (allowed.includes(text)) words[key] = text;
    else unknown.push(`${property}=${text.slice(0, 64)}`);
  }
  return { words, unknown };
}

export const linkNamespace = '/org/freedesktop/network1/link';

/** `INT32_MAX`: what the kernel's indexes are below. */
const maxIndex = 2 ** 31 - 1;

/** The ifindex in the path of a Link object; undefined where the path is none that networkd makes. */
export function indexOfPath(path: string): IfIndex | undefined {
  if (!path.startsWith(`${linkNamespace}/`)) return undefined;
  const text = decodeLabel(path.slice(linkNamespace.length + 1));
  if (text === undefined || !/^[1-9][0-9]{0,9}$/.test(text)) return undefined;
  const index = Number(text);
  return index <= maxIndex ? ifIndex(index) : undefined;
}

export interface ListedLink {
  readonly index: IfIndex;
  readonly path: string;
}

/** The answer of ListLinks, `a(iso)`: links whose path and index agree. Undefined where it is something else. */
export function readLinkList(value: BusValue | undefined): readonly ListedLink[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((entry): ListedLink[] => {
    const [number, , at] = Array.isArray(entry) ? entry : [];
    const path = textOf(at);
    const index = path === undefined ? undefined : indexOfPath(path);
    return path !== undefined && index !== undefined && index === number ? [{ index, path }] : [];
  });
}
