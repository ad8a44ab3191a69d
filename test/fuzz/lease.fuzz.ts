/**
 * Feeds the lease parsers mutations of real files, for as many seconds as the first argument says (10 without one).
 * Nothing may throw, hang, or let a value out that was not checked. `bun test/fuzz/lease.fuzz.ts 60 [SEED]`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDomain, parseHostName } from '../../src/core/model/domain-name.ts';
import { timestamp } from '../../src/core/model/ids.ts';
import { isInterfaceName } from '../../src/core/model/interface-name.ts';
import { newestValid, nextChange } from '../../src/wire/lease/current.ts';
import { parseLeases } from '../../src/wire/lease/dhclient.ts';
import { parseInternalLease } from '../../src/wire/lease/internal.ts';
import { domainsOf, type Lease } from '../../src/wire/lease/lease.ts';
import { leaseText } from '../../src/wire/lease/lease-text.ts';
import { fuzz, mutatedText } from './fuzzer.ts';

const fixtures = join(import.meta.dir, '../fixtures/lease');
const corpus = readdirSync(fixtures)
  .filter((name) => /\.leases?$/.test(name))
  .map((name) => readFileSync(join(fixtures, name), 'latin1'));
const dictionary = [
  'lease',
  'lease6 {',
  'ia-na',
  'ia-pd',
  'iaprefix',
  ' { ',
  ' } ',
  ';',
  '"',
  '\\',
  '\\377',
  '\\x',
  '#',
  '\n',
  '\0',
  ',',
  'option unknown-121 ',
  'expire never;',
  'epoch ',
  '99999999999',
  '4294967295',
  '::',
  '1:2:',
  '192.0.2.',
  '$(id)',
  '`',
  '\ud800',
  '\u202e',
  'ADDRESS=',
  'LIFETIME=',
];

/** Slowest single input that is still fine, in milliseconds: the parsers are linear, inputs a few KiB. */
const patience = 500;

function check(lease: Lease): void {
  const wrong = (what: string): never => {
    throw new Error(`${what} got through`);
  };
  if (!isInterfaceName(lease.interface)) wrong('the name of a link');
  if (lease.hostName !== undefined && parseHostName(lease.hostName) !== lease.hostName) wrong('a host name');
  if (domainsOf(lease).some((domain) => parseDomain(domain) !== domain)) wrong('a domain');
  if (!/^[A-Za-z0-9._:@+,=/% -]*$/.test(leaseText(lease))) wrong('a character of the text');
}

function tryOne(text: string): void {
  const started = performance.now();
  const now = timestamp(1_795_293_300_000);
  const parsed = parseLeases(text);
  const leases = parsed.ok ? [...parsed.leases] : [];
  const internal = parseInternalLease(text, { interface: 'eth0', modified: now });
  if (internal.ok) leases.push(internal.lease);
  for (const lease of leases) check(lease);
  const next = nextChange(leases, now);
  if (next !== undefined && newestValid(leases, next).length > newestValid(leases, now).length) {
    throw new Error('a lease began to hold by waiting');
  }
  if (performance.now() - started > patience) throw new Error('too slow');
}

fuzz({
  name: 'lease',
  make: (random) => mutatedText({ corpus, dictionary }, random),
  tryOne,
  show: JSON.stringify,
});
