import { describe, expect, test } from 'bun:test';
import {
  sampleAddress,
  sampleLinkObject,
  sampleRoute,
  sampleStatistics,
} from '../../testing/sample-state.ts';
import { diff } from '../diff/diff.ts';
import type { IpAddress } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact, KernelFact, KernelSnapshot, RouteNotification } from '../model/fact.ts';
import { generation, ifIndex, tableId } from '../model/ids.ts';
import {
  AddressFlag,
  type AddressObject,
  LinkFlag,
  type LinkObject,
  type NextHop,
  OperStatus,
  type RouteObject,
  type RuleObject,
} from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { reduce } from './reduce.ts';

const allOn = LinkFlag.up | LinkFlag.running | LinkFlag.lowerUp;

function link(over: Partial<LinkObject> = {}): Fact & { readonly kind: 'linkObserved' } {
  return {
    kind: 'linkObserved',
    link: sampleLinkObject({ flags: allOn, operStatus: OperStatus.up, ...over }),
  };
}
const vanished = (index: number): Fact => ({ kind: 'linkVanished', index: ifIndex(index) });
const address = (text: string, over: Partial<AddressObject> = {}): Fact => ({
  kind: 'addressObserved',
  address: sampleAddress(text, over),
});
const noAddress = (text: string, over: Partial<AddressObject> = {}): KernelFact => ({
  kind: 'addressVanished',
  address: sampleAddress(text, over),
});

const start: State = reduce(emptyState('auto'), {
  kind: 'kernelRead',
  snapshot: { links: [], drivers: new Map(), addresses: [], routes: [], rules: [] },
});
const fold = (facts: readonly Fact[], from: State = start): State => facts.reduce(reduce, from);

/** Kinds of the changes that each fact brings, in turn. */
function kindsOf(before: readonly Fact[], facts: readonly Fact[]): string[] {
  return changesOf(before, facts).map((change) => change.kind);
}
function changesOf(before: readonly Fact[], facts: readonly Fact[]): Change[] {
  let state = fold(before);
  return facts.flatMap((fact) => {
    const next = reduce(state, fact);
    const changes = diff(state, next);
    state = next;
    return changes;
  });
}
const kernelLink = (state: State, index = 2): NonNullable<ReturnType<State['kernel']['links']['get']>> => {
  const found = state.kernel.links.get(ifIndex(index));
  if (found === undefined) throw new Error(`no link ${index}`);
  return found;
};

describe('reduce of link messages', () => {
  test('new statistics alone do not change the state', () => {
    const state = fold([link()]);
    expect(reduce(state, link({ statistics: { ...sampleStatistics, rxPackets: 5 } }))).toBe(state);
  });

  test('a link keeps the driver of its first message', () => {
    const state = fold([{ ...link(), driver: 'e1000e' }, link({ mtu: 9000 })]);
    expect(kernelLink(state).driver).toBe('e1000e');
  });

  test('a renamed link stays the same link', () => {
    expect(changesOf([link()], [link({ name: 'lan0' })])).toEqual([
      {
        kind: 'linkRenamed',
        link: { index: ifIndex(2), generation: generation(1), name: 'lan0' },
        from: 'eth0',
      },
    ]);
  });

  test('new alternative names cause no change', () => {
    const state = fold([link(), link({ altNames: ['enp1s0', 'wan'] })]);
    expect(kernelLink(state).object.altNames).toEqual(['enp1s0', 'wan']);
    expect(kindsOf([link()], [link({ altNames: ['wan'] })])).toEqual([]);
  });

  test('a link with the index of a vanished one is a new link', () => {
    const facts = [vanished(2), link()];
    const changes = changesOf([link(), address('192.0.2.1')], facts);
    expect(changes.map((change) => change.kind)).toEqual([
      'addressVanished',
      'linkVanished',
      'hostStatusChanged',
      'linkAppeared',
      'operationalStateChanged',
      'hostStatusChanged',
    ]);
    expect(kernelLink(fold([link(), ...facts])).generation).toBe(generation(2));
  });

  test('a moved link takes its addresses along', () => {
    const moved: Fact = { kind: 'linkVanished', index: ifIndex(2), movedTo: 7 };
    expect(kindsOf([link(), address('192.0.2.1'), address('2001:db8::1')], [moved])).toEqual([
      'addressVanished',
      'addressVanished',
      'linkVanished',
      'hostStatusChanged',
    ]);
  });

  test('the removal of an unknown link changes nothing', () => {
    const state = fold([link()]);
    expect(reduce(state, vanished(77))).toBe(state);
  });

  test('a link that goes down invalidates routes once', () => {
    const state = fold([link(), link({ flags: 0, operStatus: OperStatus.down })]);
    expect(state.kernel.invalidations).toEqual({
      ipv4Routes: { cause: 'link-down' },
      ipv6Routes: { cause: 'link-down' },
    });
    const lostCarrier = fold([link(), link({ flags: LinkFlag.up, operStatus: OperStatus.down })]);
    expect(lostCarrier.kernel.invalidations).toEqual({});
  });

  test('a new link has changes for all of its states and addresses', () => {
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: { ...empty, links: [link().link], addresses: [sampleAddress('192.0.2.1')] },
    };
    expect(kindsOf([], [read])).toEqual([
      'linkAppeared',
      'operationalStateChanged',
      'administrativeStateChanged',
      'addressAppeared',
      'hostStatusChanged',
    ]);
  });
});

const empty: KernelSnapshot = { links: [], drivers: new Map(), addresses: [], routes: [], rules: [] };

describe('reduce of masters and ports', () => {
  const bridge = link({ index: ifIndex(5), name: 'br0' });
  const port = (over: Partial<LinkObject> = {}): Fact => link({ master: ifIndex(5), ...over });
  const portDown = port({ flags: LinkFlag.up, operStatus: OperStatus.down });
  const carriers = (facts: readonly Fact[]): string[] => {
    const { links } = fold(facts).kernel;
    return [2, 3, 5, 6].flatMap((index) => links.get(ifIndex(index))?.carrierState ?? []);
  };

  test('a master is degraded while a port has no carrier', () => {
    expect(carriers([bridge, port()])).toEqual(['enslaved', 'carrier']);
    expect(carriers([bridge, port(), portDown])).toEqual(['no-carrier', 'degraded-carrier']);
    expect(carriers([bridge, portDown, port()])).toEqual(['enslaved', 'carrier']);
  });

  test('the state of a master does not depend on the order of messages', () => {
    expect(carriers([portDown, bridge])).toEqual(['no-carrier', 'degraded-carrier']);
  });

  test('a master recovers when the port without carrier leaves, is deleted or moves', () => {
    expect(carriers([bridge, portDown, link()])).toEqual(['carrier', 'carrier']);
    expect(carriers([bridge, portDown, vanished(2)])).toEqual(['carrier']);
    const other = link({ index: ifIndex(6), name: 'br1' });
    const moved = port({ master: ifIndex(6), flags: LinkFlag.up, operStatus: OperStatus.down });
    expect(carriers([bridge, other, portDown, moved])).toEqual(['no-carrier', 'carrier', 'degraded-carrier']);
  });

  test('a master is degraded until all of its ports have carrier', () => {
    const second = port({ index: ifIndex(3), name: 'eth1' });
    expect(carriers([bridge, portDown, second])).toEqual(['no-carrier', 'enslaved', 'degraded-carrier']);
  });

  test('a degraded master degrades its own master', () => {
    const top = link({ index: ifIndex(6), name: 'vrf0' });
    const middle = link({ index: ifIndex(5), name: 'bond0', master: ifIndex(6) });
    expect(carriers([top, middle, port(), portDown])).toEqual([
      'no-carrier',
      'degraded-carrier',
      'degraded-carrier',
    ]);
    expect(carriers([top, middle, portDown, port()])).toEqual(['enslaved', 'enslaved', 'carrier']);
  });

  test('a link that is its own master does not cause an endless loop', () => {
    const a = link({ index: ifIndex(5), name: 'a', master: ifIndex(6) });
    const b = link({ index: ifIndex(6), name: 'b', master: ifIndex(5) });
    expect(
      carriers([a, b, link({ index: ifIndex(5), name: 'a', master: ifIndex(6), flags: 0, operStatus: 2 })]),
    ).toEqual(['off', 'degraded-carrier']);
  });

  test('the state lists the ports of a master', () => {
    const state = fold([bridge, port(), port({ index: ifIndex(3), name: 'eth1' })]);
    expect(state.kernel.ports.get(ifIndex(5))).toEqual([ifIndex(2), ifIndex(3)]);
    expect(fold([vanished(2), vanished(3)], state).kernel.ports.size).toBe(0);
  });
});

describe('reduce of address messages', () => {
  const { tentative, dadFailed, deprecated, optimistic, permanent } = AddressFlag;
  const v6 = '2001:db8::1';

  const rows: readonly (readonly [string, readonly Fact[], readonly Fact[], readonly string[]])[] = [
    ['does not appear while tentative', [], [address(v6, { flags: tentative })], []],
    [
      'does not appear while optimistic and tentative',
      [],
      [address(v6, { flags: tentative | optimistic })],
      [],
    ],
    ['appears once it is ready', [address(v6, { flags: tentative })], [address(v6)], ['addressAppeared']],
    [
      'never appears if duplicate address detection fails',
      [address(v6, { flags: tentative })],
      [address(v6, { flags: tentative | dadFailed })],
      [],
    ],
    [
      'vanishes if duplicate address detection fails later',
      [address(v6)],
      [address(v6, { flags: dadFailed | tentative })],
      ['addressVanished'],
    ],
    ['stays while deprecated', [address(v6)], [address(v6, { flags: deprecated })], []],
    [
      'does not change with new lifetimes',
      [address(v6)],
      [address(v6, { validLifetime: 60, preferredLifetime: 30 })],
      [],
    ],
    [
      'causes no change if it vanishes before it is ready',
      [address(v6, { flags: tentative })],
      [noAddress(v6)],
      [],
    ],
    ['causes no change if its message is repeated', [address(v6)], [address(v6)], []],
    [
      'is a different one with another prefix length in IPv4',
      [address('192.0.2.1')],
      [address('192.0.2.1', { prefixLength: 32 })],
      ['addressAppeared'],
    ],
    [
      'is a different one with another peer in IPv4',
      [address('192.0.2.1')],
      [address('192.0.2.1', { peer: '192.0.2.9' as IpAddress })],
      ['addressAppeared'],
    ],
    [
      'is the same with another peer in IPv6',
      [address(v6)],
      [address(v6, { peer: '2001:db8::9' as IpAddress })],
      [],
    ],
  ];
  for (const [name, before, facts, kinds] of rows) {
    test(`an address ${name}`, () => {
      const states = new Set(['operationalStateChanged', 'administrativeStateChanged', 'hostStatusChanged']);
      expect(kindsOf([link(), ...before], facts).filter((kind) => !states.has(kind))).toEqual([...kinds]);
    });
  }

  test('an address has its newest lifetimes', () => {
    const state = fold([link(), address(v6), address(v6, { validLifetime: 60 })]);
    expect(kernelLink(state).addresses.get(v6)?.validLifetime).toBe(60);
  });

  test('an address of an unknown link is ignored', () => {
    expect(reduce(start, address('192.0.2.1'))).toBe(start);
    expect(reduce(start, noAddress('192.0.2.1'))).toBe(start);
  });

  test('addresses determine the states of their family and of the link', () => {
    const state = (facts: readonly Fact[]): string[] => {
      const reduced = kernelLink(fold([link(), ...facts]));
      return [reduced.ipv4AddressState, reduced.ipv6AddressState, reduced.addressState, reduced.operational];
    };
    const local = address('fe80::1', { scope: 253 });
    expect(state([])).toEqual(['off', 'off', 'off', 'carrier']);
    expect(state([local])).toEqual(['off', 'degraded', 'degraded', 'degraded']);
    expect(state([local, address('192.0.2.1')])).toEqual(['routable', 'degraded', 'routable', 'routable']);
    expect(state([address('192.0.2.1'), noAddress('192.0.2.1')])).toEqual(['off', 'off', 'off', 'carrier']);
  });

  test('a vanished IPv4 address invalidates routes, an IPv6 address does not', () => {
    expect(
      fold([link(), address('192.0.2.1'), noAddress('192.0.2.1')]).kernel.invalidations.ipv4Routes,
    ).toBeDefined();
    expect(fold([link(), address(v6), noAddress(v6)]).kernel.invalidations).toEqual({});
  });

  test('an address costs the same among ten thousand', () => {
    let state = fold([link()]);
    for (let i = 0; i < 10_000; i++)
      state = reduce(state, address(`10.${i >> 8}.${i & 255}.1`, { flags: permanent }));
    expect(kernelLink(state).tally.ipv4Routable).toBe(10_000);
    const next = reduce(state, noAddress('10.0.7.1'));
    expect(kernelLink(next).tally.usable).toBe(9_999);
    expect(diff(state, next).map((change) => change.kind)).toEqual(['addressVanished']);
  });
});

const via = (gateway: string, over: Partial<NextHop> = {}): NextHop => ({
  ifindex: ifIndex(2),
  gateway: gateway as IpAddress,
  weight: 1,
  flags: 0,
  ...over,
});
const dev = (index: number): NextHop => ({ ifindex: ifIndex(index), weight: 1, flags: 0 });
const route4 = (...hops: NextHop[]): RouteObject => sampleRoute({ nextHops: hops });
const route6 = (...hops: NextHop[]): RouteObject =>
  sampleRoute({
    family: 6,
    destination: '2001:db8:9::' as IpAddress,
    prefixLength: 64,
    priority: 1024,
    nextHops: hops,
  });
const observed = (route: RouteObject, how: RouteNotification = 'add'): Fact => ({
  kind: 'routeObserved',
  route,
  how,
});
const gone = (route: RouteObject): Fact => ({ kind: 'routeVanished', route });

const hopText = (hop: NextHop): string => hop.gateway ?? `dev ${hop.ifindex}`;
const routesOf = (state: State): string[] =>
  [...state.kernel.routes.values()].flat().map((route) => route.nextHops.map(hopText).join(' + '));

describe('reduce of IPv4 routes with one key', () => {
  const a = route4(via('10.0.0.1'));
  const b = route4(via('10.0.0.2'));
  const c = route4(via('10.0.0.3'));
  const rows: readonly (readonly [string, readonly Fact[], readonly string[], boolean])[] = [
    ['are appended', [observed(a), observed(b, 'append')], ['10.0.0.1', '10.0.0.2'], false],
    ['are prepended', [observed(a), observed(b, 'prepend')], ['10.0.0.2', '10.0.0.1'], false],
    [
      'are replaced from the front',
      [observed(a), observed(b, 'append'), observed(c, 'replace')],
      ['10.0.0.3', '10.0.0.2'],
      false,
    ],
    [
      'are stored once if a message is repeated',
      [observed(a), observed(b, 'append'), observed(a)],
      ['10.0.0.1', '10.0.0.2'],
      false,
    ],
    [
      'are replaced by a route that the kernel reports as the first',
      [observed(a), observed(b, 'append'), observed(c)],
      ['10.0.0.3'],
      false,
    ],
    ['vanish one by one', [observed(a), observed(b, 'append'), gone(a)], ['10.0.0.2'], false],
    ['are invalidated if an unknown one vanishes', [observed(a), gone(b)], ['10.0.0.1'], true],
    [
      'are invalidated if one of several replaces another of them',
      [observed(a), observed(b, 'append'), observed(b, 'replace')],
      ['10.0.0.1', '10.0.0.2'],
      true,
    ],
    ['are gone after the last one vanishes', [observed(a), gone(a)], [], false],
    ['do not change if an unknown key vanishes', [gone(a)], [], false],
  ];
  for (const [name, facts, expected, isInvalidated] of rows) {
    test(`IPv4 routes of one key ${name}`, () => {
      const state = fold([link(), ...facts]);
      expect(routesOf(state)).toEqual([...expected]);
      expect(state.kernel.invalidations.ipv4Routes !== undefined).toBe(isInvalidated);
    });
  }

  test('an untracked route that replaces a tracked one removes it', () => {
    const local = sampleRoute({ type: 3 });
    expect(routesOf(fold([observed(a), observed(local, 'replace')]))).toEqual([]);
    expect(routesOf(fold([observed(a), observed(local, 'append')]))).toEqual(['10.0.0.1']);
  });

  test('a replaced route is one change', () => {
    expect(changesOf([observed(a)], [observed(b, 'replace')])).toEqual([
      { kind: 'routeReplaced', from: a, to: b },
    ]);
  });

  test('an IPv4 route with several next hops vanishes with the link of one of them', () => {
    const both = route4(via('10.0.0.1'), via('10.0.0.2', { ifindex: ifIndex(3) }));
    expect(routesOf(fold([link(), observed(both), vanished(2)]))).toEqual([]);
  });
});

describe('reduce of routes of a vanished link', () => {
  const many = (count: number): readonly Fact[] =>
    Array.from({ length: count }, (_, i) => observed(sampleRoute({ priority: i, nextHops: [dev(2)] })));

  test('a few routes of a vanished link are removed at once', () => {
    const state = fold([link(), ...many(9), vanished(2)]);
    expect([state.kernel.routes.size, state.kernel.invalidations.ipv4Routes?.cause]).toEqual([
      0,
      'link-vanished',
    ]);
  });

  test('very many routes of a vanished link are left to a dump', () => {
    const state = fold([link(), ...many(4_001), vanished(2)]);
    expect([state.kernel.routes.size, state.kernel.invalidations.ipv4Routes?.cause]).toEqual([
      4_001,
      'link-vanished',
    ]);
  });

  test('a vanished link without routes invalidates nothing', () => {
    expect(
      fold([link(), ...many(9), link({ index: ifIndex(7), name: 'x' }), vanished(7)]).kernel.invalidations,
    ).toEqual({});
  });
});

describe('reduce of IPv6 routes with one key', () => {
  const a = via('fe80::1');
  const b = via('fe80::2', { ifindex: ifIndex(3) });
  const c = via('fe80::3');
  const rows: readonly (readonly [string, readonly Fact[], readonly string[], boolean])[] = [
    [
      'gain a next hop by a complete route in any order',
      [observed(route6(a)), observed(route6(b, a), 'append')],
      ['fe80::1 + fe80::2'],
      false,
    ],
    ['lose a next hop that is reported alone', [observed(route6(a, b)), gone(route6(b))], ['fe80::1'], false],
    [
      'are gone with their last next hop',
      [observed(route6(a, b)), gone(route6(b)), gone(route6(a))],
      [],
      false,
    ],
    ['vanish as a whole', [observed(route6(b, a)), gone(route6(a, b))], [], false],
    ['are replaced as a whole', [observed(route6(a, b)), observed(route6(c), 'replace')], ['fe80::3'], false],
    [
      'are separate for different devices',
      [observed(route6(dev(2))), observed(route6(dev(3)), 'append')],
      ['dev 2', 'dev 3'],
      false,
    ],
    [
      'do not join a device route',
      [observed(route6(dev(2))), observed(route6(a), 'append')],
      ['dev 2', 'fe80::1'],
      false,
    ],
    [
      'are invalidated if one of several is replaced',
      [observed(route6(dev(2))), observed(route6(a), 'append'), observed(route6(c), 'replace')],
      ['dev 2', 'fe80::3'],
      true,
    ],
    [
      'ignore a message that is older than the dump',
      [observed(route6(a, b)), observed(route6(a))],
      ['fe80::1 + fe80::2'],
      false,
    ],
    [
      'are invalidated if an unknown next hop vanishes',
      [observed(route6(a)), gone(route6(c))],
      ['fe80::1'],
      true,
    ],
  ];
  for (const [name, facts, expected, isInvalidated] of rows) {
    test(`IPv6 routes of one key ${name}`, () => {
      const state = fold([link(), ...facts]);
      expect(routesOf(state)).toEqual([...expected]);
      expect(state.kernel.invalidations.ipv6Routes !== undefined).toBe(isInvalidated);
    });
  }

  test('an IPv6 route keeps its other next hops when the link of one vanishes', () => {
    const state = fold([
      link(),
      link({ index: ifIndex(3), name: 'eth1' }),
      observed(route6(a, b)),
      vanished(3),
    ]);
    expect(routesOf(state)).toEqual(['fe80::1']);
  });
});

describe('reduce of untracked routes', () => {
  for (const [name, type] of Object.entries({ local: 2, broadcast: 3, anycast: 4, multicast: 5 })) {
    const own = { destination: '192.168.1.10' as IpAddress, prefixLength: 32 };
    test(`${name} routes are not tracked`, () =>
      expect(reduce(start, observed(sampleRoute({ type, ...own })))).toBe(start));
  }
  test('a local route to everything is tracked: packets that look it up do not leave', () =>
    expect(routesOf(reduce(start, observed(sampleRoute({ type: 2 }))))).toHaveLength(1));
  test('cache entries are not tracked', () =>
    expect(reduce(start, observed(sampleRoute({ flags: 0x200 })))).toBe(start));
  for (const [name, type] of Object.entries({
    unicast: 1,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
    throw: 9,
  })) {
    test(`${name} routes are tracked`, () => {
      expect(fold([observed(sampleRoute({ type, nextHops: [] }))]).kernel.routes.size).toBe(1);
    });
  }
});

describe('reduce of transient flags', () => {
  test('transient flags are not part of a route', () => {
    const dead = sampleRoute({ flags: 0x11, nextHops: [via('10.0.0.1', { flags: 0x11 })] });
    const state = fold([observed(sampleRoute({ nextHops: [via('10.0.0.1')] }))]);
    expect(reduce(state, { kind: 'routesRead', family: 4, routes: [dead] })).toBe(state);
    expect(fold([gone(dead)], state).kernel.routes.size).toBe(0);
  });

  test('the configured onlink flag is part of a route', () => {
    const onlink = sampleRoute({ nextHops: [via('10.0.0.1', { flags: 4 })] });
    expect([...fold([observed(onlink)]).kernel.routes.values()].flat()[0]?.nextHops[0]?.flags).toBe(4);
  });

  test('transient flags are not part of a rule', () => {
    const state = fold([{ kind: 'ruleObserved', rule: rule({ flags: 0x8 }) }]);
    expect(fold([{ kind: 'ruleVanished', rule: rule({ flags: 0x10 }) }], state).kernel.rules.size).toBe(0);
  });
});

function rule(over: Partial<RuleObject> = {}): RuleObject {
  return { family: 4, priority: 100, table: tableId(7), action: 1, protocol: 3, tos: 0, flags: 0, ...over };
}

describe('reduce of equal rules', () => {
  const seen: Fact = { kind: 'ruleObserved', rule: rule() };
  const removed: Fact = { kind: 'ruleVanished', rule: rule() };

  test('equal rules are counted', () => {
    expect(changesOf([], [seen, seen, removed]).map((change) => change.kind)).toEqual([
      'ruleAppeared',
      'ruleAppeared',
      'ruleVanished',
    ]);
    expect([...fold([seen, seen, removed]).kernel.rules.values()].map((counted) => counted.count)).toEqual([
      1,
    ]);
  });

  test('a message about a known rule asks for a dump', () => {
    expect(fold([seen]).kernel.invalidations).toEqual({});
    expect(fold([seen, seen]).kernel.invalidations.all?.cause).toBe('contradiction');
  });

  test('equal rules are counted in a dump', () => {
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: { ...empty, rules: [rule(), rule(), rule({ priority: 5 })] },
    };
    const counts = changesOf([seen], [read]).map((change) =>
      change.kind === 'ruleAppeared' ? [change.rule.priority, change.count] : change.kind,
    );
    expect(new Set(counts)).toEqual(
      new Set([
        [5, 1],
        [100, 1],
      ]),
    );
  });

  test('rules with different protocols are not equal', () => {
    expect(fold([seen, { kind: 'ruleObserved', rule: rule({ protocol: 4 }) }]).kernel.rules.size).toBe(2);
  });

  test('the removal of an unknown rule changes nothing', () => expect(reduce(start, removed)).toBe(start));
});

describe('reduce of a sync loss', () => {
  const state = fold([link(), address('192.0.2.1'), observed(sampleRoute())]);
  const lost: Fact = { kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' };

  test('a sync loss keeps the state as stale and asks for a dump', () => {
    const after = reduce(state, lost);
    expect(diff(state, after)).toEqual([]);
    expect([after.kernel.freshness, after.kernel.invalidations.all?.cause]).toEqual(['stale', 'overrun']);
  });

  test('a dump after a sync loss causes exactly the changes', () => {
    const after = reduce(state, lost);
    const snapshot: KernelSnapshot = {
      ...empty,
      links: [link({ mtu: 9000 }).link, link({ index: ifIndex(3), name: 'eth1' }).link],
      addresses: [sampleAddress('192.0.2.2')],
    };
    const read = reduce(after, { kind: 'kernelRead', snapshot });
    expect(diff(state, read).map((change) => change.kind)).toEqual([
      'mtuChanged',
      'addressVanished',
      'addressAppeared',
      'linkAppeared',
      'operationalStateChanged',
      'routeVanished',
      'hostStatusChanged',
    ]);
    expect([read.kernel.freshness, read.kernel.invalidations]).toEqual(['current', {}]);
  });

  test('a sync loss before the first dump leaves the state empty', () => {
    const never = reduce(emptyState('auto'), lost);
    expect([never.kernel.freshness, never.kernel.invalidations.all?.cause]).toEqual(['absent', 'overrun']);
  });
});

describe('reduce of dumps', () => {
  test('a dump and the messages that arrived during it are one step', () => {
    const before = fold([link()]);
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: { ...empty, links: [link({ mtu: 9000 }).link], addresses: [sampleAddress('192.0.2.1')] },
      meanwhile: [noAddress('192.0.2.1'), link({ mtu: 1500 })],
    };
    expect(diff(before, reduce(before, read))).toEqual([]);
  });

  test('a dump of routes clears the invalidation of its family only', () => {
    const before = fold([
      observed(sampleRoute()),
      observed(route6(via('fe80::1'))),
      { kind: 'routesInvalidated', family: 4, cause: 'nexthop-changed' },
    ]);
    const after = reduce(before, { kind: 'routesRead', family: 4, routes: [] });
    expect(diff(before, after)).toEqual([{ kind: 'routeVanished', route: sampleRoute() }]);
    expect(after.kernel.invalidations).toEqual({});
  });

  test('a dump treats a link with a known index as the same link', () => {
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: { ...empty, links: [link({ name: 'other', kind: 'bridge' }).link] },
    };
    expect(kindsOf([link()], [read])).toEqual(['linkRenamed']);
  });
});
