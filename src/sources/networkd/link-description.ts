/**
 * Parses the answer of networkd's `Describe`, the JSON that `networkctl status --json` prints. Every value is
 * checked by its type.
 */
import {
  type Family,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  isMulticast,
  parseIp,
} from '../../core/model/address.ts';
import { parseDomain, parseHostName } from '../../core/model/domain-name.ts';
import type { NetworkdReport } from '../../core/model/fact.ts';
import { ReservedTable } from '../../core/model/kernel-objects.ts';
import type { ManagerLease } from '../../core/model/state.ts';

export type DescribedLink = Pick<NetworkdReport, 'dns' | 'domains' | 'ntp' | 'gateways'> & {
  /** Null without a lease of the family. */
  readonly lease4: ManagerLease | null;
  readonly lease6: ManagerLease | null;
  /** '' where there is none. */
  readonly networkFile: string;
  readonly linkFile: string;
};

export type Described =
  /** `rejected`: number of values that were not of their types and are left out. */
  | { readonly ok: true; readonly details: DescribedLink; readonly rejected: number }
  | { readonly ok: false; readonly problem: string };

type Json = Readonly<Record<string, unknown>>;

/** Parses the JSON text. */
export function parseDescription(text: string): Described {
  const json = parseObject(text);
  if (json === undefined) return { ok: false, problem: 'not a JSON object' };
  const values = new ValueFilter();
  const details: DescribedLink = {
    dns: values.valid(list(json, 'DNS'), serverAddress),
    domains: values.valid(list(json, 'SearchDomains'), (entry) => textIn(entry, 'Domain', parseDomain)),
    ntp: values.valid(
      list(json, 'NTP'),
      (entry) => serverAddress(entry) ?? textIn(entry, 'Server', parseHostName),
    ),
    gateways: values.valid(defaultRoutes(json), (entry) => addressOf(entry['Gateway'])),
    networkFile: values.file(json['NetworkFile']),
    linkFile: values.file(json['LinkFile']),
    lease4: leaseOf(json, 4),
    lease6: leaseOf(json, 6),
  };
  return { ok: true, details, rejected: values.rejected };
}

/** `ConfigSource` of what DHCP brought (networkd-util.c). */
const dhcpSources: Readonly<Record<Family, string>> = { 4: 'DHCPv4', 6: 'DHCPv6' };

/**
 * Collects what DHCP brought. systemd before 255 has no lease in its description, but names the source of
 * each setting. Since 255, `DHCPv6Client` lists the delegated prefixes. Invalid values are left out here;
 * the link's own lists count them.
 */
function leaseOf(json: Json, family: Family): ManagerLease | null {
  const source = dhcpSources[family];
  const parsed = <T>(key: string, parse: (entry: Json) => T | undefined): readonly T[] =>
    new ValueFilter().valid(
      list(json, key).filter((entry) => entry['ConfigSource'] === source),
      parse,
    );
  const lease: ManagerLease = {
    addresses: parsed('Addresses', serverAddress),
    prefixes: family === 6 ? delegatedPrefixes(json) : [],
    gateways: new ValueFilter().valid(
      defaultRoutes(json).filter((route) => route['ConfigSource'] === source),
      (entry) => addressOf(entry['Gateway']),
    ),
    dns: parsed('DNS', serverAddress),
    domains: parsed('SearchDomains', (entry) => textIn(entry, 'Domain', parseDomain)),
    ntp: parsed('NTP', (entry) => serverAddress(entry) ?? textIn(entry, 'Server', parseHostName)),
  };
  const isBound = lease.addresses.length + lease.prefixes.length > 0;
  return isBound || (family === 6 && lease.dns.length > 0) ? lease : null;
}

function delegatedPrefixes(json: Json): readonly string[] {
  const client = json['DHCPv6Client'];
  if (!isObject(client)) return [];
  return new ValueFilter().valid(list(client, 'Prefixes'), (entry) => {
    const address = addressOf(entry['Prefix']);
    const length = entry['PrefixLength'];
    const isLength = typeof length === 'number' && Number.isInteger(length) && length >= 1 && length <= 128;
    return address === undefined || !isLength ? undefined : `${address}/${length}`;
  });
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keeps valid values and counts the others. */
class ValueFilter {
  rejected = 0;

  /** The results of `parse`, each once. */
  valid<T>(entries: readonly Json[], parse: (entry: Json) => T | undefined): readonly T[] {
    const parsed = entries.map(parse);
    this.rejected += parsed.filter((each) => each === undefined).length;
    return [...new Set(parsed.filter((each) => each !== undefined))];
  }

  /** An absolute path without control characters. */
  file(value: unknown): string {
    if (value === undefined || value === null || value === '') return '';
    if (typeof value === 'string' && /^\/\P{Cc}{0,4094}$/u.test(value)) return value;
    this.rejected += 1;
    return '';
  }
}

function list(json: Json, key: string): readonly Json[] {
  const value = json[key];
  return Array.isArray(value) ? value.map((entry: unknown) => (isObject(entry) ? entry : {})) : [];
}

const serverAddress = (entry: Json): IpAddress | undefined => addressOf(entry['Address']);

function textIn<T>(entry: Json, key: string, parse: (text: string) => T | undefined): T | undefined {
  const text = entry[key];
  return typeof text === 'string' ? parse(text) : undefined;
}

/**
 * networkd writes addresses as lists of bytes; text is accepted too. Unspecified and multicast addresses are
 * not.
 */
function addressOf(value: unknown): IpAddress | undefined {
  const address = typeof value === 'string' ? parseIp(value) : fromBytes(value);
  const isHost = address !== undefined && address !== '0.0.0.0' && address !== '::' && !isMulticast(address);
  return isHost ? address : undefined;
}

function fromBytes(value: unknown): IpAddress | undefined {
  if (!Array.isArray(value) || (value.length !== 4 && value.length !== 16)) return undefined;
  const bytes: readonly unknown[] = value;
  const isByte = (each: unknown): each is number =>
    typeof each === 'number' && Number.isInteger(each) && each >= 0 && each <= 255;
  if (!bytes.every(isByte)) return undefined;
  const octets = Uint8Array.from(bytes);
  return octets.length === 4 ? formatIpv4(octets, 0) : formatIpv6(octets, 0);
}

/** Default routes in the main table with a gateway, the best first. */
function defaultRoutes(json: Json): readonly Json[] {
  const priority = (route: Json): number => (typeof route['Priority'] === 'number' ? route['Priority'] : 0);
  return list(json, 'Routes')
    .filter(
      (route) =>
        route['DestinationPrefixLength'] === 0 &&
        route['Table'] === ReservedTable.main &&
        route['Gateway'] !== undefined &&
        route['Gateway'] !== null,
    )
    .sort((a, b) => priority(a) - priority(b));
}
