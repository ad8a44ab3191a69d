import { describe, expect, test } from 'bun:test';
import { RoutingBench, samplePolicy, withTables } from '../../../testing/routing-bench.ts';
import { foreignLines, ownLines, routeOf } from '../../../testing/routing-text.ts';
import { type IfIndex, ifIndex, tableId } from '../../model/ids.ts';
import { LinkFlag } from '../../model/kernel-objects.ts';
import { withoutLinks } from '../policy.ts';

/** eth0 (2) with the default route of the machine, and eth1 (3), which the policy is about. */
function twoUplinks(policy = samplePolicy()): { bench: RoutingBench; eth0: IfIndex; eth1: IfIndex } {
  const bench = new RoutingBench(policy);
  const eth0 = bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  bench.kernel.addAddress({ link: eth0, address: '192.168.1.10', prefixLength: 24 });
  bench.kernel.addRoute(routeOf({ via: '192.168.1.1', dev: eth0, metric: 100 }));
  return { bench, eth0, eth1 };
}

const rulesOf = (address: string, table: number): string[] => [
  `30000: from ${address} lookup ${table} suppress_prefixlength ${address.includes(':') ? 4 : 7}`,
  `30001: from ${address} lookup main suppress_prefixlength ${address.includes(':') ? 4 : 7}`,
  `30002: from ${address} lookup ${table}`,
  `30003: from all to ${address} lookup ${table}`,
];

describe('a policy link with an address and a gateway', () => {
  test('a policy link gets its table and four rules for each address, as in S0 for eth1 with index 3', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '192.168.1.100', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '192.168.1.1', dev: eth1, metric: 200 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([
      ...rulesOf('192.168.1.100', 203),
      '203: 192.168.1.0/24 dev eth1',
      '203: default via 192.168.1.1 dev eth1',
    ]);
  });

  test('routes are added before rules, and rules by priority', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
    bench.reconcile();
    const order = bench.takeDone().map((effect) => ('rule' in effect ? effect.rule.priority : effect.kind));
    expect(order).toEqual(['addRoute', 'addRoute', 30_000, 30_001, 30_002, 30_003]);
  });

  test('rules and routes are removed in the reverse order', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
    bench.reconcile();
    bench.takeDone();
    bench.policy = withoutLinks(bench.policy);
    bench.reconcile();
    const order = bench
      .takeDone()
      .map((effect) => ('rule' in effect ? effect.rule.priority : effect.route.prefixLength));
    expect(order).toEqual([30_003, 30_002, 30_001, 30_000, 0, 24]);
    expect(ownLines(bench.kernel)).toEqual([]);
  });

  test('an IPv6 default route has the usual metric of IPv6, a network that of the kernel', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '2001:db8::5', prefixLength: 64 });
    bench.kernel.addRoute(routeOf({ to: '::/0', via: 'fe80::1', dev: eth1, protocol: 9 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([
      ...rulesOf('2001:db8::5', 203),
      '203: 2001:db8::/64 dev eth1 metric 256',
      '203: default via fe80::1 dev eth1 metric 1024',
    ]);
  });

  test('nothing is done when nothing has changed', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.takeDone();
    bench.reconcile();
    expect(bench.takeDone()).toEqual([]);
  });
});

describe('order of arrival', () => {
  test('an address before its gateway gets rules and networks at once and the default route with the gateway', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', 203), '203: 10.0.0.0/24 dev eth1']);
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 1024 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
  });

  test('a gateway before the address has no effect until the address appears', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, onlink: true }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1 onlink');
  });

  test('a link that is down keeps its rules and gets its routes when it is up', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.kernel.setUp(eth1, false);
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual(rulesOf('10.0.0.5', 203));
    bench.kernel.setUp(eth1, true);
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: 10.0.0.0/24 dev eth1');
    expect(bench.notices).toEqual([]);
  });
});

describe('eligible addresses', () => {
  const flag = { temporary: 1, dadFailed: 8, deprecated: 0x20, tentative: 0x40 };
  test.each([
    ['global IPv4', '203.0.113.9', 0x80, true],
    ['private IPv4', '10.9.9.9', 0x80, true],
    ['secondary IPv4, whose flag means "temporary" in IPv6', '10.9.9.9', 0x81, true],
    ['global IPv6', '2001:db8::9', 0x80, true],
    ['unique local', 'fd00::9', 0x80, true],
    ['IPv4 link-local', '169.254.7.7', 0x80, false],
    ['IPv6 link-local', 'fe80::9', 0x80, false],
    ['loopback', '127.0.0.9', 0x80, false],
    ['tentative', '2001:db8::9', flag.tentative, false],
    ['duplicate', '2001:db8::9', flag.dadFailed | flag.tentative, false],
    ['deprecated', '2001:db8::9', flag.deprecated, true],
    ['deprecated IPv4, as keepalived and kube-vip mark service addresses', '10.9.9.9', flag.deprecated, true],
    ['temporary', '2001:db8::9', flag.temporary, true],
    ['temporary and deprecated, while its connections go on', '2001:db8::9', 0x21, true],
    ['optimistic, which is tentative still', '2001:db8::9', 0x44, false],
    ['deprecated unique local', 'fd00::9', flag.deprecated, true],
  ])('rules exist as expected for an address: %s', (_, address, flags, expected) => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address, prefixLength: address.includes(':') ? 64 : 24, flags });
    bench.reconcile();
    expect(ownLines(bench.kernel).some((line) => line.includes(`from ${address} `))).toBe(expected);
  });

  test('an address on two links belongs to the one that is up and is a conflict for the other', () => {
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['eth*'] }));
    const eth2 = bench.kernel.addLink('eth2');
    for (const link of [eth1, eth2]) {
      bench.kernel.addAddress({ link, address: '10.0.0.5', prefixLength: 24 });
    }
    bench.kernel.setUp(eth1, false);
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual(expect.arrayContaining(rulesOf('10.0.0.5', 204)));
    expect(ownLines(bench.kernel)).not.toContain('30002: from 10.0.0.5 lookup 203');
    expect(bench.notices).toMatchObject([
      { kind: 'conflict', link: 'eth1', conflict: { kind: 'addressElsewhere', link: 'eth2' } },
    ]);
  });
});

describe('networks of a link', () => {
  test('an address of 32 bits has no network, and its gateway is marked as on-link', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.128.0.5', prefixLength: 32 });
    bench.kernel.addRoute(routeOf({ via: '10.128.0.1', dev: eth1, onlink: true, metric: 9 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: default via 10.128.0.1 dev eth1 onlink']);
  });

  test('a host route to the gateway in main is copied, as on cloud hosts', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.128.0.5', prefixLength: 32 });
    bench.kernel.addRoute(routeOf({ to: '10.128.0.1', dev: eth1, protocol: 16 }));
    bench.kernel.addRoute(routeOf({ via: '10.128.0.1', dev: eth1, metric: 9, protocol: 16 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual([
      '203: 10.128.0.1 dev eth1',
      '203: default via 10.128.0.1 dev eth1',
    ]);
  });

  test('an address of 128 bits has no network, and its route in main is not copied', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '2001:db8::7', prefixLength: 128 });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual([]);
  });

  test('a point-to-point link gets a route to its peer and a default route without a gateway', () => {
    const { bench } = twoUplinks(samplePolicy({ links: ['ppp0'] }));
    const ppp = bench.kernel.addLink('ppp0', { flags: LinkFlag.up | LinkFlag.pointToPoint });
    bench.kernel.addAddress({ link: ppp, address: '10.64.0.2', peer: '10.64.64.64', prefixLength: 32 });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['204: 10.64.64.64 dev ppp0', '204: default dev ppp0']);
  });

  test('with noprefixroute the networks are those that the manager added to main', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24, flags: 0x280 });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual([]);
    bench.kernel.addRoute(routeOf({ to: '10.0.0.0/24', dev: eth1, metric: 100 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: 10.0.0.0/24 dev eth1']);
  });

  test('a more specific route of main within a network is an exception, so that containers stay reachable', () => {
    const { bench, eth0, eth1 } = twoUplinks();
    const docker = bench.kernel.addLink('docker0');
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 16 });
    bench.kernel.addRoute(routeOf({ to: '10.0.7.0/24', dev: docker }));
    bench.kernel.addRoute(routeOf({ to: '10.0.8.8', via: '10.0.0.9', dev: eth1 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual([
      '203: 10.0.0.0/16 dev eth1',
      '203: throw 10.0.7.0/24',
      '203: throw 10.0.8.8',
    ]);
    expect(foreignLines(bench.kernel).some((line) => line.includes('10.0.7.0/24'))).toBe(true);
    expect(eth0).toBe(ifIndex(2));
  });

  test('a more specific route over another uplink is no exception', () => {
    const { bench, eth0, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '192.168.1.100', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ to: '192.168.1.1', dev: eth0, protocol: 16, metric: 1024 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: 192.168.1.0/24 dev eth1']);
  });
});

describe('gateways', () => {
  test('the gateway with the lowest metric is first, others follow with their own metrics', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.2', dev: eth1, metric: 300 }));
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(5)).toEqual([
      '203: default via 10.0.0.1 dev eth1',
      '203: default via 10.0.0.2 dev eth1 metric 1',
    ]);
  });

  test('a gateway may have the other family (RTA_VIA)', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 32 });
    bench.kernel.addRoute({ ...routeOf({ dev: eth1, metric: 5 }), ...viaIpv6(eth1) });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: default via inet6 fe80::1 dev eth1']);
  });

  test('of a multipath route only the next hops over the link count', () => {
    const { bench, eth0, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    const hop = (ifindex: IfIndex, gateway: string, weight: number) => ({
      ifindex,
      gateway: gateway as never,
      weight,
      flags: 0,
    });
    const nextHops = [hop(eth0, '192.168.1.1', 1), hop(eth1, '10.0.0.1', 3), hop(eth1, '10.0.0.2', 1)];
    bench.kernel.addRoute({ ...routeOf({ metric: 50 }), scope: 0, nextHops });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(5)).toEqual([
      '203: default nexthop via 10.0.0.1 dev eth1 weight 3 nexthop via 10.0.0.2 dev eth1 weight 1',
    ]);
  });

  test('a gateway comes from another table if main has none', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, table: 1002 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
  });

  test('a default route keeps the MTU of its origin', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute({ ...routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }), metrics: { 2: 1400 } });
    bench.reconcile();
    const own = bench.kernel.routes.find((route) => route.table === 203 && route.prefixLength === 0);
    expect(own?.metrics).toEqual({ 2: 1400 });
  });

  test('a changed gateway is replaced without a moment without a default route', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    const before = routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 });
    bench.kernel.addRoute(before);
    bench.reconcile();
    bench.takeDone();
    bench.kernel.removeRoute(before);
    bench.kernel.addRoute(routeOf({ via: '10.0.0.254', dev: eth1, metric: 7 }));
    const apply = bench.kernel.apply.bind(bench.kernel);
    bench.kernel.apply = (effect) => {
      const result = apply(effect);
      const defaults = bench.kernel.routes.filter(
        ({ table, prefixLength }) => table === 203 && prefixLength === 0,
      );
      expect(defaults.length).toBeGreaterThan(0);
      return result;
    };
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(5)).toEqual(['203: default via 10.0.0.254 dev eth1']);
    expect(bench.takeDone().map(({ kind }) => kind)).toEqual([
      'addRoute',
      'removeRoute',
      'addRoute',
      'removeRoute',
    ]);
  });

  test('the old default route stays if the kernel refuses the new gateway', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    const before = routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 });
    bench.kernel.addRoute(before);
    bench.reconcile();
    bench.kernel.removeRoute(before);
    bench.kernel.addRoute(routeOf({ via: '10.0.0.254', dev: eth1, metric: 7 }));
    const apply = bench.kernel.apply.bind(bench.kernel);
    let refusing = true;
    bench.kernel.apply = (effect) =>
      refusing && effect.kind === 'addRoute' ? { kind: 'failed', code: 'ENETUNREACH' } : apply(effect);
    bench.reconcile();
    bench.advance(60_000);
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
    refusing = false;
    bench.advance(60_000);
    expect(ownLines(bench.kernel).slice(5)).toEqual(['203: default via 10.0.0.254 dev eth1']);
  });

  test('the default route of a vanished gateway is removed some time after the start', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    const route = routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 });
    bench.kernel.addRoute(route);
    bench.reconcile();
    bench.kernel.removeRoute(route);
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
    bench.advance(10_000);
    expect(ownLines(bench.kernel)).not.toContain('203: default via 10.0.0.1 dev eth1');
  });
});

const viaIpv6 = (ifindex: IfIndex) => ({
  scope: 0,
  nextHops: [{ ifindex, gateway: 'fe80::1' as never, weight: 1, flags: 0 }],
});

describe('tables of links', () => {
  test.each([
    ['a configured table', { tables: withTables({ eth1: 77 }) }, 77],
    ['a table with another base', { tableBase: 5000 }, 5003],
    ['reserved 253 is moved up by a million', { tableBase: 250 }, 1_000_253],
    ['reserved 255 is moved up by a million', { tableBase: 252 }, 1_000_255],
    [
      'a table that the configuration gives to another link is moved by a million',
      { tables: withTables({ wan: 203 }) },
      1_000_203,
    ],
  ])('the table of a link is as expected: %s', (_, over, table) => {
    const { bench, eth1 } = twoUplinks(samplePolicy(over));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', table), `${table}: 10.0.0.0/24 dev eth1`]);
    expect(bench.notices.filter(({ kind }) => kind === 'relocated')).toHaveLength(table > 1_000_000 ? 1 : 0);
  });

  test('of two links with one table the first gets it, and the other has a conflict', () => {
    const tables = withTables({ eth0: 300, eth1: 300 });
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['eth0', 'eth1'], tables }));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel).filter((line) => line.includes('10.0.0.5'))).toEqual([]);
    expect(bench.notices).toMatchObject([{ link: 'eth1', conflict: { kind: 'tableTaken', by: 'eth0' } }]);
  });

  test('after a change of the configuration the new table is complete before the old one is removed', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.takeDone();
    bench.policy = samplePolicy({ tables: withTables({ eth1: 900 }) });
    bench.reconcile();
    const kinds = bench.takeDone().map(({ kind }) => kind.slice(0, 3));
    expect(kinds.lastIndexOf('add')).toBeLessThan(kinds.indexOf('rem'));
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', 900), '900: 10.0.0.0/24 dev eth1']);
  });
});

describe('objects of other programs', () => {
  test('objects of other programs are never changed, not even equal ones', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    const [rule] = bench.kernel.rules.filter(({ priority }) => priority === 30_002);
    if (rule === undefined) throw new Error('no rule');
    bench.kernel.addRule({ ...rule, protocol: 4 });
    bench.kernel.addRoute(routeOf({ to: '10.77.0.0/16', via: '10.0.0.9', dev: eth1, table: 203 }));
    const before = foreignLines(bench.kernel);
    bench.policy = withoutLinks(bench.policy);
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(foreignLines(bench.kernel)).toEqual(before);
  });

  test.each([
    ['a default route in the slot of netevd', { via: '10.0.0.1', table: 203, metric: 0 }, false],
    ['a worse default route that another rule looks up', { via: '10.0.0.1', table: 203, metric: 9 }, true],
    ['routes of a VRF', { to: '10.3.0.0/24', table: 203, protocol: 2 }, false],
  ])('a table is in use: %s', (_, spec, lookedUp) => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ ...spec, dev: eth1 }));
    if (lookedUp) {
      const [model] = bench.kernel.rules;
      if (model === undefined) throw new Error('no rule');
      bench.kernel.addRule({ ...model, priority: 500, table: tableId(203), protocol: 3 });
    }
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(bench.notices).toMatchObject([{ kind: 'conflict', conflict: { kind: 'tableInUse' } }]);
  });

  test('a table with harmless routes is shared', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ table: 203, metric: 4_278_198_272, type: 7 }));
    bench.kernel.addRoute(routeOf({ to: '10.77.0.0/16', via: '10.0.0.9', dev: eth1, table: 203 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: 10.0.0.0/24 dev eth1');
    expect(bench.notices).toEqual([]);
  });

  test('a route in the slot of netevd is a conflict, and the other routes are added', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ to: '10.0.0.0/24', dev: eth1, table: 203, protocol: 4 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual(rulesOf('10.0.0.5', 203));
    expect(bench.notices).toMatchObject([{ conflict: { kind: 'routeInTheWay' } }]);
  });

  test('an earlier rule that leads an address elsewhere is reported once', () => {
    const { bench, eth0, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
    bench.kernel.addRoute(routeOf({ via: '192.168.1.1', dev: eth0, table: 10_003 }));
    const [model] = bench.kernel.rules;
    if (model === undefined) throw new Error('no rule');
    const source = { address: '10.0.0.0' as never, length: 8 };
    bench.kernel.addRule({ ...model, priority: 10_003, table: tableId(10_003), protocol: 4, source });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual(expect.arrayContaining(rulesOf('10.0.0.5', 203)));
    bench.reconcile();
    expect(bench.notices).toMatchObject([
      { kind: 'diverted', link: 'eth1', addresses: ['10.0.0.5'], diversion: { rule: { priority: 10_003 } } },
    ]);
  });

  test('a conflict is found also if its object is older than the policy link', () => {
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['wan0'] }));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24, flags: 0x280 });
    bench.kernel.addRoute(routeOf({ to: '10.3.0.0/24', dev: eth1, table: 203, protocol: 2 }));
    bench.reconcile();
    bench.kernel.renameLink(eth1, 'wan0');
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(bench.notices).toMatchObject([{ kind: 'conflict', conflict: { kind: 'tableInUse' } }]);
  });

  test('a policy link in a VRF is a conflict', () => {
    const { bench } = twoUplinks(samplePolicy({ links: ['blue1'] }));
    const vrf = bench.kernel.addLink('blue', { kind: 'vrf' });
    const port = bench.kernel.addLink('blue1', { master: vrf });
    bench.kernel.addAddress({ link: port, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(bench.notices).toMatchObject([{ conflict: { kind: 'linkInVrf', vrf: 'blue' } }]);
  });
});

describe('objects of an earlier run', () => {
  test('objects of an earlier run are adopted', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }));
    bench.reconcile();
    bench.takeDone();
    for (let i = 0; i < 1000; i++) {
      bench.restart();
      bench.reconcile();
    }
    expect(bench.takeDone()).toEqual([]);
  });

  test('objects of vanished addresses and links are removed after a restart', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.6', prefixLength: 24 });
    bench.reconcile();
    bench.kernel.removeAddress(eth1, '10.0.0.5');
    bench.restart();
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.6', 203), '203: 10.0.0.0/24 dev eth1']);
    bench.kernel.removeLink(eth1);
    bench.restart();
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
  });

  test('the wanted set is complete after a crash at any effect', () => {
    for (let limit = 0; limit < 8; limit++) {
      const { bench, eth1 } = twoUplinks();
      bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
      bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }));
      bench.read();
      bench.step(limit);
      bench.restart();
      bench.reconcile();
      expect(ownLines(bench.kernel)).toEqual([
        ...rulesOf('10.0.0.5', 203),
        '203: 10.0.0.0/24 dev eth1',
        '203: default via 10.0.0.1 dev eth1',
      ]);
    }
  });
});

describe('renamed and replaced links', () => {
  test('a link renamed into the policy gets its rules, one renamed out of it loses them', () => {
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['wan*'] }));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    bench.kernel.renameLink(eth1, 'wan0');
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', 203), '203: 10.0.0.0/24 dev wan0']);
    bench.kernel.renameLink(eth1, 'eth9');
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
  });

  test('a link that returns with another index gets a new table and leaves nothing in the old one', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.kernel.removeLink(eth1);
    const again = bench.kernel.addLink('eth1');
    bench.kernel.addAddress({ link: again, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', 204), '204: 10.0.0.0/24 dev eth1']);
  });

  test('rules of a vanished link are removed when another link takes its index', () => {
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['eth*'] }));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.kernel.removeLink(eth1);
    bench.kernel.addLink('eth7', { index: eth1 });
    bench.kernel.addAddress({ link: eth1, address: '10.7.0.7', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel).filter((line) => line.includes('10.'))).toEqual([
      ...rulesOf('10.7.0.7', 203),
      '203: 10.7.0.0/24 dev eth7',
    ]);
  });
});
