import { describe, expect, test } from 'bun:test';
import type { KernelSnapshot } from '../core/model/fact.ts';
import { ifIndex, tableId } from '../core/model/ids.ts';
import { type RouteObject, RouteProtocol, type RuleObject } from '../core/model/kernel-objects.ts';
import { NETEVD_PROTOCOL } from '../core/model/routing-identity.ts';
import { FakeKernel } from '../testing/fake-kernel.ts';
import { ip, sampleLinkObject, sampleRoute } from '../testing/sample-state.ts';
import { findStaleRouting } from './stale-routing.ts';

function rule(
  way: 'from' | 'to',
  address: string,
  table: number,
  over: Partial<RuleObject> = {},
): RuleObject {
  const family = address.includes(':') ? 6 : 4;
  const end = { address: ip(address), length: family === 4 ? 32 : 128 };
  return {
    family,
    priority: 32765,
    ...(way === 'from' ? { source: end } : { destination: end }),
    table: tableId(table),
    action: 1,
    protocol: RouteProtocol.unspec,
    tos: 0,
    flags: 0,
    ...over,
  };
}

const network = (end: 'source' | 'destination'): RuleObject => ({
  ...rule('from', '192.0.2.0', 203),
  source: { address: ip('0.0.0.0'), length: 0 },
  [end]: { address: ip('192.0.2.0'), length: 24 },
});

const pair = (address: string, table: number, over: Partial<RuleObject> = {}): RuleObject[] => [
  rule('from', address, table, over),
  rule('to', address, table, { priority: 32764, ...over }),
];

function defaultRoute(table: number, index: number, over: Partial<RouteObject> = {}): RouteObject {
  return {
    ...sampleRoute(),
    family: 4,
    table: tableId(table),
    destination: ip('0.0.0.0'),
    prefixLength: 0,
    protocol: RouteProtocol.static,
    priority: 0,
    nextHops: [{ ifindex: ifIndex(index), gateway: ip('192.0.2.1'), weight: 1, flags: 0 }],
    ...over,
  };
}

const links = [
  sampleLinkObject({ index: ifIndex(2), name: 'eth0' }),
  sampleLinkObject({ index: ifIndex(3), name: 'eth1' }),
];
const snapshot = (rules: readonly RuleObject[], routes: readonly RouteObject[] = []): KernelSnapshot => ({
  links,
  drivers: new Map(),
  addresses: [],
  routes,
  rules: [...new FakeKernel().rules, ...rules],
});
const commands = (rules: readonly RuleObject[], routes: readonly RouteObject[] = []): readonly string[] =>
  findStaleRouting(snapshot(rules, routes)).removals.map(({ command }) => command);

describe('findStaleRouting: rules and routes of a predecessor', () => {
  test('a pair of rules and the default route of their table are found for each table base', () => {
    expect(commands(pair('192.0.2.5', 203), [defaultRoute(203, 3)])).toEqual([
      'ip rule del from 192.0.2.5 lookup 203 priority 32765',
      'ip rule del to 192.0.2.5 lookup 203 priority 32764',
      'ip route del default via 192.0.2.1 dev eth1 table 203',
    ]);
    expect(commands(pair('192.0.2.5', 1002), [defaultRoute(1002, 2)])).toHaveLength(3);
    expect(commands(pair('2001:db8::5', 10001))).toEqual([
      'ip -6 rule del from 2001:db8::5 lookup 10001 priority 32765',
      'ip -6 rule del to 2001:db8::5 lookup 10001 priority 32764',
    ]);
  });

  test('a rule that was added twice is found twice', () => {
    expect(
      commands([...pair('192.0.2.5', 1002), rule('from', '192.0.2.5', 1002, { priority: 32763 })]),
    ).toHaveLength(3);
  });

  test('rules are found after their link has vanished', () => {
    expect(commands(pair('192.0.2.5', 1042))).toHaveLength(2);
  });

  test('routes of network-broker have protocol boot', () => {
    const rules = pair('192.0.2.5', 10001);
    expect(commands(rules, [defaultRoute(10001, 2, { protocol: RouteProtocol.boot })])).toHaveLength(3);
    expect(commands(rules, [defaultRoute(10001, 2)])).toHaveLength(2);
  });
});

describe('findStaleRouting: rules and routes of other programs', () => {
  const rows: readonly (readonly [string, readonly RuleObject[]])[] = [
    ["netevd's own", pair('192.0.2.5', 203, { protocol: NETEVD_PROTOCOL })],
    ['of protocol boot', pair('192.0.2.5', 203, { protocol: RouteProtocol.boot })],
    ["networkd's", pair('192.0.2.5', 10002, { protocol: RouteProtocol.static })],
    ['of a network', [network('source'), network('destination')]],
    ['with a mark', pair('192.0.2.5', 203, { firewallMark: 1 })],
    ['of the main table', pair('192.0.2.5', 254)],
    ['of a table of the kernel', pair('192.0.2.5', 253)],
    ['of a table without an index', pair('192.0.2.5', 1000)],
    ['of a table far away', pair('192.0.2.5', 2500)],
    ['of loopback', pair('127.0.0.1', 203)],
    ['a prohibition', pair('192.0.2.5', 203, { action: 8 })],
  ];
  test.each(rows)('a rule is never removed: %s', (_, rules) => {
    expect(commands(rules, [defaultRoute(203, 3)])).toEqual([]);
  });

  test('half a pair is uncertain and stays', () => {
    const { removals, doubtful } = findStaleRouting(snapshot([rule('from', '192.0.2.5', 10001)]));
    expect(removals).toEqual([]);
    expect(doubtful.map(({ command }) => command)).toEqual([
      'ip rule del from 192.0.2.5 lookup 10001 priority 32765',
    ]);
  });

  test('a default route without rules is uncertain and stays', () => {
    const { removals, doubtful } = findStaleRouting(snapshot([], [defaultRoute(203, 3)]));
    expect(removals).toEqual([]);
    expect(doubtful).toHaveLength(1);
  });

  test('other routes in a table of a predecessor stay', () => {
    const others = [
      defaultRoute(203, 2),
      defaultRoute(203, 3, { prefixLength: 24, destination: ip('192.0.2.0') }),
      defaultRoute(203, 3, { protocol: NETEVD_PROTOCOL }),
      defaultRoute(204, 3),
    ];
    expect(commands(pair('192.0.2.5', 203), others)).toHaveLength(2);
  });
});
