/**
 * Parses properties of org.freedesktop.network1 (org.freedesktop.network1(5)) into states that netevd knows.
 * Unknown values are left out: a later networkd may have more.
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

/** The states of a link; absent where the message did not have them. */
export type LinkStates = Partial<
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

export interface ParsedStates {
  readonly states: LinkStates;
  /** Unknown values, as `property=value`. */
  readonly unknown: readonly string[];
}

/** Property, our key, and its values. The host has all of them but the second. */
const table: readonly (readonly [property: string, key: keyof LinkStates, values: readonly string[]])[] = [
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
export const parseLinkProperties = (properties: BusDictionary): ParsedStates => parseStates(properties);

/**
 * States among the properties of the Manager object, by their D-Bus names; '' where networkd reports none.
 */
export function parseHostProperties(properties: BusDictionary): {
  readonly host: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
} {
  const host: Record<string, string> = {};
  const { states, unknown } = parseStates(properties);
  for (const [property, key] of table) {
    const state = states[key] ?? (textOf(properties.get(property)) === '' ? '' : undefined);
    if (state !== undefined && key !== 'administrative') host[property] = state;
  }
  return { host, unknown };
}

function parseStates(properties: BusDictionary): ParsedStates {
  const states: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [property, key, allowed] of table) {
    const text = textOf(properties.get(property));
    if (text === undefined || text === '') continue;
    if (allowed.includes(text)) states[key] = text;
    else unknown.push(`${property}=${text.slice(0, 64)}`);
  }
  return { states, unknown };
}

export const linkNamespace = '/org/freedesktop/network1/link';

/** `INT32_MAX`: the largest interface index of the kernel. */
const maxIndex = 2 ** 31 - 1;

/** The ifindex in the path of a Link object; undefined for a path that networkd does not make. */
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

/** Parses the answer of ListLinks, `a(iso)`: links whose path and index agree. Undefined for another type. */
export function parseLinkList(value: BusValue | undefined): readonly ListedLink[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((entry): ListedLink[] => {
    const [number, , at] = Array.isArray(entry) ? entry : [];
    const path = textOf(at);
    const index = path === undefined ? undefined : indexOfPath(path);
    return path !== undefined && index !== undefined && index === number ? [{ index, path }] : [];
  });
}
