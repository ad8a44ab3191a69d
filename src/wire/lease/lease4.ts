/** Parses `lease { … }`: a DHCPv4 lease. */
import { type IpAddress, parseIp } from '../../core/model/address.ts';
import { parseHostName } from '../../core/model/domain-name.ts';
import type { Timestamp } from '../../core/model/ids.ts';
import { isInterfaceName } from '../../core/model/interface-name.ts';
import { classlessRouteOptions, readClasslessRoutes } from './classless-routes.ts';
import { parseLeaseDate } from './dates.ts';
import type { ClasslessRoute, Lease } from './lease.ts';
import {
  type OptionValue,
  parseHostAddress,
  parseRemoteAddress,
  parseSubnetMask,
  readAddresses,
  readDomains,
  readNumber,
  textsOf,
} from './option-value.ts';
import { LeaseOptions } from './options.ts';
import { present } from './present.ts';
import type { LeaseProblem } from './problem.ts';
import { keywordOf, type Statement, wordAt } from './statements.ts';

/** RFC 2131 3.3: an infinite lease. */
const infinite = 0xffffffff;
/** RFC 791: the minimum MTU of every link. */
const minMtu = 68;

/** Statements of a lease that do not matter to the network. */
const ignoredKeywords: ReadonlySet<string> = new Set([
  'name',
  'medium',
  'filename',
  'server-name',
  'next-server',
  'key',
  'vendor',
  'script',
  'epoch',
]);

interface Lease4Draft {
  interface?: string;
  address?: IpAddress;
  renew?: Timestamp | 'never';
  rebind?: Timestamp | 'never';
  expire?: Timestamp | 'never';
  bootp: boolean;
  released: boolean;
}

/** Parses a lease. Returns undefined, with a problem, if it has no interface or no address. */
export function readLease4(statement: Statement, problems: LeaseProblem[]): Lease | undefined {
  const options = new LeaseOptions(problems);
  const draft: Lease4Draft = { bootp: false, released: false };
  // The syntax of dhcpd, which people also use in these files: `lease 192.0.2.5 {`.
  const named = wordAt(statement, 1);
  if (named !== undefined) readFixedAddress(draft, named);
  for (const inner of statement.block ?? []) {
    if (!options.add(inner)) readDeclaration(inner, draft, options);
  }
  if (draft.interface === undefined || draft.address === undefined) {
    const code = draft.interface === undefined ? 'missing-interface' : 'missing-address';
    options.reject(statement.line, code);
    return undefined;
  }
  return assemble(draft.interface, draft.address, draft, options);
}

function readDeclaration(statement: Statement, draft: Lease4Draft, options: LeaseOptions): void {
  const keyword = keywordOf(statement);
  switch (keyword) {
    case 'interface': {
      const name = wordAt(statement, 1) ?? '';
      if (isInterfaceName(name)) draft.interface = name;
      else options.reject(statement.line, 'invalid-value', keyword);
      break;
    }
    case 'fixed-address':
      if (!readFixedAddress(draft, wordAt(statement, 1))) {
        options.reject(statement.line, 'invalid-value', keyword);
      }
      break;
    case 'renew':
    case 'rebind':
    case 'expire': {
      const date = parseLeaseDate(statement.words.slice(1).map((word) => word.text));
      if (date === undefined) options.reject(statement.line, 'invalid-value', keyword);
      else draft[keyword] = date;
      break;
    }
    case 'bootp':
      draft.bootp = true;
      break;
    case 'released':
    case 'abandoned':
      draft.released = true;
      break;
    default:
      if (!ignoredKeywords.has(keyword)) options.reject(statement.line, 'unknown-statement', keyword);
  }
}

function readFixedAddress(draft: Lease4Draft, text: string | undefined): boolean {
  const address = parseRemoteAddress(text ?? '', 4);
  if (address !== undefined) draft.address = address;
  return address !== undefined;
}

function assemble(link: string, address: IpAddress, draft: Lease4Draft, options: LeaseOptions): Lease {
  // dhclient always writes an end; a lease without one was added by hand and stays valid.
  const expire = draft.expire ?? 'never';
  const leaseTime = options.one('dhcp-lease-time', (value) => readNumber(value, 0, infinite));
  return {
    family: 4,
    interface: link,
    addresses: [{ address, preferredUntil: expire, validUntil: expire }],
    delegated: [],
    ...options.one('subnet-mask', (value) => only(value, parseSubnetMask)),
    ...present('broadcast', options.one('broadcast-address', readBroadcast)),
    routers: options.list('routers', (value) => readAddresses(value, (text) => parseRemoteAddress(text, 4))),
    classlessRoutes: readRoutes(options),
    dns: options.list('domain-name-servers', (value) =>
      readAddresses(value, (text) => parseHostAddress(text, 4)),
    ),
    ...readNames(options),
    ntp: options.list('ntp-servers', (value) => readAddresses(value, (text) => parseHostAddress(text, 4))),
    ...present(
      'mtu',
      options.one('interface-mtu', (value) => readNumber(value, minMtu, 65535)),
    ),
    ...present(
      'serverIdentifier',
      options.one('dhcp-server-identifier', (value) => only(value, readRemote)),
    ),
    ...(leaseTime === undefined || leaseTime === infinite ? {} : { leaseTime }),
    ...present('renew', draft.renew),
    ...present('rebind', draft.rebind),
    expire,
    bootp: draft.bootp,
    released: draft.released,
    options: options.rest(),
    rejected: options.rejected,
  };
}

/** Parses the single text of a value; returns undefined if there are several. */
function only<T>(value: OptionValue, parse: (text: string) => T | undefined): T | undefined {
  const texts = textsOf(value);
  return texts.length === 1 && texts[0] !== undefined ? parse(texts[0]) : undefined;
}

const readRemote = (text: string): IpAddress | undefined => parseRemoteAddress(text, 4);

const readBroadcast = (value: OptionValue): IpAddress | undefined =>
  only(
    value,
    (text) => parseHostAddress(text, 4) ?? (text === '255.255.255.255' ? parseIp(text) : undefined),
  );

function readRoutes(options: LeaseOptions): readonly ClasslessRoute[] {
  for (const name of classlessRouteOptions) {
    const routes = options.one(name, readClasslessRoutes);
    if (routes !== undefined) return routes;
  }
  return [];
}

/** Many servers send a search list as domain-name: the first is the domain, the others are search domains. */
function readNames(options: LeaseOptions): Pick<Lease, 'domainName' | 'domainSearch' | 'hostName'> {
  const [domainName, ...more] = options.list('domain-name', readDomains);
  const search = options.list('domain-search', readDomains);
  return {
    ...present('domainName', domainName),
    domainSearch: [...new Set([...search, ...more])],
    ...present(
      'hostName',
      options.one('host-name', (value) => only(value, parseHostName)),
    ),
  };
}
