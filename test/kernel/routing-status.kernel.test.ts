/**
 * The status of policy routing against the kernel: random rules and routes of other programs, netevd's own beside them,
 * and packets. Where the status says `active`, `ip route get` sends every packet out by the link.
 *
 * NETEVD_RULE_SETS: the number of random rule sets, 120 if it is not set.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dumpKernel } from '../../src/cli/local/kernel-dump.ts';
import { instant, tableId } from '../../src/core/model/ids.ts';
import { planRouting } from '../../src/core/routing/plan/plan-routing.ts';
import { emptyRoutingMemory, noteOutcomes } from '../../src/core/routing/plan/routing-memory.ts';
import type { RoutingPolicy } from '../../src/core/routing/policy.ts';
import { type RoutingStatus, routingStatus } from '../../src/core/routing/report/status.ts';
import { viewOfSnapshot } from '../../src/core/routing/view/from-snapshot.ts';
import { RouteRunner } from '../../src/effects/routes/route-runner.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { samplePolicy } from '../../src/testing/routing-bench.ts';
import { insideNamespace, ip } from './in-namespace.ts';
import { random } from './random-commands.ts';
import { openChannel } from './routing-harness.ts';

const ruleSets = Number(process.env['NETEVD_RULE_SETS'] ?? 120);
const link = 'up0';
const table = 307;

type Pick = (below: number) => number;
type Family = 4 | 6;

interface Ground {
  readonly addresses: readonly string[];
  readonly parts: readonly string[];
  readonly networks: readonly string[];
  readonly protocols: readonly string[];
  /** A destination of each part of the outside, another one for each number. */
  readonly outside: (block: number, n: number) => string;
}

const ipv4: Ground = {
  addresses: ['10.1.0.5', '10.1.0.6', '10.2.0.5'],
  parts: [
    'default',
    '0.0.0.0/1',
    '128.0.0.0/1',
    '64.0.0.0/2',
    '192.0.0.0/3',
    '32.0.0.0/4',
    '8.0.0.0/5',
    '44.0.0.0/7',
  ],
  networks: ['203.0.113.0/24', '172.16.0.0/12', '10.0.0.0/8'],
  protocols: ['tcp', 'udp', 'icmp'],
  outside: (block, n) =>
    `${[8, 20, 45, 50, 70, 100, 140, 180, 200, 223][block % 10]}.77.${n >> 8}.${n & 255}`,
};
const ipv6: Ground = {
  addresses: ['2001:db8:1::5', '2001:db8:1::6', '2001:db8:2::5'],
  parts: ['default', '::/1', '8000::/1', '2000::/3', '2000::/4', '3000::/4', '::/3'],
  networks: ['2001:db8:9::/48', 'fc00::/7'],
  protocols: ['tcp', 'udp', 'ipv6-icmp'],
  outside: (block, n) =>
    `${['64', '2600', '2a00', '3fff', '5000', '9000', 'c000', 'e000'][block % 8]}:7::${n.toString(16)}`,
};
const grounds = { 4: ipv4, 6: ipv6 } as const;

const one = <T>(pick: Pick, from: readonly T[]): T => from[pick(from.length)] as T;

/** A rule of another program. Many of its kind are found in the wild. */
function ruleWords(pick: Pick, ground: Ground): string {
  const priority = one(
    pick,
    [1, 100, 220, 5270, 10_000, 20_000, 29_998, 29_999, 30_000, 30_002, 30_500, 32_000, 32_765],
  );
  const not = pick(5) === 0 ? 'not ' : '';
  const from =
    pick(4) === 0 ? one(pick, ground.addresses) : pick(8) === 0 ? (ground.parts[1] ?? 'all') : 'all';
  const to = pick(4) === 0 ? `to ${one(pick, [...ground.parts.slice(1), ...ground.networks])} ` : '';
  const selector = one(pick, [
    ...[
      '',
      '',
      '',
      '',
      'fwmark 1 ',
      'fwmark 0/0x10 ',
      'fwmark 0x200/0xf00 ',
      'iif lo ',
      'iif q0 ',
      'oif q0 ',
    ],
    ...[
      'uidrange 0-10 ',
      'uidrange 1000-2000 ',
      'uidrange 0-4294967294 ',
      'uidrange 1-4294967294 ',
      'tos 0x10 ',
    ],
    ...['ipproto tcp ', 'ipproto udp ', 'ipproto tcp dport 25 ', 'ipproto tcp dport 1024-65535 '],
  ]);
  const what = one(pick, [
    ...['lookup 100', 'lookup 100', 'lookup 101', 'lookup main', `lookup ${table}`],
    ...[
      'lookup main suppress_prefixlength 0',
      'lookup main suppress_prefixlength 7',
      'lookup 100 suppress_prefixlength 3',
    ],
    ...['lookup 100 suppress_ifgroup 7', 'type blackhole', 'type unreachable', 'type prohibit', 'type nop'],
    ...['goto 30000', 'goto 30001', 'goto 32766', 'goto 30500'],
  ]);
  return `rule add priority ${priority} ${not}from ${from} ${to}${selector}${what}`;
}

function routeWords(pick: Pick, ground: Ground): string {
  const prefix = pick(5) === 0 ? one(pick, ground.networks) : one(pick, ground.parts);
  const place = `metric ${one(pick, [5, 50, 500])} table ${one(pick, ['main', '100', '100', '101', String(table)])}`;
  const way = one(pick, [
    'dev q0',
    'dev q0',
    'dev q1',
    `dev ${link}`,
    'multi',
    'blackhole',
    'unreachable',
    'throw',
  ]);
  if (way === 'multi')
    return `route add ${prefix} ${place} nexthop dev ${link} weight 1 nexthop dev q0 weight 2`;
  return way.startsWith('dev')
    ? `route add ${prefix} ${way} ${place}`
    : `route add ${way} ${prefix} ${place}`;
}

/** Runs commands of which some may fail, as they do in life; returns what they say. */
function batch(family: Family, commands: readonly string[]): string {
  const options = [`-${family}`, '-force', '-batch', '-'];
  return spawnSync('ip', options, { input: `${commands.join('\n')}\n`, encoding: 'utf8' }).stdout;
}

function clean(family: Family): void {
  batch(family, [
    'rule flush',
    'rule add priority 32766 lookup main',
    'rule add priority 32767 lookup default',
    ...['main', '100', '101', String(table), String(table + 10_000_000), String(table + 20_000_000)].map(
      (name) => `route flush table ${name}`,
    ),
  ]);
}

function prepareLinks(): void {
  writeFileSync('/proc/sys/net/ipv6/conf/default/accept_dad', '0');
  ip(`link add ${link} index 107 type ifb`);
  for (const other of ['q0', 'q1']) ip(`link add ${other} type ifb`);
  ip('link set q1 group 7');
  for (const name of [link, 'q0', 'q1']) ip(`link set ${name} up`);
  for (const family of [4, 6] as const) {
    const length = family === 4 ? 24 : 64;
    for (const address of grounds[family].addresses) {
      ip(`address add ${address}/${length} dev ${link}${family === 6 ? ' nodad' : ''}`);
    }
  }
}

/** The networks of the link and its gateways, which `clean` has taken away. */
const own = (family: Family): readonly string[] =>
  family === 4
    ? [
        `route add 10.1.0.0/24 dev ${link}`,
        `route add 10.2.0.0/24 dev ${link}`,
        `route add default via 10.1.0.1 dev ${link} metric 100`,
        `route add default via 10.2.0.1 dev ${link} metric 200`,
        'route add default dev q0 metric 10',
      ]
    : [
        `route add 2001:db8:1::/64 dev ${link}`,
        `route add default via fe80::1 dev ${link} metric 100`,
        'route add default dev q0 metric 10',
      ];

/** Lets netevd make what it wants, as the daemon does, and returns the status after it. */
async function reconcile(policy: RoutingPolicy, runner: RouteRunner): Promise<RoutingStatus> {
  let memory = emptyRoutingMemory;
  for (let round = 0; ; round++) {
    const snapshot = await dumpKernel(openChannel, new SystemClock());
    const view = viewOfSnapshot(snapshot, policy, new Map());
    const now = instant(100_000 + 1000 * round);
    const plan = planRouting(view, policy, memory, now);
    memory = noteOutcomes(plan.memory, await runner.run(plan.effects), now);
    if (plan.effects.length === 0 || round > 12) return routingStatus(view, policy, memory, now);
  }
}

interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly words: string;
}

/** Packets of every class from every address, each with a destination of its own. */
function packetsOf(family: Family, pick: Pick): readonly Packet[] {
  const ground = grounds[family];
  let n = 1;
  return ground.addresses.flatMap((source) =>
    Array.from({ length: family === 4 ? 10 : 8 }, (_, block) => block).flatMap((block) =>
      ground.protocols.map((protocol) => {
        const destination = ground.outside(block, n++);
        const ports = protocol === 'tcp' || protocol === 'udp' ? ' sport 50000 dport 50000' : '';
        const uid = one(pick, [0, 65_534]);
        return {
          source,
          destination,
          words: `${destination} from ${source} ipproto ${protocol}${ports} uid ${uid}`,
        };
      }),
    ),
  );
}

/** The links by which the kernel sends packets out, by destination; none for what it refuses. */
function linksOf(family: Family, packets: readonly Packet[]): ReadonlyMap<string, string> {
  const said = batch(
    family,
    packets.map(({ words }) => `route get ${words}`),
  );
  return new Map(
    said.split('\n').flatMap((line) => {
      const [, type, destination = '', dev = ''] =
        /^(?:(\S+) )?([0-9a-f.:]+) from .* dev (\S+)/.exec(line) ?? [];
      return destination === '' || type === 'blackhole' ? [] : [[destination, dev] as const];
    }),
  );
}

if (insideNamespace(import.meta.path)) {
  prepareLinks();
  const runner = new RouteRunner({ openChannel, clock: new SystemClock() });
  afterAll(async () => await runner[Symbol.asyncDispose]());

  describe('a link is active only where every packet leaves by it', () => {
    test.each([4, 6] as const)(
      'IPv%d',
      async (family) => {
        const seen = { active: 0, diverted: 0, confirmed: 0 };
        for (let seed = 0; seed < Math.ceil(ruleSets / 2); seed++) {
          const pick = random(seed * 2 + (family === 4 ? 0 : 1));
          clean(family);
          const ground = grounds[family];
          const routes = Array.from({ length: 1 + pick(6) }, () => routeWords(pick, ground));
          const rules = Array.from({ length: pick(6) }, () => ruleWords(pick, ground));
          batch(family, [...own(family), ...routes, ...rules]);
          const rulePriority = pick(4) === 0 ? 30_000 : 'auto';
          const policy = samplePolicy({
            links: [link],
            tables: new Map([[link, tableId(table)]]),
            rulePriority,
          });
          const status = await reconcile(policy, runner);
          const packets = packetsOf(family, pick);
          const links = linksOf(family, packets);
          const paths = status.links[0]?.families.find((one) => one.family === family)?.paths ?? [];
          for (const { address, diversion } of paths) {
            const elsewhere = packets.filter(
              ({ source, destination }) => source === address && links.get(destination) !== link,
            );
            if (diversion === undefined) {
              seen.active++;
              const found = elsewhere.map(({ words, destination }) => `${words}: ${links.get(destination)}`);
              expect({ seed, routes, rules, found }).toEqual({ seed, routes, rules, found: [] });
            } else {
              seen.diverted++;
              if (elsewhere.length > 0) seen.confirmed++;
            }
          }
        }
        if (ruleSets > 1000) process.stderr.write(`IPv${family}: ${JSON.stringify(seen)}\n`);
        expect(seen.active).toBeGreaterThan(ruleSets / 4);
        expect(seen.confirmed).toBeGreaterThan(ruleSets / 20);
        // Rules of one priority and equally good routes may be taken in either order: then the status warns.
        expect(seen.confirmed).toBeGreaterThan(0.8 * seen.diverted);
      },
      Math.max(120_000, ruleSets * 200),
    );
  });
}
