/**
 * Parses lease files of NetworkManager's own client, `/var/lib/NetworkManager/internal-UUID-IFACE.lease`:
 * `KEY=value` lines. Current versions write only the address; older ones wrote the same as systemd's client.
 * The files remain when the connection goes down, so that without a lifetime it is unknown whether such a
 * lease is still active.
 */
import type { IpAddress } from '../../core/model/address.ts';
import { parseDomainList, parseHostName } from '../../core/model/domain-name.ts';
import { type Timestamp, timestamp } from '../../core/model/ids.ts';
import { isInterfaceName } from '../../core/model/interface-name.ts';
import { type ParsedValues, parseValues } from '../../core/model/parsed-values.ts';
import type { Lease, LeaseEnd } from './lease.ts';
import { parseHostAddress, parseRemoteAddress, parseSubnetMask } from './option-value.ts';
import { present } from './present.ts';

export type ParsedInternalLease =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly problem: string };

/** What the content of the file lacks: the interface, from its name, and its modification time. */
export interface InternalLeaseFile {
  readonly interface: string;
  readonly modified: Timestamp;
}

/** Returns the interface of an `internal-UUID-IFACE.lease`; undefined for any other file name. */
export function internalLeaseLink(fileName: string): string | undefined {
  const [, link] = /^internal-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(.+)\.lease$/i.exec(fileName) ?? [];
  return link !== undefined && isInterfaceName(link) ? link : undefined;
}

/** Parses one file. Leaves out and counts invalid values; fails without a valid address. */
export function parseInternalLease(text: string, file: InternalLeaseFile): ParsedInternalLease {
  const values = new Assignments(text);
  const address = values.one('ADDRESS', (value) => parseRemoteAddress(value, 4));
  if (address === undefined) return { ok: false, problem: 'lease without a valid address' };
  const end = (key: string): LeaseEnd | undefined =>
    values.one(key, (value) => endAfter(file.modified, value));
  const expire = end('LIFETIME') ?? 'unknown';
  const [domainName, ...search] = values.list('DOMAINNAME', parseDomainList);
  const lease: Lease = {
    family: 4,
    interface: file.interface,
    addresses: [{ address, preferredUntil: expire, validUntil: expire }],
    delegated: [],
    ...values.one('NETMASK', parseSubnetMask),
    ...present(
      'broadcast',
      values.one('BROADCAST', (value) => parseHostAddress(value, 4)),
    ),
    routers: values.list('ROUTER', (value) => addresses(value, parseRemoteAddress)),
    classlessRoutes: [],
    dns: values.list('DNS', (value) => addresses(value, parseHostAddress)),
    ...present('domainName', domainName),
    domainSearch: [...new Set([...values.list('DOMAIN_SEARCH_LIST', parseDomainList), ...search])],
    ...present('hostName', values.one('HOSTNAME', parseHostName)),
    ntp: values.list('NTP', (value) => addresses(value, parseHostAddress)),
    ...present('mtu', values.one('MTU', readMtu)),
    ...present(
      'serverIdentifier',
      values.one('SERVER_ADDRESS', (value) => parseRemoteAddress(value, 4)),
    ),
    ...present('renew', end('T1')),
    ...present('rebind', end('T2')),
    expire,
    bootp: false,
    released: false,
    options: new Map(),
    rejected: values.rejected,
  };
  return { ok: true, lease };
}

/** The last value of each key; ignores comments and other lines. */
class Assignments {
  readonly #values = new Map<string, string>();
  /** Number of invalid values. */
  rejected = 0;

  constructor(text: string) {
    for (const line of text.slice(0, 65536).split('\n')) {
      const [, key, value] = /^([A-Z][A-Z0-9_]*)=([^\r]*)\r?$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined && value !== '') this.#values.set(key, value);
    }
  }

  one<T>(key: string, parse: (text: string) => T | undefined): T | undefined {
    const value = this.#values.get(key);
    const parsed = value === undefined ? undefined : parse(value);
    if (value !== undefined && parsed === undefined) this.rejected++;
    return parsed;
  }

  list<T>(key: string, read: (text: string) => ParsedValues<T>): readonly T[] {
    const { values, rejected } = read(this.#values.get(key) ?? '');
    this.rejected += rejected;
    return values;
  }
}

function addresses(
  text: string,
  parse: (text: string, family: 4) => IpAddress | undefined,
): ParsedValues<IpAddress> {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return parseValues(parts, (part) => parse(part, 4));
}

const readMtu = (text: string): number | undefined =>
  /^\d{2,5}$/.test(text) && Number(text) >= 68 && Number(text) <= 65535 ? Number(text) : undefined;

/** Returns the end of a lifetime in seconds that starts when the file was written. */
function endAfter(written: Timestamp, seconds: string): LeaseEnd | undefined {
  if (!/^\d{1,10}$/.test(seconds)) return undefined;
  return Number(seconds) >= 0xffffffff ? 'never' : timestamp(written + Number(seconds) * 1000);
}
