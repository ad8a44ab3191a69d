/** Each address of a link prefers the gateway of its own network. */
import { describe, expect, test } from 'bun:test';
import { RoutingBench, samplePolicy, withTables } from '../../../testing/routing-bench.ts';
import { ownLines, routeOf } from '../../../testing/routing-text.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { RoutingPolicy } from '../policy.ts';

interface Scene {
  readonly addresses: readonly (readonly [address: string, prefixLength: number])[];
  /** In the order of their metrics. */
  readonly gateways: readonly string[];
  readonly policy?: Partial<RoutingPolicy>;
  readonly prepare?: (bench: RoutingBench, eth1: IfIndex) => void;
}

function benchOf({ addresses, gateways, policy = {}, prepare }: Scene): RoutingBench {
  const bench = new RoutingBench(samplePolicy(policy));
  bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  for (const [address, prefixLength] of addresses) {
    bench.kernel.addAddress({ link: eth1, address, prefixLength });
  }
  gateways.forEach((via, i) => {
    bench.kernel.addRoute(routeOf({ via, dev: eth1, metric: 100 * (i + 1), onlink: true }));
  });
  prepare?.(bench, eth1);
  bench.reconcile();
  return bench;
}

/** For each address, the first gateway of the table that decides about it. */
function gatewaysOf(bench: RoutingBench): Readonly<Record<string, string>> {
  const lines = ownLines(bench.kernel);
  const found: Record<string, string> = {};
  for (const line of lines) {
    const [, address, table] = /^30002: from (\S+) lookup (\d+)$/.exec(line) ?? [];
    if (address === undefined) continue;
    const best = lines
      .filter((route) => route.startsWith(`${table}: default`))
      .toSorted(
        (a, b) => Number(/metric (\d+)/.exec(a)?.[1] ?? 0) - Number(/metric (\d+)/.exec(b)?.[1] ?? 0),
      );
    found[address] = `${table} ${/via (\S+)/.exec(best[0] ?? '')?.[1] ?? ''}`;
  }
  return found;
}

const further = (k: number): number => 203 + 10_000_000 * k;
const twoNetworks = [
  ['172.30.0.5', 24],
  ['192.168.5.6', 24],
] as const;

describe('an address prefers the gateway of its own network', () => {
  test.each<[string, Scene, Readonly<Record<string, string>>]>([
    [
      'two networks on one link: the second address has a further table',
      { addresses: twoNetworks, gateways: ['192.168.5.1', '172.30.0.1'] },
      { '192.168.5.6': '203 192.168.5.1', '172.30.0.5': `${further(1)} 172.30.0.1` },
    ],
    [
      'the table is that of the gateway, not of its metric',
      { addresses: twoNetworks, gateways: ['172.30.0.1', '192.168.5.1'] },
      { '172.30.0.5': '203 172.30.0.1', '192.168.5.6': `${further(2)} 192.168.5.1` },
    ],
    [
      'an address without a gateway of its own uses the best one',
      { addresses: [...twoNetworks, ['198.51.100.100', 32]], gateways: ['192.168.5.1', '172.30.0.1'] },
      {
        '192.168.5.6': '203 192.168.5.1',
        '172.30.0.5': `${further(1)} 172.30.0.1`,
        '198.51.100.100': '203 192.168.5.1',
      },
    ],
    [
      'two gateways of one network: the better one, in one table',
      { addresses: [['10.0.0.5', 24]], gateways: ['10.0.0.2', '10.0.0.1'] },
      { '10.0.0.5': '203 10.0.0.2' },
    ],
    [
      'addresses of one network share a further table',
      { addresses: [...twoNetworks, ['172.30.0.6', 24]], gateways: ['192.168.5.1', '172.30.0.1'] },
      {
        '192.168.5.6': '203 192.168.5.1',
        '172.30.0.5': `${further(1)} 172.30.0.1`,
        '172.30.0.6': `${further(1)} 172.30.0.1`,
      },
    ],
    [
      'IPv6 with global gateways',
      {
        addresses: [
          ['2001:db8:1::5', 64],
          ['2001:db8:2::5', 64],
        ],
        gateways: ['2001:db8:1::1', '2001:db8:2::1'],
      },
      { '2001:db8:1::5': '203 2001:db8:1::1', '2001:db8:2::5': `${further(2)} 2001:db8:2::1` },
    ],
    [
      'IPv6 with link-local gateways: no address says which is its own',
      {
        addresses: [
          ['2001:db8:1::5', 64],
          ['2001:db8:2::5', 64],
        ],
        gateways: ['fe80::1', 'fe80::2'],
      },
      { '2001:db8:1::5': '203 fe80::1', '2001:db8:2::5': '203 fe80::1' },
    ],
    [
      'a further table that another program uses: the table of the link, and a conflict',
      {
        addresses: twoNetworks,
        gateways: ['192.168.5.1', '172.30.0.1'],
        prepare: (bench, eth1) => bench.kernel.addRoute(routeOf({ dev: eth1, table: further(1) })),
      },
      { '192.168.5.6': '203 192.168.5.1', '172.30.0.5': '203 192.168.5.1' },
    ],
    [
      'a further table that the configuration gives to another link',
      {
        addresses: twoNetworks,
        gateways: ['192.168.5.1', '172.30.0.1'],
        policy: { links: ['eth0', 'eth1'], tables: withTables({ eth0: further(1) }) },
      },
      { '192.168.5.6': '203 192.168.5.1', '172.30.0.5': '203 192.168.5.1' },
    ],
  ])('%s', (_, scene, expected) => {
    const bench = benchOf(scene);
    expect(gatewaysOf(bench)).toEqual(expected);
    bench.takeDone();
    bench.restart();
    bench.reconcile();
    expect(bench.takeDone()).toEqual([]);
  });

  test('a taken further table is reported', () => {
    const bench = benchOf({
      addresses: twoNetworks,
      gateways: ['192.168.5.1', '172.30.0.1'],
      prepare: (on, eth1) => on.kernel.addRoute(routeOf({ dev: eth1, table: further(1) })),
    });
    expect(bench.notices).toMatchObject([
      { kind: 'conflict', conflict: { kind: 'tableInUse', table: further(1) } },
    ]);
  });

  test('a further table is complete: it has the networks, and the other gateways behind its own', () => {
    const bench = benchOf({ addresses: twoNetworks, gateways: ['192.168.5.1', '172.30.0.1'] });
    expect(ownLines(bench.kernel).filter((line) => line.startsWith(`${further(1)}:`))).toEqual([
      `${further(1)}: 172.30.0.0/24 dev eth1`,
      `${further(1)}: 192.168.5.0/24 dev eth1`,
      `${further(1)}: default via 172.30.0.1 dev eth1 onlink`,
      `${further(1)}: default via 192.168.5.1 dev eth1 onlink metric 1`,
    ]);
  });

  test('when metrics swap, each address keeps its gateway, and no table is left over', () => {
    const bench = benchOf({ addresses: twoNetworks, gateways: ['192.168.5.1', '172.30.0.1'] });
    bench.kernel.routes = bench.kernel.routes.map((route) =>
      route.table === 254 && route.prefixLength === 0 ? { ...route, priority: 300 - route.priority } : route,
    );
    bench.reconcile();
    expect(gatewaysOf(bench)).toEqual({
      '172.30.0.5': '203 172.30.0.1',
      '192.168.5.6': `${further(2)} 192.168.5.1`,
    });
    expect(ownLines(bench.kernel).filter((line) => line.startsWith(`${further(1)}:`))).toEqual([]);
  });

  test('without a second gateway the further table goes', () => {
    const bench = benchOf({ addresses: twoNetworks, gateways: ['192.168.5.1', '172.30.0.1'] });
    bench.kernel.routes = bench.kernel.routes.filter(
      (route) =>
        !(route.table === 254 && route.nextHops.some(({ gateway }) => gateway === ('172.30.0.1' as never))),
    );
    bench.reconcile();
    expect(gatewaysOf(bench)).toEqual({ '192.168.5.6': '203 192.168.5.1', '172.30.0.5': '203 192.168.5.1' });
    expect(ownLines(bench.kernel).filter((line) => line.startsWith(`${further(1)}:`))).toEqual([]);
  });
});
