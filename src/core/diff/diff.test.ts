import { describe, expect, test } from 'bun:test';
import { sampleAddress, sampleLease, sampleLinkObject, sampleRoute } from '../../testing/sample-state.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact, KernelSnapshot } from '../model/fact.ts';
import { ifIndex, tableId, timestamp } from '../model/ids.ts';
import { LinkFlag, type LinkObject, OperStatus } from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { reduce } from '../reduce/reduce.ts';
import { diff } from './diff.ts';

const allOn = LinkFlag.up | LinkFlag.running | LinkFlag.lowerUp;
const object = (index: number, over: Partial<LinkObject> = {}): LinkObject =>
  sampleLinkObject({
    index: ifIndex(index),
    name: `eth${index}`,
    flags: allOn,
    operStatus: OperStatus.up,
    ...over,
  });

const read = (snapshot: Partial<KernelSnapshot>): Fact => ({
  kind: 'kernelRead',
  snapshot: { links: [], drivers: new Map(), addresses: [], routes: [], rules: [], ...snapshot },
});
const fold = (facts: readonly Fact[], from: State = emptyState('auto')): State => facts.reduce(reduce, from);

/** `kind` or `kind index` for what is about a link. */
const told = (before: State, after: State): string[] =>
  diff(before, after).map((change) =>
    'link' in change ? `${change.kind} ${change.link.index}` : change.kind,
  );

describe('a comparison', () => {
  test('of a state with itself finds nothing', () => {
    const state = fold([read({ links: [object(2)] })]);
    expect(diff(state, state)).toEqual([]);
  });

  test('tells what is of one link in a fixed order', () => {
    const before = fold([read({ links: [object(2)], addresses: [sampleAddress('192.0.2.1')] })]);
    const after = fold(
      [
        {
          kind: 'networkManagerRead',
          host: {},
          devices: new Map([
            [
              ifIndex(2),
              { state: 'activated', reason: 0, managed: true, dns: [], domains: [], ntp: [], gateways: [] },
            ],
          ]),
        },
        read({
          links: [object(2, { name: 'lan0', mtu: 9000, flags: LinkFlag.up, operStatus: OperStatus.down })],
          addresses: [sampleAddress('192.0.2.2')],
        }),
      ],
      before,
    );
    expect(told(before, after)).toEqual([
      'linkRenamed 2',
      'ownerChanged 2',
      'operationalStateChanged 2',
      'administrativeStateChanged 2',
      'deviceStateChanged 2',
      'mtuChanged 2',
      'addressVanished 2',
      'addressAppeared 2',
      'hostStatusChanged',
    ]);
  });

  test('tells links that are gone before those that are there, and each by its index', () => {
    const before = fold([read({ links: [object(9), object(40), object(3)] })]);
    const after = reduce(before, read({ links: [object(9, { mtu: 9000 }), object(1), object(70)] }));
    expect(told(before, after)).toEqual([
      'linkVanished 3',
      'linkVanished 40',
      'linkAppeared 1',
      'operationalStateChanged 1',
      'mtuChanged 9',
      'linkAppeared 70',
      'operationalStateChanged 70',
    ]);
  });

  test('tells links, routes, rules, leases and the host in this order', () => {
    const rule = {
      family: 4,
      priority: 9,
      table: tableId(7),
      action: 1,
      protocol: 3,
      tos: 0,
      flags: 0,
    } as const;
    const before = fold([read({ links: [object(2)] })]);
    const after = fold(
      [
        { kind: 'networkdRead', host: { OperationalState: 'routable' }, links: new Map() },
        { kind: 'leasesRead', held: [sampleLease({ interfaceName: 'elsewhere' })] },
        read({ links: [], routes: [sampleRoute()], rules: [rule] }),
      ],
      before,
    );
    expect(told(before, after)).toEqual([
      'linkVanished 2',
      'routeAppeared',
      'ruleAppeared',
      'leaseChanged',
      'hostChanged',
      'hostStatusChanged',
    ]);
  });

  test('tells routes that went before those replaced, and those before the new', () => {
    const route = (table: number, priority = 0): ReturnType<typeof sampleRoute> =>
      sampleRoute({ table: tableId(table), priority });
    const before = fold([read({ routes: [1, 2, 3].map((table) => route(table)) })]);
    const other = { ...route(2), protocol: 99 };
    const after = reduce(before, read({ routes: [route(3), route(4), other] }));
    expect(diff(before, after)).toEqual([
      { kind: 'routeVanished', route: route(1) },
      { kind: 'routeReplaced', from: route(2), to: other },
      { kind: 'routeAppeared', route: route(4) },
    ]);
  });

  test('does not tell that alternatives changed places', () => {
    const [a, b] = [16, 17].map((protocol) => sampleRoute({ protocol })) as [
      ReturnType<typeof sampleRoute>,
      ReturnType<typeof sampleRoute>,
    ];
    const before = fold([read({ routes: [a, b] })]);
    expect(diff(before, reduce(before, read({ routes: [b, a] })))).toEqual([]);
  });
});

describe('a lease', () => {
  const lease = sampleLease();
  const before = fold([{ kind: 'leasesRead', held: [lease] }]);
  const after = (over: Partial<typeof lease>): State =>
    reduce(before, { kind: 'leasesRead', held: [{ ...lease, ...over }] });

  test('that is renewed is kept and not told', () => {
    const renewed = after({ expires: timestamp(1_900_000_000_000), text: 'renewed' });
    expect(diff(before, renewed)).toEqual([]);
    expect([...renewed.leases.held.values()][0]?.text).toBe('renewed');
  });

  for (const over of [
    { addresses: [] },
    { gateways: [] },
    { dns: [] },
    { domains: [] },
    { ntp: ['ntp.example.net'] },
    { subnetMask: '255.255.0.0' },
    { hostName: 'other' },
  ]) {
    test(`with another ${Object.keys(over)[0]} is told`, () => {
      expect(diff(before, after(over)).map((change) => change.kind)).toEqual(['leaseChanged']);
    });
  }

  test('that ends is told', () => {
    expect(diff(before, reduce(before, { kind: 'leasesRead', held: [] }))).toEqual([
      { kind: 'leaseChanged', interfaceName: 'eth0', family: 4, from: lease, to: undefined },
    ]);
  });
});

describe('a manager that is not running', () => {
  test('has no properties: its coming and going is told as such', () => {
    const before = fold([read({})]);
    const there = fold(
      [{ kind: 'networkdRead', host: { OperationalState: 'off' }, links: new Map() }],
      before,
    );
    expect(diff(before, there)).toEqual([
      { kind: 'hostChanged', source: 'systemd-networkd', from: {}, to: { OperationalState: 'off' } },
    ]);
    const gone = reduce(there, { kind: 'networkdVanished' });
    expect(diff(there, gone)).toEqual([
      { kind: 'hostChanged', source: 'systemd-networkd', from: { OperationalState: 'off' }, to: {} },
    ]);
  });
});
