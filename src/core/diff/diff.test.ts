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

/** Lists changes as `kind`, or `kind index` for those of a link. */
const changesBetween = (before: State, after: State): string[] =>
  diff(before, after).map((change) =>
    'link' in change ? `${change.kind} ${change.link.index}` : change.kind,
  );

describe('diff', () => {
  test('a state compared with itself has no changes', () => {
    const state = fold([read({ links: [object(2)] })]);
    expect(diff(state, state)).toEqual([]);
  });

  test('changes of one link have a fixed order', () => {
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
    expect(changesBetween(before, after)).toEqual([
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

  test('vanished links come before present ones, each group sorted by index', () => {
    const before = fold([read({ links: [object(9), object(40), object(3)] })]);
    const after = reduce(before, read({ links: [object(9, { mtu: 9000 }), object(1), object(70)] }));
    expect(changesBetween(before, after)).toEqual([
      'linkVanished 3',
      'linkVanished 40',
      'linkAppeared 1',
      'operationalStateChanged 1',
      'mtuChanged 9',
      'linkAppeared 70',
      'operationalStateChanged 70',
    ]);
  });

  test('changes come in the order links, routes, rules, leases, host', () => {
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
        { kind: 'leasesRead', active: [sampleLease({ interfaceName: 'elsewhere' })] },
        read({ links: [], routes: [sampleRoute()], rules: [rule] }),
      ],
      before,
    );
    expect(changesBetween(before, after)).toEqual([
      'linkVanished 2',
      'routeAppeared',
      'ruleAppeared',
      'leaseChanged',
      'hostChanged',
      'hostStatusChanged',
    ]);
  });

  test('vanished routes come before replaced ones, and those before new ones', () => {
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

  test('a different order of routes with the same key is no change', () => {
    const [a, b] = [16, 17].map((protocol) => sampleRoute({ protocol })) as [
      ReturnType<typeof sampleRoute>,
      ReturnType<typeof sampleRoute>,
    ];
    const before = fold([read({ routes: [a, b] })]);
    expect(diff(before, reduce(before, read({ routes: [b, a] })))).toEqual([]);
  });
});

describe('diff of leases', () => {
  const lease = sampleLease();
  const before = fold([{ kind: 'leasesRead', active: [lease] }]);
  const after = (over: Partial<typeof lease>): State =>
    reduce(before, { kind: 'leasesRead', active: [{ ...lease, ...over }] });

  test('a renewed lease is stored without a change', () => {
    const renewed = after({ expires: timestamp(1_900_000_000_000), text: 'renewed' });
    expect(diff(before, renewed)).toEqual([]);
    expect([...renewed.leases.active.values()][0]?.text).toBe('renewed');
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
    test(`a lease with other ${Object.keys(over)[0]} is a change`, () => {
      expect(diff(before, after(over)).map((change) => change.kind)).toEqual(['leaseChanged']);
    });
  }

  test('the end of a lease is a change', () => {
    expect(diff(before, reduce(before, { kind: 'leasesRead', active: [] }))).toEqual([
      { kind: 'leaseChanged', interfaceName: 'eth0', family: 4, from: lease, to: undefined },
    ]);
  });
});

describe('diff of the host', () => {
  test('the start and the end of a manager change its properties from and to none', () => {
    const before = fold([read({})]);
    const running = fold(
      [{ kind: 'networkdRead', host: { OperationalState: 'off' }, links: new Map() }],
      before,
    );
    expect(diff(before, running)).toEqual([
      { kind: 'hostChanged', source: 'systemd-networkd', from: {}, to: { OperationalState: 'off' } },
    ]);
    const gone = reduce(running, { kind: 'networkdVanished' });
    expect(diff(running, gone)).toEqual([
      { kind: 'hostChanged', source: 'systemd-networkd', from: { OperationalState: 'off' }, to: {} },
    ]);
  });
});
