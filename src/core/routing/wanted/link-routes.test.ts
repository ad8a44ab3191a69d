/** The networks of a link are main's, and parts of a default route are no networks. */
import { describe, expect, test } from 'bun:test';
import { RoutingBench } from '../../../testing/routing-bench.ts';
import { ownLines, routeOf } from '../../../testing/routing-text.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { RouteObject } from '../../model/kernel-objects.ts';

interface Scene {
  readonly address: string;
  readonly prefixLength: number;
  readonly flags?: number;
  /** What others do to main after the address is there; `eth0` is another link. */
  readonly change: (bench: RoutingBench, eth1: IfIndex, eth0: IfIndex) => void;
}

/** The routes in table 203 after a change of main. */
function routesAfter({ address, prefixLength, flags, change }: Scene): readonly string[] {
  const bench = new RoutingBench();
  const eth0 = bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  bench.kernel.addAddress({ link: eth1, address, prefixLength, ...(flags === undefined ? {} : { flags }) });
  bench.reconcile();
  change(bench, eth1, eth0);
  bench.reconcile();
  return ownLines(bench.kernel).filter((line) => !line.startsWith('300'));
}

/** `ip route prepend`: before others of the same prefix and metric. */
const prepend = (bench: RoutingBench, route: RouteObject): unknown => bench.kernel.routes.unshift(route);

const remove = (bench: RoutingBench, prefix: string): void => {
  bench.kernel.routes = bench.kernel.routes.filter(
    (route) => `${route.destination}/${route.prefixLength}` !== prefix,
  );
};

describe('the networks of a link are copied from main', () => {
  test.each<[string, Scene, readonly string[]]>([
    [
      'neighbours that the router must be asked for, by a route before that of the kernel',
      {
        address: '203.0.113.5',
        prefixLength: 26,
        change: (bench, eth1) => {
          prepend(bench, routeOf({ to: '203.0.113.0/26', via: '203.0.113.1', dev: eth1 }));
          bench.kernel.addRoute(routeOf({ via: '203.0.113.1', dev: eth1, metric: 7 }));
        },
      },
      ['203: 203.0.113.0/26 via 203.0.113.1 dev eth1 onlink', '203: default via 203.0.113.1 dev eth1 onlink'],
    ],
    [
      'the same where the route of the kernel is gone',
      {
        address: '203.0.113.5',
        prefixLength: 26,
        change: (bench, eth1) => {
          remove(bench, '203.0.113.0/26');
          bench.kernel.routes.push(routeOf({ to: '203.0.113.0/26', via: '203.0.113.1', dev: eth1 }));
        },
      },
      ['203: 203.0.113.0/26 via 203.0.113.1 dev eth1 onlink'],
    ],
    [
      'a network whose route somebody deleted: there is none',
      { address: '10.0.0.5', prefixLength: 24, change: (bench) => remove(bench, '10.0.0.0/24') },
      [],
    ],
    [
      'the better of two metrics, which has the gateway',
      {
        address: '10.0.0.5',
        prefixLength: 24,
        flags: 0x280,
        change: (bench, eth1) => {
          bench.kernel.routes.push(
            routeOf({ to: '10.0.0.0/24', dev: eth1, metric: 200 }),
            routeOf({ to: '10.0.0.0/24', via: '10.0.0.1', dev: eth1, metric: 100, onlink: true }),
          );
        },
      },
      ['203: 10.0.0.0/24 via 10.0.0.1 dev eth1 onlink'],
    ],
    [
      'IPv6 neighbours behind the router',
      {
        address: '2001:db8:1::5',
        prefixLength: 64,
        change: (bench, eth1) => {
          const via = { via: 'fe80::1', dev: eth1 };
          bench.kernel.routes.push(routeOf({ to: '2001:db8:1::/64', ...via, metric: 128 }));
        },
      },
      ['203: 2001:db8:1::/64 via fe80::1 dev eth1 metric 256'],
    ],
    [
      'the route of another link to the same network is not copied',
      {
        address: '10.0.0.5',
        prefixLength: 24,
        change: (bench, _, eth0) => prepend(bench, routeOf({ to: '10.0.0.0/24', dev: eth0 })),
      },
      ['203: 10.0.0.0/24 dev eth1'],
    ],
    [
      'a network elsewhere by a gateway is left to the rule of the main table',
      {
        address: '10.0.0.5',
        prefixLength: 24,
        change: (bench, eth1) =>
          bench.kernel.addRoute(routeOf({ to: '10.9.0.0/16', via: '10.0.0.1', dev: eth1 })),
      },
      ['203: 10.0.0.0/24 dev eth1'],
    ],
  ])('%s', (_, scene, expected) => {
    expect(routesAfter(scene)).toEqual([...expected]);
  });
});

describe('parts of a default route', () => {
  test.each<[string, readonly [string, string][], readonly string[]]>([
    [
      'two halves name a gateway, once',
      [
        ['0.0.0.0/1', '10.0.0.1'],
        ['128.0.0.0/1', '10.0.0.1'],
      ],
      ['203: default via 10.0.0.1 dev eth1'],
    ],
    ['sevenths too', [['64.0.0.0/7', '10.0.0.1']], ['203: default via 10.0.0.1 dev eth1']],
    ['a /8 is a destination and no default route', [['11.0.0.0/8', '10.0.0.1']], []],
    [
      'a whole default route counts before its parts',
      [
        ['0.0.0.0/0', '10.0.0.2'],
        ['128.0.0.0/1', '10.0.0.1'],
      ],
      ['203: default via 10.0.0.2 dev eth1'],
    ],
  ])('%s', (_, routes, expected) => {
    const change = (bench: RoutingBench, eth1: IfIndex): void => {
      for (const [to, via] of routes) bench.kernel.addRoute(routeOf({ to, via, dev: eth1 }));
    };
    const lines = routesAfter({ address: '10.0.0.5', prefixLength: 24, change });
    expect(lines).toEqual(['203: 10.0.0.0/24 dev eth1', ...expected]);
  });

  test('IPv6 has them up to /4', () => {
    const change = (bench: RoutingBench, eth1: IfIndex): void => {
      for (const to of ['2000::/4', '3000::/4']) {
        bench.kernel.addRoute(routeOf({ to, via: 'fe80::1', dev: eth1 }));
      }
      bench.kernel.addRoute(routeOf({ to: 'fc00::/7', via: 'fe80::9', dev: eth1 }));
    };
    expect(routesAfter({ address: '2001:db8:1::5', prefixLength: 64, change })).toEqual([
      '203: 2001:db8:1::/64 dev eth1 metric 256',
      '203: default via fe80::1 dev eth1 metric 1024',
    ]);
  });
});
