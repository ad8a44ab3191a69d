/** `netevd routing explain` against `ip route get`: random rules and routes, random packets, the same route. */
import { afterEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { dumpKernel } from '../../src/cli/local/kernel-dump.ts';
import { type IpAddress, parseIp } from '../../src/core/model/address.ts';
import type { KernelSnapshot } from '../../src/core/model/fact.ts';
import type { Flow } from '../../src/core/routing/lookup/lookup-input.ts';
import { type LookupResult, lookupRoute } from '../../src/core/routing/lookup/lookup-route.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip } from './in-namespace.ts';
import { openChannel } from './routing-harness.ts';

const tables = ['main', '100', '101'] as const;
const devices = ['q0', 'q1', 'q2'] as const;

/** One family's material. */
interface Ground {
  readonly family: 4 | 6;
  readonly own: readonly string[];
  readonly foreign: readonly string[];
  readonly destinations: readonly string[];
  readonly prefixes: readonly string[];
  readonly gateways: readonly string[];
}

const ipv4: Ground = {
  family: 4,
  own: ['10.0.0.1', '10.0.1.1', '10.0.2.1'],
  foreign: ['172.20.0.9', '172.21.0.9'],
  destinations: ['10.0.0.9', '10.0.1.200', '10.9.9.9', '203.0.113.7', '198.51.100.1', '10.0.0.1'],
  prefixes: [
    'default',
    '10.0.0.0/8',
    '10.0.1.128/25',
    '10.9.0.0/16',
    '10.9.9.9/32',
    '203.0.113.0/24',
    '192.0.0.0/4',
  ],
  gateways: ['10.0.0.254', '10.0.1.254', '10.0.2.254'],
};
const ipv6: Ground = {
  family: 6,
  own: ['2001:db8:0::1', '2001:db8:1::1', '2001:db8:2::1'],
  foreign: ['2001:db8:f0::9', '2001:db8:f1::9'],
  destinations: ['2001:db8:0::9', '2001:db8:1:0:8000::1', '2001:db8:9::9', '2600::7', '2001:db8:0::1'],
  prefixes: [
    'default',
    '2001:db8::/32',
    '2001:db8:1:0:8000::/65',
    '2001:db8:9::/48',
    '2001:db8:9::9/128',
    '2600::/16',
  ],
  gateways: ['2001:db8:0::fe', '2001:db8:1::fe', '2001:db8:2::fe'],
};

const routeWords = (ground: Ground): fc.Arbitrary<string> =>
  fc
    .record({
      table: fc.constantFrom(...tables),
      prefix: fc.constantFrom(...ground.prefixes),
      device: fc.nat(2),
      way: fc.constantFrom('via', 'via', 'dev', 'multipath', 'blackhole', 'unreachable', 'prohibit', 'throw'),
      metric: fc.constantFrom(5, 50, 500),
      tos: fc.constantFrom('', '', ground.family === 4 ? 'tos 0x10 ' : ''),
    })
    .map(({ table, prefix, device, way, metric, tos }) => {
      const dev = `dev ${devices[device]}`;
      const tail = `${tos}metric ${metric} table ${table}`;
      if (way === 'via') return `${prefix} via ${ground.gateways[device]} ${dev} ${tail}`;
      if (way === 'dev') return `${prefix} ${dev} ${tail}`;
      if (way !== 'multipath') return `${way} ${prefix} ${tail}`;
      return `${prefix} ${tail} nexthop via ${ground.gateways[0]} dev q0 weight 2 nexthop via ${ground.gateways[1]} dev q1 weight 1`;
    });

const ruleWords = (ground: Ground): fc.Arbitrary<string> =>
  fc
    .record({
      priority: fc.integer({ min: 1, max: 12 }).map((n) => n * 100),
      not: fc.constantFrom('', '', '', 'not '),
      from: fc.option(fc.constantFrom(...ground.own, ...ground.foreign, ground.prefixes[1] ?? ''), {
        nil: undefined,
      }),
      to: fc.option(fc.constantFrom(...ground.prefixes.slice(1)), { nil: undefined, freq: 2 }),
      mark: fc.constantFrom('', '', 'fwmark 1 ', 'fwmark 2/2 '),
      iif: fc.constantFrom('', '', '', 'iif q0 ', 'iif lo ', 'iif gone '),
      uid: fc.constantFrom('', '', '', 'uidrange 0-10 ', 'uidrange 1000-2000 '),
      tos: fc.constantFrom('', '', '', 'tos 0x10 '),
      action: fc.constantFrom(
        '100',
        '100',
        '101',
        '101',
        'main',
        'suppress',
        'suppress1',
        'blackhole',
        'unreachable',
        'prohibit',
        'nop',
        'goto',
      ),
    })
    .map(({ priority, not, from, to, mark, iif, uid, tos, action }) => {
      const selectors = `${not}from ${from ?? 'all'} ${to === undefined ? '' : `to ${to} `}${mark}${iif}${uid}${tos}`;
      if (action === 'suppress')
        return `priority ${priority} ${selectors}lookup main suppress_prefixlength 0`;
      if (action === 'suppress1')
        return `priority ${priority} ${selectors}lookup 100 suppress_prefixlength 24`;
      if (action === 'goto') return `priority ${priority} ${selectors}goto ${priority + 200}`;
      const isTable = /^(\d+|main)$/.test(action);
      return `priority ${priority} ${selectors}${isTable ? `lookup ${action}` : `type ${action}`}`;
    });

const packet = (ground: Ground): fc.Arbitrary<Flow> =>
  fc
    .record({
      isLocal: fc.boolean(),
      own: fc.constantFrom(...ground.own),
      foreign: fc.constantFrom(...ground.foreign),
      destination: fc.constantFrom(...ground.destinations),
      device: fc.constantFrom(...devices),
      mark: fc.constantFrom(0, 1, 2, 3),
      tos: fc.constantFrom(0, 0, 0x10),
      uid: fc.constantFrom(0, 1500),
    })
    .map(({ isLocal, own, foreign, destination, device, mark, tos, uid }) => ({
      source: (isLocal ? own : foreign) as IpAddress,
      destination: destination as IpAddress,
      ...(isLocal ? { uid } : { inputInterface: device }),
      mark,
      tos,
    }));

/** What `ip route get fibmatch` says, in the words of `meaning`. */
function ask(flow: Flow, family: 4 | 6): string {
  const words = [
    ...['-j', `-${family}`, 'route', 'get', 'fibmatch', flow.destination, 'from', flow.source],
    ...(flow.inputInterface === undefined ? [] : ['iif', flow.inputInterface]),
    ...(flow.uid === undefined ? [] : ['uid', String(flow.uid)]),
    ...['mark', String(flow.mark), 'tos', `0x${flow.tos.toString(16)}`],
  ];
  const done = spawnSync('ip', words, { encoding: 'utf8' });
  if (done.status !== 0) return 'none';
  const [route] = JSON.parse(done.stdout) as [KernelAnswer];
  if (route.type !== undefined && /^(blackhole|unreachable|prohibit)$/.test(route.type)) return 'none';
  const ways = route.nexthops?.map((hop) => `${hop.dev} ${hop.gateway ?? ''}`) ?? [
    `${route.dev} ${route.gateway ?? ''}`,
  ];
  const kind = route.type ?? 'unicast';
  return `${route.table ?? 'main'} ${kind} ${route.dst} ${route.metric ?? 0} ${ways.toSorted(byText).join(', ')}`;
}

interface KernelAnswer {
  readonly dst: string;
  readonly type?: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly nexthops?: readonly { readonly dev: string; readonly gateway?: string }[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const typeNames = ['', 'unicast', 'local', 'broadcast', 'anycast', 'multicast'];

function meaning({ verdict }: LookupResult, snapshot: KernelSnapshot): string {
  if (verdict.kind !== 'routed' && verdict.kind !== 'delivered') return 'none';
  const { route } = verdict;
  const nameOf = (index: number): string => snapshot.links.find((link) => link.index === index)?.name ?? '?';
  const whole = route.prefixLength === (route.family === 4 ? 32 : 128);
  const dst =
    route.prefixLength === 0 ? 'default' : `${route.destination}${whole ? '' : `/${route.prefixLength}`}`;
  const table = { 254: 'main', 255: 'local', 253: 'default' }[Number(route.table)] ?? String(route.table);
  const ways = route.nextHops.map((hop) => `${nameOf(hop.ifindex)} ${hop.gateway ?? ''}`).toSorted(byText);
  return `${table} ${typeNames[route.type]} ${dst} ${route.priority} ${ways.join(', ')}`;
}

function tryIp(words: string): void {
  spawnSync('ip', words.split(' '), { stdio: 'ignore' });
}

function clean(): void {
  for (const device of devices) tryIp(`link delete ${device}`);
  for (const family of [4, 6]) {
    tryIp(`-${family} rule flush`);
    tryIp(`-${family} rule add priority 32766 lookup main`);
    for (const table of tables) tryIp(`-${family} route flush table ${table}`);
  }
}

async function prepare(ground: Ground): Promise<void> {
  clean();
  for (const path of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'])
    writeFileSync(`/proc/sys/net/${path}`, '1');
  for (const [i, device] of devices.entries()) {
    ip(`link add ${device} type ifb`);
    ip(`link set ${device} up`);
    const own = ground.own[i] ?? '';
    ip(
      `address add ${own}/${ground.family === 4 ? 24 : 64} dev ${device}${ground.family === 6 ? ' nodad' : ''}`,
    );
  }
  // The kernel adds the local routes of IPv6 addresses in a work queue (addrconf_dad_work).
  await waitUntil('the local routes', () => {
    const local = ip(`-${ground.family} route show table local`);
    return ground.own.every((own) => local.includes(`local ${parseIp(own)} `));
  });
}

if (insideNamespace(import.meta.path)) {
  afterEach(clean);

  describe('broadcast and multicast', () => {
    const sources = { 4: ['10.0.0.1', '10.0.1.1'], 6: ['2001:db8:0::1', '2001:db8:1::1'] } as const;
    test.each<[family: 4 | 6, destination: string]>([
      [4, '255.255.255.255'],
      [4, '224.0.0.1'],
      [4, '224.0.0.251'],
      [4, '239.1.2.3'],
      [4, '10.0.0.255'],
      [4, '10.0.1.255'],
      [4, '10.0.1.0'],
      [6, 'ff02::1'],
      [6, 'ff05::2'],
      [6, 'ff0e::3'],
    ])('IPv%d to %s leaves by the link that ip route get names', async (family, destination) => {
      await prepare(family === 4 ? ipv4 : ipv6);
      for (const words of [
        'add default dev q2',
        'add 224.0.0.0/4 dev q2',
        'add ff00::/8 dev q2 metric 300',
      ]) {
        tryIp(`-${words.includes('::') ? 6 : 4} route ${words}`);
      }
      ip('rule add priority 5 from 10.0.0.1 blackhole');
      const snapshot = await dumpKernel(openChannel, new SystemClock());
      for (const text of sources[family]) {
        const source = parseIp(text) as IpAddress;
        const said = spawnSync('ip', [`-${family}`, 'route', 'get', destination, 'from', source], {
          encoding: 'utf8',
        });
        const { verdict } = lookupRoute(
          { source, destination: destination as IpAddress, mark: 0, tos: 0, uid: 0 },
          snapshot,
        );
        const index =
          verdict.kind === 'group'
            ? verdict.link
            : 'route' in verdict
              ? verdict.route?.nextHops[0]?.ifindex
              : undefined;
        const name = snapshot.links.find((link) => link.index === index)?.name;
        expect(name).toBe(/ dev (\S+)/.exec(said.stdout)?.[1]);
      }
    });
  });

  describe('agrees with ip route get', () => {
    test.each([ipv4, ipv6])(
      'IPv%#',
      async (ground) => {
        const world = fc.record({
          rules: fc.array(ruleWords(ground), { maxLength: 8 }),
          routes: fc.array(routeWords(ground), { minLength: 3, maxLength: 12 }),
          packets: fc.array(packet(ground), { minLength: 10, maxLength: 10 }),
        });
        let routed = 0;
        await fc.assert(
          fc.asyncProperty(world, async ({ rules, routes, packets }) => {
            await prepare(ground);
            for (const words of routes) tryIp(`-${ground.family} route add ${words}`);
            for (const words of rules) tryIp(`-${ground.family} rule add ${words}`);
            const snapshot = await dumpKernel(openChannel, new SystemClock());
            for (const flow of packets) {
              const real = ask(flow, ground.family);
              if (real !== 'none') routed++;
              expect({ flow, way: meaning(lookupRoute(flow, snapshot), snapshot) }).toEqual({
                flow,
                way: real,
              });
            }
          }),
          { numRuns: 30 },
        );
        expect(routed).toBeGreaterThan(80);
      },
      120_000,
    );
  });
}
