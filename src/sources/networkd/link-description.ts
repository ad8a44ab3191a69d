/**
 * Parses the answer of networkd's `Describe`, the JSON that `networkctl status --json` prints. Every value is
 * checked by its type.
 */
import { formatIpv4, formatIpv6, type IpAddress, isMulticast, parseIp } from '../../core/model/address.ts';
import { parseDomain, parseHostName } from '../../core/model/domain-name.ts';
import type { NetworkdReport } from '../../core/model/fact.ts';
import { ReservedTable } from '../../core/model/kernel-objects.ts';

export type DescribedLink = Pick<NetworkdReport, 'dns' | 'domains' | 'ntp' | 'gateways'> & {
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
  };
  return { ok: true, details, rejected: values.rejected };
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
