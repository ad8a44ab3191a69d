/**
 * Parses `lease6 { … }`: the identity associations with addresses and prefixes, and the options of a DHCPv6
 * server.
 */
import { networkOf, type Prefix, parseIp } from '../../core/model/address.ts';
import { parseDomain, parseHostName } from '../../core/model/domain-name.ts';
import { timestamp } from '../../core/model/ids.ts';
import { isInterfaceName } from '../../core/model/interface-name.ts';
import { parseValues } from '../../core/model/parsed-values.ts';
import type { DelegatedPrefix, Lease, LeaseAddress, LeaseEnd } from './lease.ts';
import {
  type OptionValue,
  parseHostAddress,
  parseRemoteAddress,
  readAddresses,
  readDomains,
  readHex,
  textsOf,
} from './option-value.ts';
import { LeaseOptions } from './options.ts';
import { present } from './present.ts';
import type { LeaseProblem } from './problem.ts';
import { keywordOf, type Statement, wordAt } from './statements.ts';

/** RFC 8415 7.7: an infinite lifetime. */
const infinite = 0xffffffff;

const associations: ReadonlySet<string> = new Set(['ia-na', 'ia-ta', 'ia-pd']);
const ignoredKeywords: ReadonlySet<string> = new Set(['name', 'key']);

interface Lease6Draft {
  interface?: string;
  released: boolean;
  readonly addresses: LeaseAddress[];
  readonly delegated: DelegatedPrefix[];
  readonly renew: LeaseEnd[];
  readonly rebind: LeaseEnd[];
}

/** Parses a lease. Returns undefined, with a problem, if it has no interface or no identity association. */
export function readLease6(statement: Statement, problems: LeaseProblem[]): Lease | undefined {
  const options = new LeaseOptions(problems);
  const draft: Lease6Draft = { released: false, addresses: [], delegated: [], renew: [], rebind: [] };
  let hasAssociation = false;
  for (const inner of statement.block ?? []) {
    if (options.add(inner)) continue;
    if (associations.has(keywordOf(inner))) {
      hasAssociation = true;
      readAssociation(inner, draft, options);
    } else readDeclaration(inner, draft, options);
  }
  if (draft.interface === undefined || !hasAssociation) {
    const code = draft.interface === undefined ? 'missing-interface' : 'missing-association';
    options.reject(statement.line, code);
    return undefined;
  }
  return assemble(draft.interface, draft, options);
}

function readDeclaration(statement: Statement, draft: Lease6Draft, options: LeaseOptions): void {
  const keyword = keywordOf(statement);
  if (keyword === 'interface') {
    const name = wordAt(statement, 1) ?? '';
    if (isInterfaceName(name)) draft.interface = name;
    else options.reject(statement.line, 'invalid-value', keyword);
  } else if (keyword === 'released' || keyword === 'abandoned') {
    draft.released = true;
  } else if (!ignoredKeywords.has(keyword)) {
    options.reject(statement.line, 'unknown-statement', keyword);
  }
}

/** `ia-na 1:2:3:4 { starts N; renew N; rebind N; iaaddr … { … } }`; times are seconds since `starts`. */
function readAssociation(statement: Statement, draft: Lease6Draft, options: LeaseOptions): void {
  const block = statement.block ?? [];
  const starts = numberOf(block, 'starts');
  const renew = numberOf(block, 'renew');
  const rebind = numberOf(block, 'rebind');
  // RFC 8415 21.4: 0 leaves the time to the client.
  if (renew !== undefined && renew > 0) draft.renew.push(endOf(starts, renew));
  if (rebind !== undefined && rebind > 0) draft.rebind.push(endOf(starts, rebind));
  for (const inner of block) {
    const keyword = keywordOf(inner);
    if (keyword === 'iaaddr') readAddress(inner, draft, options);
    else if (keyword === 'iaprefix') readPrefix(inner, draft, options);
  }
}

function readAddress(statement: Statement, draft: Lease6Draft, options: LeaseOptions): void {
  const address = parseRemoteAddress(wordAt(statement, 1) ?? '', 6);
  const lifetimes = readLifetimes(statement);
  if (address === undefined) options.reject(statement.line, 'invalid-value', 'iaaddr');
  else if (lifetimes !== undefined) draft.addresses.push({ address, ...lifetimes });
}

function readPrefix(statement: Statement, draft: Lease6Draft, options: LeaseOptions): void {
  const prefix = parsePrefix(wordAt(statement, 1) ?? '');
  const lifetimes = readLifetimes(statement);
  if (prefix === undefined) options.reject(statement.line, 'invalid-value', 'iaprefix');
  else if (lifetimes !== undefined) draft.delegated.push({ prefix, ...lifetimes });
}

function parsePrefix(text: string): Prefix | undefined {
  const [, before, after] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseIp(before ?? '');
  const length = Number(after);
  if (address === undefined || !address.includes(':') || !(length >= 1 && length <= 128)) return undefined;
  return networkOf(address, length);
}

type Lifetimes = Pick<LeaseAddress, 'preferredUntil' | 'validUntil'>;

/** Returns undefined for a valid lifetime of 0: the server withdrew the address or prefix. */
function readLifetimes(statement: Statement): Lifetimes | undefined {
  const block = statement.block ?? [];
  const starts = numberOf(block, 'starts');
  const valid = numberOf(block, 'max-life');
  if (valid === 0) return undefined;
  return {
    preferredUntil: endOf(starts, numberOf(block, 'preferred-life')),
    validUntil: endOf(starts, valid),
  };
}

/** Returns the end of a lifetime. Without one in the file it never ends. */
function endOf(starts: number | undefined, seconds: number | undefined): LeaseEnd {
  if (starts === undefined || seconds === undefined || seconds >= infinite) return 'never';
  return timestamp((starts + seconds) * 1000);
}

/** Returns the last number of `keyword`; dhclient writes -1 for 4294967295 on some machines. */
function numberOf(block: readonly Statement[], keyword: string): number | undefined {
  const word = wordAt(block.findLast((inner) => keywordOf(inner) === keyword) ?? { words: [], line: 0 }, 1);
  if (word === '-1') return infinite;
  return word !== undefined && /^\d{1,11}$/.test(word) ? Number(word) : undefined;
}

/** Returns the latest end; `never` without ends. */
function latestEnd(ends: readonly LeaseEnd[]): LeaseEnd {
  if (ends.length === 0 || ends.includes('never')) return 'never';
  return timestamp(Math.max(...ends.map(Number)));
}

/** Returns the earliest end; undefined without ends. */
function earliestEnd(ends: readonly LeaseEnd[]): LeaseEnd | undefined {
  const times = ends.filter((end) => typeof end === 'number');
  if (times.length > 0) return timestamp(Math.min(...times));
  return ends.length === 0 ? undefined : 'never';
}

function assemble(link: string, draft: Lease6Draft, options: LeaseOptions): Lease {
  const ends = [...draft.addresses, ...draft.delegated].map((one) => one.validUntil);
  return {
    family: 6,
    interface: link,
    addresses: draft.addresses,
    delegated: draft.delegated,
    routers: [],
    classlessRoutes: [],
    dns: options.list('dhcp6.name-servers', (value) =>
      readAddresses(value, (text) => parseHostAddress(text, 6)),
    ),
    domainSearch: options.list('dhcp6.domain-search', readDomains),
    ...present('hostName', options.one('dhcp6.fqdn', readFqdn)),
    ntp: readTimeServers(options),
    ...present('serverIdentifier', options.one('dhcp6.server-id', readHex)),
    ...present('renew', earliestEnd(draft.renew)),
    ...present('rebind', earliestEnd(draft.rebind)),
    expire: latestEnd(ends),
    bootp: false,
    released: draft.released,
    options: options.rest(),
    rejected: options.rejected,
  };
}

const readFqdn = (value: OptionValue): string | undefined => {
  const text = textsOf(value).at(-1);
  return text === undefined ? undefined : parseHostName(text);
};

function readTimeServers(options: LeaseOptions): readonly string[] {
  const parse = (text: string): string | undefined => parseHostAddress(text, 6) ?? parseDomain(text);
  const servers = ['dhcp6.ntp-servers', 'dhcp6.sntp-servers'].flatMap((name) =>
    options.list(name, (value) => parseValues(textsOf(value), parse)),
  );
  return [...new Set(servers)];
}
