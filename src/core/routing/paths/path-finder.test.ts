/** Where packets go, by rules and routes that other programs are known to make. */
import { describe, expect, test } from 'bun:test';
import { RoutingBench, samplePolicy } from '../../../testing/routing-bench.ts';
import { ownLines, routeOf } from '../../../testing/routing-text.ts';
import type { IpAddress } from '../../model/address.ts';
import { type IfIndex, tableId } from '../../model/ids.ts';
import { RuleAction, type RuleObject } from '../../model/kernel-objects.ts';
import { routingReport } from '../report/routing-report.ts';
import { routingStatus } from '../report/status.ts';

interface RuleSpec extends Partial<Omit<RuleObject, 'source' | 'destination' | 'table'>> {
  readonly from?: string;
  readonly to?: string;
  readonly lookup?: number;
  readonly not?: boolean;
}

const prefixOf = (text: string): { readonly address: IpAddress; readonly length: number } => {
  const [address = '', length] = text.split('/');
  return { address: address as IpAddress, length: Number(length ?? (address.includes(':') ? 128 : 32)) };
};

function ruleOf({ from, to, lookup = 0, not = false, ...rest }: RuleSpec): RuleObject {
  return {
    family: 4,
    priority: 100,
    action: RuleAction.toTable,
    protocol: 3,
    tos: 0,
    ...rest,
    table: tableId(lookup),
    flags: not ? 2 : 0,
    ...(from === undefined ? {} : { source: prefixOf(from) }),
    ...(to === undefined ? {} : { destination: prefixOf(to) }),
  };
}

interface Ground {
  readonly bench: RoutingBench;
  readonly eth0: IfIndex;
  readonly eth1: IfIndex;
  readonly tun0: IfIndex;
}

/** eth1 with an address of each family and a gateway, eth0 with the machine's default route, and a tunnel. */
function ground(rulePriority: number | 'auto' = 'auto'): Ground {
  const bench = new RoutingBench(samplePolicy({ rulePriority }));
  const { kernel } = bench;
  const eth0 = kernel.addLink('eth0');
  const eth1 = kernel.addLink('eth1');
  const tun0 = kernel.addLink('tun0', { group: 7 });
  kernel.addAddress({ link: eth0, address: '192.168.1.10', prefixLength: 24 });
  kernel.addRoute(routeOf({ via: '192.168.1.1', dev: eth0, metric: 100 }));
  kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
  kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
  kernel.addAddress({ link: eth1, address: '2001:db8:1::5', prefixLength: 64 });
  kernel.addRoute(routeOf({ to: '::/0', via: 'fe80::1', dev: eth1, metric: 1024 }));
  kernel.addAddress({ link: tun0, address: '10.8.0.2', prefixLength: 24 });
  return { bench, eth0, eth1, tun0 };
}

interface Seen {
  readonly band: number;
  readonly state: string;
  readonly diverted: readonly string[];
}

/** What `netevd routing` says after everything is made. */
function seen({ bench }: Ground): Seen {
  bench.reconcile();
  bench.advance(120_000);
  bench.reconcile();
  const { projection, policy, memory, now } = bench;
  if (projection === undefined) throw new Error('nothing was planned');
  const status = routingStatus(projection.view, policy, memory, now);
  const report = routingReport(status, (index) => bench.kernel.links.get(index)?.name ?? '?');
  const paths = report.links.flatMap((link) => link.families.flatMap((family) => family.paths));
  return {
    band: status.band,
    state: report.links[0]?.state ?? '',
    diverted: paths.flatMap((path) => path.diverted_by ?? []),
  };
}

const active = (band = 30_000): Seen => ({ band, state: 'active', diverted: [] });

/** A default route by the tunnel in a table. */
const byTunnel = ({ bench, tun0 }: Ground, table: number, to = '0.0.0.0/0'): void => {
  bench.kernel.addRoute(routeOf({ to, dev: tun0, table }));
};

/** Adds what another program makes. */
type Prepare = (world: Ground) => void;

const rows: readonly (readonly [name: string, Prepare, Seen])[] = [
  ['nothing else', () => undefined, active()],
  [
    'OpenVPN redirect-gateway def1: two halves in main',
    ({ bench, tun0 }) => {
      for (const to of ['0.0.0.0/1', '128.0.0.0/1']) {
        bench.kernel.addRoute(routeOf({ to, via: '10.8.0.1', dev: tun0 }));
      }
    },
    active(),
  ],
  [
    'OpenVPN redirect-gateway ipv6: ::/3, 2000::/4, 3000::/4, fc00::/7 in main',
    ({ bench, tun0 }) => {
      for (const to of ['::/3', '2000::/4', '3000::/4', 'fc00::/7']) {
        bench.kernel.addRoute(routeOf({ to, dev: tun0 }));
      }
    },
    active(),
  ],
  [
    'wg-quick with AllowedIPs = 0.0.0.0/0, up after netevd',
    (world) => {
      byTunnel(world, 51_820);
      world.bench.kernel.addRule(
        ruleOf({
          priority: 29_999,
          not: true,
          firewallMark: 51_820,
          firewallMask: 0xffff_ffff,
          lookup: 51_820,
        }),
      );
      world.bench.kernel.addRule(ruleOf({ priority: 29_998, lookup: 254, suppressPrefixLength: 0 }));
    },
    active(29_995),
  ],
  [
    'wg-quick up before netevd: its rules are behind',
    (world) => {
      byTunnel(world, 51_820);
      world.bench.kernel.addRule(
        ruleOf({
          priority: 32_765,
          not: true,
          firewallMark: 51_820,
          firewallMask: 0xffff_ffff,
          lookup: 51_820,
        }),
      );
    },
    active(),
  ],
  [
    'wg-quick in IPv6 alone moves the band of both families',
    (world) => {
      byTunnel(world, 51_820, '::/0');
      world.bench.kernel.addRule(
        ruleOf({ family: 6, priority: 29_999, not: true, firewallMark: 51_820, lookup: 51_820 }),
      );
    },
    active(29_995),
  ],
  [
    'the rule of main with suppress_prefixlength 0 before ours, and the halves of OpenVPN behind it',
    ({ bench, tun0 }) => {
      bench.kernel.addRule(ruleOf({ priority: 29_998, lookup: 254, suppressPrefixLength: 0 }));
      bench.kernel.addRoute(routeOf({ to: '128.0.0.0/1', dev: tun0 }));
    },
    active(29_994),
  ],
  [
    'strongSwan: table 220 with subnets is passed through',
    ({ bench, tun0 }) => {
      bench.kernel.addRule(ruleOf({ priority: 220, lookup: 220 }));
      bench.kernel.addRoute(routeOf({ to: '172.16.0.0/12', dev: tun0, table: 220 }));
    },
    active(),
  ],
  [
    'strongSwan with a full tunnel',
    (world) => {
      world.bench.kernel.addRule(ruleOf({ priority: 220, lookup: 220 }));
      byTunnel(world, 220);
    },
    active(216),
  ],
  [
    'Tailscale with an exit node',
    (world) => {
      const mark = { firewallMark: 0x8_0000, firewallMask: 0xff_0000 };
      world.bench.kernel.addRule(ruleOf({ priority: 5210, ...mark, lookup: 254 }));
      world.bench.kernel.addRule(ruleOf({ priority: 5230, ...mark, lookup: 253 }));
      world.bench.kernel.addRule(ruleOf({ priority: 5250, ...mark, action: RuleAction.unreachable }));
      world.bench.kernel.addRule(ruleOf({ priority: 5270, lookup: 52 }));
      byTunnel(world, 52);
    },
    active(5266),
  ],
  [
    'marks of Docker, k3s, Cilium: other packets',
    (world) => {
      byTunnel(world, 2004);
      const mark = { firewallMark: 0x200, firewallMask: 0xf00 };
      world.bench.kernel.addRule(ruleOf({ priority: 9, ...mark, lookup: 2004 }));
    },
    active(),
  ],
  [
    'an inverted mark that means every ordinary packet',
    (world) => {
      byTunnel(world, 77);
      const mark = { firewallMark: 0x1, firewallMask: 0x1 };
      world.bench.kernel.addRule(ruleOf({ priority: 1000, not: true, ...mark, lookup: 77 }));
    },
    active(996),
  ],
  [
    'a blackhole for everything',
    ({ bench }) => {
      bench.kernel.addRule(ruleOf({ priority: 5000, action: RuleAction.blackhole }));
    },
    active(4996),
  ],
  [
    'a local route to everything, as transparent proxies have it, without a mark',
    ({ bench }) => {
      const lo = bench.kernel.links.keys().next().value;
      if (lo === undefined) throw new Error('no link');
      bench.kernel.addRoute(routeOf({ to: '0.0.0.0/0', dev: lo, type: 2, table: 80 }));
      bench.kernel.addRule(ruleOf({ priority: 5000, lookup: 80 }));
    },
    active(4996),
  ],
  [
    'a local route to everything for marked packets',
    ({ bench }) => {
      const lo = bench.kernel.links.keys().next().value;
      if (lo === undefined) throw new Error('no link');
      bench.kernel.addRoute(routeOf({ to: '0.0.0.0/0', dev: lo, type: 2, table: 80 }));
      bench.kernel.addRule(ruleOf({ priority: 5000, firewallMark: 1, lookup: 80 }));
    },
    active(),
  ],
  [
    'a goto over our rules',
    ({ bench }) => {
      bench.kernel.addRule(ruleOf({ priority: 7000, action: RuleAction.goto, gotoTarget: 32_766 }));
    },
    active(6996),
  ],
  [
    'a goto that comes back before our rules',
    ({ bench }) => {
      bench.kernel.addRule(ruleOf({ priority: 7000, action: RuleAction.goto, gotoTarget: 8000 }));
      bench.kernel.addRule(ruleOf({ priority: 8000, action: RuleAction.nop }));
    },
    active(),
  ],
  [
    'a rule about half of all destinations',
    (world) => {
      byTunnel(world, 78);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, to: '128.0.0.0/1', lookup: 78 }));
    },
    active(1996),
  ],
  [
    'a rule about a network is more specific, and so is everything but a network',
    (world) => {
      byTunnel(world, 78);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, to: '172.16.0.0/12', lookup: 78 }));
    },
    active(),
  ],
  [
    'everything but a network is the outside',
    (world) => {
      byTunnel(world, 78);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, not: true, to: '172.16.0.0/12', lookup: 78 }));
    },
    active(1996),
  ],
  [
    'TCP alone',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, ipProtocol: 6, lookup: 79 }));
    },
    active(1996),
  ],
  [
    'one service, by its port',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(
        ruleOf({ priority: 2000, ipProtocol: 6, destinationPorts: [25, 25], lookup: 79 }),
      );
    },
    active(),
  ],
  [
    'every user but root',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, uidRange: [1, 0xffff_fffe], lookup: 79 }));
    },
    active(1996),
  ],
  [
    'routes by links of a suppressed group are passed over',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, suppressInterfaceGroup: 7, lookup: 79 }));
    },
    active(),
  ],
  [
    'a catch-all that leaves no room before it',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(ruleOf({ priority: 3, lookup: 79 }));
    },
    { band: 30_000, state: 'diverted', diverted: ['rule 3 (from all lookup 79)'] },
  ],
  [
    'somebody else decides about the address',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(ruleOf({ priority: 2000, from: '10.0.0.0/24', lookup: 79 }));
    },
    { band: 30_000, state: 'diverted', diverted: ['rule 2000 (from 10.0.0.0/24 lookup 79) of mwan3'] },
  ],
  [
    'somebody else decides about the address, in the same way',
    ({ bench, eth1 }) => {
      bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, table: 79 }));
      bench.kernel.addRule(ruleOf({ priority: 2000, from: '10.0.0.5', lookup: 79 }));
    },
    active(),
  ],
  [
    'a rule of the same priority: which is asked first is not known',
    (world) => {
      byTunnel(world, 79);
      world.bench.kernel.addRule(ruleOf({ priority: 30_002, from: '10.0.0.0/16', lookup: 79 }));
    },
    {
      band: 30_000,
      state: 'diverted',
      diverted: ['rule 30002 (from 10.0.0.0/16 lookup 79), some of the packets'],
    },
  ],
  [
    'halves in our own table',
    (world) => byTunnel(world, 203, '128.0.0.0/1'),
    {
      band: 30_000,
      state: 'diverted',
      diverted: ['route 128.0.0.0/1 dev tun0 table 203, some of the packets'],
    },
  ],
  [
    'a way by each of two links',
    ({ bench, eth1, tun0 }) => {
      const hop = { weight: 1, flags: 0 };
      bench.kernel.addRoute({
        ...routeOf({ to: '128.0.0.0/2', table: 203 }),
        nextHops: [
          { ...hop, ifindex: eth1 },
          { ...hop, ifindex: tun0 },
        ],
      });
    },
    {
      band: 30_000,
      state: 'diverted',
      diverted: [
        'route 128.0.0.0/2 nexthop dev eth1 weight 1 nexthop dev tun0 weight 1 table 203, some of the packets',
      ],
    },
  ],
];

describe('with rule_priority auto', () => {
  test.each(rows.map(([name, ...rest]) => [name, ...rest] as const))('%s', (_, prepare, expected) => {
    const before = ground();
    prepare(before);
    expect(seen(before)).toEqual(expected);
    const after = ground();
    seen(after);
    prepare(after);
    expect(seen(after)).toEqual(expected);
    after.bench.restart();
    expect(seen(after)).toEqual(expected);
  });
});

describe('before the notifications of the kernel have arrived', () => {
  test('acknowledged rules count for the status, and nothing is reported as diverted', () => {
    const world = ground();
    const { bench } = world;
    bench.read();
    bench.step();
    // The next plan comes before the kernel is read again.
    bench.step();
    expect(bench.notices).toEqual([]);
    const { projection, policy, memory, now } = bench;
    if (projection === undefined) throw new Error('nothing was planned');
    expect(routingStatus(projection.view, policy, memory, now).links[0]?.state).toBe('active');
  });
});

describe('with a fixed rule_priority', () => {
  test('a catch-all before it diverts, and is reported once', () => {
    const world = ground(30_000);
    byTunnel(world, 51_820);
    const rule = ruleOf({ priority: 29_999, not: true, firewallMark: 51_820, firewallMask: 0xffff_ffff });
    world.bench.kernel.addRule({ ...rule, table: tableId(51_820) });
    expect(seen(world)).toEqual({
      band: 30_000,
      state: 'diverted',
      diverted: ['rule 29999 (not from all fwmark 0xca6c lookup 51820) of wg-quick'],
    });
    expect(world.bench.notices.map(({ kind }) => kind)).toEqual(['diverted']);
    world.bench.policy = samplePolicy({ rulePriority: 29_000 });
    expect(seen(world)).toEqual(active(29_000));
  });
});

describe('the band moves', () => {
  const catchAll = (priority: number): RuleObject => ruleOf({ priority, lookup: 79 });

  test('by adding before deleting, and back when the rule is gone', () => {
    const world = ground();
    const { bench } = world;
    byTunnel(world, 79);
    seen(world);
    bench.takeDone();
    bench.kernel.addRule(catchAll(20_000));
    expect(seen(world)).toEqual(active(19_996));
    const kinds = bench.takeDone().map(({ kind }) => kind);
    expect(kinds.lastIndexOf('addRule')).toBeLessThan(kinds.indexOf('removeRule'));
    expect(ownLines(bench.kernel).filter((line) => line.startsWith('30'))).toEqual([]);
    bench.kernel.removeRule(catchAll(20_000));
    expect(seen(world)).toEqual(active());
    expect(bench.notices.filter(({ kind }) => kind === 'placed')).toMatchObject([
      { first: 19_996, before: { priority: 20_000 } },
      { first: 30_000 },
    ]);
  });

  test('a move that must wait a moment causes no notice about packets', () => {
    const world = ground();
    const { bench } = world;
    byTunnel(world, 79);
    seen(world);
    for (let round = 0; round < 3; round++) {
      bench.kernel.addRule(catchAll(20_000));
      bench.read();
      bench.reconcile();
      bench.advance(1);
      bench.kernel.removeRule(catchAll(20_000));
      bench.read();
      bench.reconcile();
      bench.advance(1);
    }
    bench.advance(1000);
    expect(bench.memory.place?.moves).toBeGreaterThan(1);
    expect(bench.notices.filter(({ kind }) => kind === 'diverted')).toEqual([]);
  });

  test('rules of the old place stay while the kernel refuses those of the new one', () => {
    const world = ground();
    const { bench } = world;
    byTunnel(world, 79);
    seen(world);
    const apply = bench.kernel.apply.bind(bench.kernel);
    bench.kernel.apply = (effect) =>
      effect.kind === 'addRule' ? { kind: 'failed', code: 'ENOBUFS' } : apply(effect);
    bench.kernel.addRule(catchAll(20_000));
    bench.reconcile();
    bench.advance(100);
    expect(ownLines(bench.kernel).filter((line) => line.startsWith('300'))).toHaveLength(8);
    bench.kernel.apply = apply;
    expect(seen(world)).toEqual(active(19_996));
  });

  test('ever more rarely while another program puts its rule first each time', () => {
    const world = ground();
    const { bench } = world;
    byTunnel(world, 79);
    bench.reconcile();
    let moves = 0;
    let last = 30_000;
    for (let second = 0; second < 30; second++) {
      const lowest = Math.min(
        ...bench.kernel.rules.filter(({ priority }) => priority > 0).map((r) => r.priority),
      );
      bench.kernel.rules = bench.kernel.rules.filter(({ table }) => table !== 79);
      bench.kernel.addRule(catchAll(lowest - 1));
      bench.reconcile();
      bench.advance(1000);
      const first = bench.memory.place?.band.first ?? 0;
      if (first !== last) moves++;
      last = first;
    }
    expect(moves).toBeGreaterThan(3);
    expect(moves).toBeLessThan(14);
  });
});
