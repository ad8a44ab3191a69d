import { describe, expect, test } from 'bun:test';
import { RoutingBench, samplePolicy, withTables } from '../../../testing/routing-bench.ts';
import { foreignLines, ownLines, routeOf } from '../../../testing/routing-text.ts';
import { type IfIndex, ifIndex, tableId } from '../../model/ids.ts';
import { LinkFlag } from '../../model/kernel-objects.ts';
import { withdrawn } from '../policy.ts';

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
  `30000: from ${address} lookup ${table} suppress_prefixlength 0`,
  `30001: from ${address} lookup main suppress_prefixlength 0`,
  `30002: from ${address} lookup ${table}`,
  `30003: from all to ${address} lookup ${table}`,
];

describe('a link with an address and a gateway', () => {
  test('gets its table and the four rules of each address, as S0 shows it for eth1 with index 3', () => {
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

  test('is added to in an order in which no packet goes astray: routes, then rules by their priority', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
    bench.reconcile();
    const order = bench.takeDone().map((effect) => ('rule' in effect ? effect.rule.priority : effect.kind));
    expect(order).toEqual(['addRoute', 'addRoute', 30_000, 30_001, 30_002, 30_003]);
  });

  test('is taken apart in the reverse order', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 200 }));
    bench.reconcile();
    bench.takeDone();
    bench.policy = withdrawn(bench.policy);
    bench.reconcile();
    const order = bench
      .takeDone()
      .map((effect) => ('rule' in effect ? effect.rule.priority : effect.route.prefixLength));
    expect(order).toEqual([30_003, 30_002, 30_001, 30_000, 0, 24]);
    expect(ownLines(bench.kernel)).toEqual([]);
  });

  test('has the same with IPv6: default routes have its usual metric, networks that of the kernel', () => {
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

  test('is left alone when nothing has changed', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.takeDone();
    bench.reconcile();
    expect(bench.takeDone()).toEqual([]);
  });
});

describe('the order of arrival', () => {
  test('an address before its gateway: rules and networks at once, the default route when the gateway comes', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', 203), '203: 10.0.0.0/24 dev eth1']);
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 1024 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
  });

  test('a gateway before the address: nothing until the address comes', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, onlink: true }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1 onlink');
  });

  test('a link that is down waits: its rules stay, and its routes come when it is up', () => {
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

describe('which addresses get rules', () => {
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
    ['deprecated', '2001:db8::9', flag.deprecated, false],
    ['deprecated IPv4', '10.9.9.9', flag.deprecated, false],
    ['temporary', '2001:db8::9', flag.temporary, false],
  ])('%s', (_, address, flags, expected) => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address, prefixLength: address.includes(':') ? 64 : 24, flags });
    bench.reconcile();
    expect(ownLines(bench.kernel).some((line) => line.includes(`from ${address} `))).toBe(expected);
  });

  test('an address on two links is answered by the one that is up, and reported for the other', () => {
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

describe('the networks of the link', () => {
  test('an address of 32 bits makes none, and its gateway is told to be on the link', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.128.0.5', prefixLength: 32 });
    bench.kernel.addRoute(routeOf({ via: '10.128.0.1', dev: eth1, onlink: true, metric: 9 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: default via 10.128.0.1 dev eth1 onlink']);
  });

  test('a host route to the gateway in main comes along, as clouds hand it out', () => {
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

  test('an address of 128 bits makes none, and its route in main is not copied', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '2001:db8::7', prefixLength: 128 });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual([]);
  });

  test('the other end of a point-to-point link, and a default route that needs no gateway', () => {
    const { bench } = twoUplinks(samplePolicy({ links: ['ppp0'] }));
    const ppp = bench.kernel.addLink('ppp0', { flags: LinkFlag.up | LinkFlag.pointToPoint });
    bench.kernel.addAddress({ link: ppp, address: '10.64.0.2', peer: '10.64.64.64', prefixLength: 32 });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['204: 10.64.64.64 dev ppp0', '204: default dev ppp0']);
  });

  test('with noprefixroute they are those that the manager put into main', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24, flags: 0x280 });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual([]);
    bench.kernel.addRoute(routeOf({ to: '10.0.0.0/24', dev: eth1, metric: 100 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: 10.0.0.0/24 dev eth1']);
  });

  test('a more specific route of main inside them is an exception, so that containers stay reachable', () => {
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

  test('but not where it leads out of another uplink: what arrives here is answered here', () => {
    const { bench, eth0, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '192.168.1.100', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ to: '192.168.1.1', dev: eth0, protocol: 16, metric: 1024 }));
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: 192.168.1.0/24 dev eth1']);
  });
});

describe('the gateway', () => {
  test('of the lowest metric is first; others follow with metrics of their own', () => {
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

  test('may be of the other family (RTA_VIA)', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 32 });
    bench.kernel.addRoute({ ...routeOf({ dev: eth1, metric: 5 }), ...viaIpv6(eth1) });
    bench.reconcile();
    expect(ownLines(bench.kernel).slice(4)).toEqual(['203: default via inet6 fe80::1 dev eth1']);
  });

  test('of a multipath route: the ways that lead out of the link, and no other', () => {
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

  test('is taken from another table where main has none', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, table: 1002 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
  });

  test('takes the MTU of its route along', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute({ ...routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }), metrics: { 2: 1400 } });
    bench.reconcile();
    const own = bench.kernel.routes.find((route) => route.table === 203 && route.prefixLength === 0);
    expect(own?.metrics).toEqual({ 2: 1400 });
  });

  test('that has changed is exchanged without a gap: at every moment the table has a default route', () => {
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

  test('that has changed to one that the kernel refuses: the old default route stays', () => {
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

  test('that has gone goes, some time after the start', () => {
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

describe('tables', () => {
  test.each([
    ['of the configuration', { tables: withTables({ eth1: 77 }) }, 77],
    ['on another base', { tableBase: 5000 }, 5003],
    ['reserved 253 is moved up by a million', { tableBase: 250 }, 1_000_253],
    ['reserved 255 is moved up by a million', { tableBase: 252 }, 1_000_255],
    [
      'one that the configuration gives to another link is moved as well',
      { tables: withTables({ wan: 203 }) },
      1_000_203,
    ],
  ])('%s', (_, over, table) => {
    const { bench, eth1 } = twoUplinks(samplePolicy(over));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', table), `${table}: 10.0.0.0/24 dev eth1`]);
    expect(bench.notices.filter(({ kind }) => kind === 'relocated')).toHaveLength(table > 1_000_000 ? 1 : 0);
  });

  test('two links with one table: the first has it, the other is told', () => {
    const tables = withTables({ eth0: 300, eth1: 300 });
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['eth0', 'eth1'], tables }));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel).filter((line) => line.includes('10.0.0.5'))).toEqual([]);
    expect(bench.notices).toMatchObject([{ link: 'eth1', conflict: { kind: 'tableTaken', by: 'eth0' } }]);
  });

  test('that move by a change of the configuration: the new one is complete before the old one goes', () => {
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

describe('what belongs to others', () => {
  test('is never touched, not even where it is equal', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    const [rule] = bench.kernel.rules.filter(({ priority }) => priority === 30_002);
    if (rule === undefined) throw new Error('no rule');
    bench.kernel.addRule({ ...rule, protocol: 4 });
    bench.kernel.addRoute(routeOf({ to: '10.77.0.0/16', via: '10.0.0.9', dev: eth1, table: 203 }));
    const before = foreignLines(bench.kernel);
    bench.policy = withdrawn(bench.policy);
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(foreignLines(bench.kernel)).toEqual(before);
  });

  test.each([
    ['a default route where ours would be', { via: '10.0.0.1', table: 203, metric: 0 }, false],
    [
      'a worse default route that a rule of others looks up',
      { via: '10.0.0.1', table: 203, metric: 9 },
      true,
    ],
    ['routes of the kernel: a VRF', { to: '10.3.0.0/24', table: 203, protocol: 2 }, false],
  ])('%s: the table is left to them', (_, spec, lookedUp) => {
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

  test('in the table without harm: it is shared', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ table: 203, metric: 4_278_198_272, type: 7 }));
    bench.kernel.addRoute(routeOf({ to: '10.77.0.0/16', via: '10.0.0.9', dev: eth1, table: 203 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: 10.0.0.0/24 dev eth1');
    expect(bench.notices).toEqual([]);
  });

  test('one route in the place of ours is reported, the others are made', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.kernel.addRoute(routeOf({ to: '10.0.0.0/24', dev: eth1, table: 203, protocol: 4 }));
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual(rulesOf('10.0.0.5', 203));
    expect(bench.notices).toMatchObject([{ conflict: { kind: 'routeInTheWay' } }]);
  });

  test('an earlier rule for the address is reported, by name where it is known', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    const [model] = bench.kernel.rules;
    if (model === undefined) throw new Error('no rule');
    const source = { address: '10.0.0.0' as never, length: 8 };
    bench.kernel.addRule({ ...model, priority: 10_003, table: tableId(10_003), protocol: 4, source });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual(expect.arrayContaining(rulesOf('10.0.0.5', 203)));
    expect(bench.notices).toMatchObject([
      { conflict: { kind: 'ruleInTheWay', address: '10.0.0.5', owner: 'amazon-ec2-net-utils' } },
    ]);
  });

  test('that is there before the link comes under the policy is found as well', () => {
    const { bench, eth1 } = twoUplinks(samplePolicy({ links: ['wan0'] }));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24, flags: 0x280 });
    bench.kernel.addRoute(routeOf({ to: '10.3.0.0/24', dev: eth1, table: 203, protocol: 2 }));
    bench.reconcile();
    bench.kernel.renameLink(eth1, 'wan0');
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(bench.notices).toMatchObject([{ kind: 'conflict', conflict: { kind: 'tableInUse' } }]);
  });

  test('a link in a VRF is told that its packets never come here', () => {
    const { bench } = twoUplinks(samplePolicy({ links: ['blue1'] }));
    const vrf = bench.kernel.addLink('blue', { kind: 'vrf' });
    const port = bench.kernel.addLink('blue1', { master: vrf });
    bench.kernel.addAddress({ link: port, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(bench.notices).toMatchObject([{ conflict: { kind: 'linkInVrf', vrf: 'blue' } }]);
  });
});

describe('what an earlier run left', () => {
  test('is adopted, and not made again', () => {
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

  test('of an address that is gone since is removed, as is everything of a link that is gone', () => {
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

  test('is complete after a crash in the middle, wherever that was', () => {
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

describe('identity', () => {
  test('a link that is renamed into the policy gets its rules; one that is renamed out of it loses them', () => {
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

  test('a link that goes and comes back with another index has its new table, and nothing of the old one is left', () => {
    const { bench, eth1 } = twoUplinks();
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    bench.kernel.removeLink(eth1);
    const again = bench.kernel.addLink('eth1');
    bench.kernel.addAddress({ link: again, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([...rulesOf('10.0.0.5', 204), '204: 10.0.0.0/24 dev eth1']);
  });

  test('an index that another link has taken', () => {
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
