/** `lease6 { … }`: what a DHCPv6 server gave: identity associations with addresses and prefixes, and options. */
import { networkOf, type Prefix, parseIp } from '../../core/model/address.ts';
import { parseDomain, parseHostName } from '../../core/model/domain-name.ts';
import { timestamp } from '../../core/model/ids.ts';
import { isInterfaceName } from '../../core/model/interface-name.ts';
import { parseValues } from '../../core/model/parsed-values.ts';
import type { DelegatedPrefix, Lease, LeaseAddress, LeaseEnd } from './lease.ts';
import { present } from './lease4.ts';
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
import { keywordOf, type LeaseProblem, type Statement, wordAt } from './statements.ts';

/** RFC 8415 7.7: for ever. */
const infinite = 0xffffffff;

const associations: ReadonlySet<string> = new Set(['ia-na', 'ia-ta', 'ia-pd']);
const uninteresting: ReadonlySet<string> = new Set(['name', 'key']);

interface Draft {
  interface?: string;
  released: boolean;
  readonly addresses: LeaseAddress[];
  readonly delegated: DelegatedPrefix[];
  readonly renew: LeaseEnd[];
  readonly rebind: LeaseEnd[];
}

/** Undefined, with a problem, where it has no link or no identity association. */
export function readLease6(statement: Statement, problems: LeaseProblem[]): Lease | undefined {
  const options = new LeaseOptions(problems);
  const draft: Draft = { released: false, addresses: [], delegated: [], renew: [], rebind: [] };
  let associated = false;
  for (const inner of statement.block ?? []) {
    if (options.add(inner)) continue;
    if (associations.has(keywordOf(inner))) {
      associated = true;
      readAssociation(inner, draft, options);
    } else readDeclaration(inner, draft, options);
  }
  if (draft.interface === undefined || !associated) {
    const what = draft.interface === undefined ? 'the link that it is for' : 'an identity association';
    options.reject(statement.line, `a lease without ${what}`);
    return undefined;
  }
  return assemble(draft.interface, draft, options);
}

function readDeclaration(statement: Statement, draft: Draft, options: LeaseOptions): void {
  const keyword = keywordOf(statement);
  if (keyword === 'interface') {
    const name = wordAt(statement, 1) ?? '';
    if (isInterfaceName(name)) draft.interface = name;
    else options.reject(statement.line, 'interface is no name of a link');
  } else if (keyword === 'released' || keyword === 'abandoned') {
    draft.released = true;
  } else if (!uninteresting.has(keyword)) {
    options.reject(statement.line, 'a statement that no lease has');
  }
}

/** `ia-na 1:2:3:4 { starts N; renew N; rebind N; iaaddr … { … } }`; times are seconds since `starts`. */
function readAssociation(statement: Statement, draft: Draft, options: LeaseOptions): void {
  const block = statement.block ?? [];
  const starts = numberOf(block, 'starts');
  const renew = numberOf(block, 'renew');
  const rebind = numberOf(block, 'rebind');
  // RFC 8415 21.4: 0 leaves the moment to the client.
  if (renew !== undefined && renew > 0) draft.renew.push(endOf(starts, renew));
  if (rebind !== undefined && rebind > 0) draft.rebind.push(endOf(starts, rebind));
  for (const inner of block) {
    const keyword = keywordOf(inner);
    if (keyword === 'iaaddr') readAddress(inner, draft, options);
    else if (keyword === 'iaprefix') readPrefix(inner, draft, options);
  }
}

function readAddress(statement: Statement, draft: Draft, options: LeaseOptions): void {
  const address = parseRemoteAddress(wordAt(statement, 1) ?? '', 6);
  const lifetimes = readLifetimes(statement);
  if (address === undefined) options.reject(statement.line, 'iaaddr is no address that a host can have');
  else if (lifetimes !== undefined) draft.addresses.push({ address, ...lifetimes });
}

function readPrefix(statement: Statement, draft: Draft, options: LeaseOptions): void {
  const prefix = parsePrefix(wordAt(statement, 1) ?? '');
  const lifetimes = readLifetimes(statement);
  if (prefix === undefined) options.reject(statement.line, 'iaprefix is no prefix');
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

/** Undefined for what the server took back: a valid lifetime of 0. */
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

/** What the file does not end, stays. */
function endOf(starts: number | undefined, seconds: number | undefined): LeaseEnd {
  if (starts === undefined || seconds === undefined || seconds >= infinite) return 'never';
  return timestamp((starts + seconds) * 1000);
}

/** The last number that `keyword` was given; dhclient writes -1 for 4294967295 on some machines. */
function numberOf(block: readonly Statement[], keyword: string): number | undefined {
  const word = wordAt(block.findLast((inner) => keywordOf(inner) === keyword) ?? { words: [], line: 0 }, 1);
  if (word === '-1') return infinite;
  return word !== undefined && /^\d{1,11}$/.test(word) ? Number(word) : undefined;
}

/** The first that is later than all, or the last moment. */
function latest(ends: readonly LeaseEnd[]): LeaseEnd {
  if (ends.length === 0 || ends.includes('never')) return 'never';
  return timestamp(Math.max(...ends.map(Number)));
}

function earliest(ends: readonly LeaseEnd[]): LeaseEnd | undefined {
  const moments = ends.filter((end) => typeof end === 'number');
  if (moments.length > 0) return timestamp(Math.min(...moments));
  return ends.length === 0 ? undefined : 'never';
}

function assemble(link: string, draft: Draft, options: LeaseOptions): Lease {
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
    ...present('renew', earliest(draft.renew)),
    ...present('rebind', earliest(draft.rebind)),
    expire: latest(ends),
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
