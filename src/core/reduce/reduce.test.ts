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
  const held = state.kernel.links.get(ifIndex(index));
  if (held === undefined) throw new Error(`no link ${index}`);
  return held;
};

describe('a link', () => {
  test('that only counts frames is the same', () => {
    const state = fold([link()]);
    expect(reduce(state, link({ statistics: { ...sampleStatistics, rxPackets: 5 } }))).toBe(state);
  });

  test('keeps the driver that it was first heard of with', () => {
    const state = fold([{ ...link(), driver: 'e1000e' }, link({ mtu: 9000 })]);
    expect(kernelLink(state).driver).toBe('e1000e');
  });

  test('is the same link under another name', () => {
    expect(changesOf([link()], [link({ name: 'lan0' })])).toEqual([
      {
        kind: 'linkRenamed',
        link: { index: ifIndex(2), generation: generation(1), name: 'lan0' },
        from: 'eth0',
      },
    ]);
  });

  test('keeps alternative names without a word', () => {
    const state = fold([link(), link({ altNames: ['enp1s0', 'wan'] })]);
    expect(kernelLink(state).object.altNames).toEqual(['enp1s0', 'wan']);
    expect(kindsOf([link()], [link({ altNames: ['wan'] })])).toEqual([]);
  });

  test('is another one once its index was given up, whatever it looks like', () => {
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

  test('takes its addresses along, whether it was deleted or moved', () => {
    const moved: Fact = { kind: 'linkVanished', index: ifIndex(2), movedTo: 7 };
    expect(kindsOf([link(), address('192.0.2.1'), address('2001:db8::1')], [moved])).toEqual([
      'addressVanished',
      'addressVanished',
      'linkVanished',
      'hostStatusChanged',
    ]);
  });

  test('that nobody knows vanishes without a trace', () => {
    const state = fold([link()]);
    expect(reduce(state, vanished(77))).toBe(state);
  });

  test('that goes down leaves its routes in doubt, once', () => {
    const state = fold([link(), link({ flags: 0, operStatus: OperStatus.down })]);
    expect(state.kernel.invalidations).toEqual({
      ipv4Routes: { cause: 'link-down' },
      ipv6Routes: { cause: 'link-down' },
    });
    const lostCarrier = fold([link(), link({ flags: LinkFlag.up, operStatus: OperStatus.down })]);
    expect(lostCarrier.kernel.invalidations).toEqual({});
  });

  test('tells everything of itself when it appears', () => {
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

describe('a master', () => {
  const bridge = link({ index: ifIndex(5), name: 'br0' });
  const port = (over: Partial<LinkObject> = {}): Fact => link({ master: ifIndex(5), ...over });
  const portDown = port({ flags: LinkFlag.up, operStatus: OperStatus.down });
  const carriers = (facts: readonly Fact[]): string[] => {
    const { links } = fold(facts).kernel;
    return [2, 3, 5, 6].flatMap((index) => links.get(ifIndex(index))?.carrierState ?? []);
  };

  test('is degraded while a port has no carrier', () => {
    expect(carriers([bridge, port()])).toEqual(['enslaved', 'carrier']);
    expect(carriers([bridge, port(), portDown])).toEqual(['no-carrier', 'degraded-carrier']);
    expect(carriers([bridge, portDown, port()])).toEqual(['enslaved', 'carrier']);
  });

  test('is so in whatever order they are heard of', () => {
    expect(carriers([portDown, bridge])).toEqual(['no-carrier', 'degraded-carrier']);
  });

  test('is well again when the port leaves, is deleted or goes to another', () => {
    expect(carriers([bridge, portDown, link()])).toEqual(['carrier', 'carrier']);
    expect(carriers([bridge, portDown, vanished(2)])).toEqual(['carrier']);
    const other = link({ index: ifIndex(6), name: 'br1' });
    const moved = port({ master: ifIndex(6), flags: LinkFlag.up, operStatus: OperStatus.down });
    expect(carriers([bridge, other, portDown, moved])).toEqual(['no-carrier', 'carrier', 'degraded-carrier']);
  });

  test('needs all of its ports', () => {
    const second = port({ index: ifIndex(3), name: 'eth1' });
    expect(carriers([bridge, portDown, second])).toEqual(['no-carrier', 'enslaved', 'degraded-carrier']);
  });

  test('passes its state on to the one above', () => {
    const top = link({ index: ifIndex(6), name: 'vrf0' });
    const middle = link({ index: ifIndex(5), name: 'bond0', master: ifIndex(6) });
    expect(carriers([top, middle, port(), portDown])).toEqual([
      'no-carrier',
      'degraded-carrier',
      'degraded-carrier',
    ]);
    expect(carriers([top, middle, portDown, port()])).toEqual(['enslaved', 'enslaved', 'carrier']);
  });

  test('of itself, which no kernel has, ends', () => {
    const a = link({ index: ifIndex(5), name: 'a', master: ifIndex(6) });
    const b = link({ index: ifIndex(6), name: 'b', master: ifIndex(5) });
    expect(
      carriers([a, b, link({ index: ifIndex(5), name: 'a', master: ifIndex(6), flags: 0, operStatus: 2 })]),
    ).toEqual(['off', 'degraded-carrier']);
  });

  test('lists its ports', () => {
    const state = fold([bridge, port(), port({ index: ifIndex(3), name: 'eth1' })]);
    expect(state.kernel.ports.get(ifIndex(5))).toEqual([ifIndex(2), ifIndex(3)]);
    expect(fold([vanished(2), vanished(3)], state).kernel.ports.size).toBe(0);
  });
});

describe('an address', () => {
  const { tentative, dadFailed, deprecated, optimistic, permanent } = AddressFlag;
  const v6 = '2001:db8::1';

  const rows: readonly (readonly [string, readonly Fact[], readonly Fact[], readonly string[]])[] = [
    ['does not count while tentative', [], [address(v6, { flags: tentative })], []],
    [
      'does not count while optimistic and tentative',
      [],
      [address(v6, { flags: tentative | optimistic })],
      [],
    ],
    ['counts once it is ready', [address(v6, { flags: tentative })], [address(v6)], ['addressAppeared']],
    [
      'never counts when detection failed',
      [address(v6, { flags: tentative })],
      [address(v6, { flags: tentative | dadFailed })],
      [],
    ],
    [
      'no longer counts when detection fails later',
      [address(v6)],
      [address(v6, { flags: dadFailed | tentative })],
      ['addressVanished'],
    ],
    ['counts while deprecated', [address(v6)], [address(v6, { flags: deprecated })], []],
    [
      'is no news with other lifetimes',
      [address(v6)],
      [address(v6, { validLifetime: 60, preferredLifetime: 30 })],
      [],
    ],
    [
      'is no news when it is gone before it counted',
      [address(v6, { flags: tentative })],
      [noAddress(v6)],
      [],
    ],
    ['is no news when told twice', [address(v6)], [address(v6)], []],
    [
      'is another with another prefix length in IPv4',
      [address('192.0.2.1')],
      [address('192.0.2.1', { prefixLength: 32 })],
      ['addressAppeared'],
    ],
    [
      'is another with another peer in IPv4',
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
  for (const [says, before, facts, kinds] of rows) {
    test(says, () => {
      const states = new Set(['operationalStateChanged', 'administrativeStateChanged', 'hostStatusChanged']);
      expect(kindsOf([link(), ...before], facts).filter((kind) => !states.has(kind))).toEqual([...kinds]);
    });
  }

  test('is kept with its newest lifetimes', () => {
    const state = fold([link(), address(v6), address(v6, { validLifetime: 60 })]);
    expect(kernelLink(state).addresses.get(v6)?.validLifetime).toBe(60);
  });

  test('of a link that is not known is not kept', () => {
    expect(reduce(start, address('192.0.2.1'))).toBe(start);
    expect(reduce(start, noAddress('192.0.2.1'))).toBe(start);
  });

  test('makes the states of its family and of the link', () => {
    const state = (facts: readonly Fact[]): string[] => {
      const held = kernelLink(fold([link(), ...facts]));
      return [held.ipv4AddressState, held.ipv6AddressState, held.addressState, held.operational];
    };
    const local = address('fe80::1', { scope: 253 });
    expect(state([])).toEqual(['off', 'off', 'off', 'carrier']);
    expect(state([local])).toEqual(['off', 'degraded', 'degraded', 'degraded']);
    expect(state([local, address('192.0.2.1')])).toEqual(['routable', 'degraded', 'routable', 'routable']);
    expect(state([address('192.0.2.1'), noAddress('192.0.2.1')])).toEqual(['off', 'off', 'off', 'carrier']);
  });

  test('of IPv4 leaves routes in doubt when it goes, one of IPv6 does not', () => {
    expect(
      fold([link(), address('192.0.2.1'), noAddress('192.0.2.1')]).kernel.invalidations.ipv4Routes,
    ).toBeDefined();
    expect(fold([link(), address(v6), noAddress(v6)]).kernel.invalidations).toEqual({});
  });

  test('costs the same among ten thousand', () => {
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
const told = (route: RouteObject, how: RouteNotification = 'add'): Fact => ({
  kind: 'routeObserved',
  route,
  how,
});
const gone = (route: RouteObject): Fact => ({ kind: 'routeVanished', route });

const hopText = (hop: NextHop): string => hop.gateway ?? `dev ${hop.ifindex}`;
const routesOf = (state: State): string[] =>
  [...state.kernel.routes.values()].flat().map((route) => route.nextHops.map(hopText).join(' + '));

describe('IPv4 routes of one key', () => {
  const a = route4(via('10.0.0.1'));
  const b = route4(via('10.0.0.2'));
  const c = route4(via('10.0.0.3'));
  const rows: readonly (readonly [string, readonly Fact[], readonly string[], boolean])[] = [
    ['are appended', [told(a), told(b, 'append')], ['10.0.0.1', '10.0.0.2'], false],
    ['are prepended', [told(a), told(b, 'prepend')], ['10.0.0.2', '10.0.0.1'], false],
    [
      'are replaced from the front',
      [told(a), told(b, 'append'), told(c, 'replace')],
      ['10.0.0.3', '10.0.0.2'],
      false,
    ],
    ['are told twice and kept once', [told(a), told(b, 'append'), told(a)], ['10.0.0.1', '10.0.0.2'], false],
    [
      'were flushed silently when a new one is the first',
      [told(a), told(b, 'append'), told(c)],
      ['10.0.0.3'],
      false,
    ],
    ['go one by one', [told(a), told(b, 'append'), gone(a)], ['10.0.0.2'], false],
    ['are in doubt where one goes that is not there', [told(a), gone(b)], ['10.0.0.1'], true],
    [
      'are in doubt where one of several is replaced by another of them',
      [told(a), told(b, 'append'), told(b, 'replace')],
      ['10.0.0.1', '10.0.0.2'],
      true,
    ],
    ['go with the last one', [told(a), gone(a)], [], false],
    ['are nothing to lose where there are none', [gone(a)], [], false],
  ];
  for (const [says, facts, expected, inDoubt] of rows) {
    test(says, () => {
      const state = fold([link(), ...facts]);
      expect(routesOf(state)).toEqual([...expected]);
      expect(state.kernel.invalidations.ipv4Routes !== undefined).toBe(inDoubt);
    });
  }

  test('lose their place to a route that is not kept', () => {
    const local = sampleRoute({ type: 2 });
    expect(routesOf(fold([told(a), told(local, 'replace')]))).toEqual([]);
    expect(routesOf(fold([told(a), told(local, 'append')]))).toEqual(['10.0.0.1']);
  });

  test('are replaced, which is one change', () => {
    expect(changesOf([told(a)], [told(b, 'replace')])).toEqual([{ kind: 'routeReplaced', from: a, to: b }]);
  });

  test('with several ways go whole with the link of one of them', () => {
    const both = route4(via('10.0.0.1'), via('10.0.0.2', { ifindex: ifIndex(3) }));
    expect(routesOf(fold([link(), told(both), vanished(2)]))).toEqual([]);
  });
});

describe('the routes of a link that is gone', () => {
  const many = (count: number): readonly Fact[] =>
    Array.from({ length: count }, (_, i) => told(sampleRoute({ priority: i, nextHops: [dev(2)] })));

  test('are dropped at once where they are few', () => {
    const state = fold([link(), ...many(9), vanished(2)]);
    expect([state.kernel.routes.size, state.kernel.invalidations.ipv4Routes?.cause]).toEqual([
      0,
      'link-vanished',
    ]);
  });

  test('are left to a reading where they are very many', () => {
    const state = fold([link(), ...many(4_001), vanished(2)]);
    expect([state.kernel.routes.size, state.kernel.invalidations.ipv4Routes?.cause]).toEqual([
      4_001,
      'link-vanished',
    ]);
  });

  test('are not doubted where there were none', () => {
    expect(
      fold([link(), ...many(9), link({ index: ifIndex(7), name: 'x' }), vanished(7)]).kernel.invalidations,
    ).toEqual({});
  });
});

describe('IPv6 routes of one key', () => {
  const a = via('fe80::1');
  const b = via('fe80::2', { ifindex: ifIndex(3) });
  const c = via('fe80::3');
  const rows: readonly (readonly [string, readonly Fact[], readonly string[], boolean])[] = [
    [
      'gain a way, told whole in any order',
      [told(route6(a)), told(route6(b, a), 'append')],
      ['fe80::1 + fe80::2'],
      false,
    ],
    ['lose a way, told alone', [told(route6(a, b)), gone(route6(b))], ['fe80::1'], false],
    ['lose their last way', [told(route6(a, b)), gone(route6(b)), gone(route6(a))], [], false],
    ['go whole', [told(route6(b, a)), gone(route6(a, b))], [], false],
    ['are replaced whole', [told(route6(a, b)), told(route6(c), 'replace')], ['fe80::3'], false],
    [
      'stand apart by their device',
      [told(route6(dev(2))), told(route6(dev(3)), 'append')],
      ['dev 2', 'dev 3'],
      false,
    ],
    [
      'do not join a device route',
      [told(route6(dev(2))), told(route6(a), 'append')],
      ['dev 2', 'fe80::1'],
      false,
    ],
    [
      'are in doubt where one of several is replaced',
      [told(route6(dev(2))), told(route6(a), 'append'), told(route6(c), 'replace')],
      ['dev 2', 'fe80::3'],
      true,
    ],
    [
      'ignore a message that is older than what was read',
      [told(route6(a, b)), told(route6(a))],
      ['fe80::1 + fe80::2'],
      false,
    ],
    [
      'are in doubt where a way goes that is not there',
      [told(route6(a)), gone(route6(c))],
      ['fe80::1'],
      true,
    ],
  ];
  for (const [says, facts, expected, inDoubt] of rows) {
    test(says, () => {
      const state = fold([link(), ...facts]);
      expect(routesOf(state)).toEqual([...expected]);
      expect(state.kernel.invalidations.ipv6Routes !== undefined).toBe(inDoubt);
    });
  }

  test('keep their other ways when the link of one is gone', () => {
    const state = fold([link(), link({ index: ifIndex(3), name: 'eth1' }), told(route6(a, b)), vanished(3)]);
    expect(routesOf(state)).toEqual(['fe80::1']);
  });
});

describe('routes that the kernel keeps for itself', () => {
  for (const [name, type] of Object.entries({ local: 2, broadcast: 3, anycast: 4, multicast: 5 })) {
    test(`are not kept: ${name}`, () => expect(reduce(start, told(sampleRoute({ type })))).toBe(start));
  }
  test('are not kept: cache entries', () =>
    expect(reduce(start, told(sampleRoute({ flags: 0x200 })))).toBe(start));
  for (const [name, type] of Object.entries({
    unicast: 1,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
    throw: 9,
  })) {
    test(`are none of ${name}`, () => {
      expect(fold([told(sampleRoute({ type, nextHops: [] }))]).kernel.routes.size).toBe(1);
    });
  }
});

describe('flags of the moment', () => {
  test('are no part of a route', () => {
    const dead = sampleRoute({ flags: 0x11, nextHops: [via('10.0.0.1', { flags: 0x11 })] });
    const state = fold([told(sampleRoute({ nextHops: [via('10.0.0.1')] }))]);
    expect(reduce(state, { kind: 'routesRead', family: 4, routes: [dead] })).toBe(state);
    expect(fold([gone(dead)], state).kernel.routes.size).toBe(0);
  });

  test('but what was asked for is', () => {
    const onlink = sampleRoute({ nextHops: [via('10.0.0.1', { flags: 4 })] });
    expect([...fold([told(onlink)]).kernel.routes.values()].flat()[0]?.nextHops[0]?.flags).toBe(4);
  });

  test('are no part of a rule', () => {
    const state = fold([{ kind: 'ruleObserved', rule: rule({ flags: 0x8 }) }]);
    expect(fold([{ kind: 'ruleVanished', rule: rule({ flags: 0x10 }) }], state).kernel.rules.size).toBe(0);
  });
});

function rule(over: Partial<RuleObject> = {}): RuleObject {
  return { family: 4, priority: 100, table: tableId(7), action: 1, protocol: 3, tos: 0, flags: 0, ...over };
}

describe('equal rules', () => {
  const seen: Fact = { kind: 'ruleObserved', rule: rule() };
  const removed: Fact = { kind: 'ruleVanished', rule: rule() };

  test('are counted', () => {
    expect(changesOf([], [seen, seen, removed]).map((change) => change.kind)).toEqual([
      'ruleAppeared',
      'ruleAppeared',
      'ruleVanished',
    ]);
    expect([...fold([seen, seen, removed]).kernel.rules.values()].map((held) => held.count)).toEqual([1]);
  });

  test('are looked up: a message may be about one that a reading has already brought', () => {
    expect(fold([seen]).kernel.invalidations).toEqual({});
    expect(fold([seen, seen]).kernel.invalidations.all?.cause).toBe('contradiction');
  });

  test('are counted in a reading', () => {
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

  test('of another protocol are not equal', () => {
    expect(fold([seen, { kind: 'ruleObserved', rule: rule({ protocol: 4 }) }]).kernel.rules.size).toBe(2);
  });

  test('that never were there vanish without a word', () => expect(reduce(start, removed)).toBe(start));
});

describe('a loss of sync', () => {
  const state = fold([link(), address('192.0.2.1'), told(sampleRoute())]);
  const lost: Fact = { kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' };

  test('keeps what was known, as stale, and asks for a reading', () => {
    const after = reduce(state, lost);
    expect(diff(state, after)).toEqual([]);
    expect([after.kernel.freshness, after.kernel.invalidations.all?.cause]).toEqual(['stale', 'overrun']);
  });

  test('is answered by exactly the differences', () => {
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

  test('before the first reading leaves nothing known', () => {
    const never = reduce(emptyState('auto'), lost);
    expect([never.kernel.freshness, never.kernel.invalidations.all?.cause]).toEqual(['absent', 'overrun']);
  });
});

describe('a reading', () => {
  test('is folded with what came meanwhile as one difference', () => {
    const before = fold([link()]);
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: { ...empty, links: [link({ mtu: 9000 }).link], addresses: [sampleAddress('192.0.2.1')] },
      meanwhile: [noAddress('192.0.2.1'), link({ mtu: 1500 })],
    };
    expect(diff(before, reduce(before, read))).toEqual([]);
  });

  test('of routes leaves the other family alone and answers its doubt', () => {
    const before = fold([
      told(sampleRoute()),
      told(route6(via('fe80::1'))),
      { kind: 'routesInvalidated', family: 4, cause: 'nexthop-changed' },
    ]);
    const after = reduce(before, { kind: 'routesRead', family: 4, routes: [] });
    expect(diff(before, after)).toEqual([{ kind: 'routeVanished', route: sampleRoute() }]);
    expect(after.kernel.invalidations).toEqual({});
  });

  test('finds the same link where an index was lost and taken while nobody listened', () => {
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: { ...empty, links: [link({ name: 'other', kind: 'bridge' }).link] },
    };
    expect(kindsOf([link()], [read])).toEqual(['linkRenamed']);
  });
});
