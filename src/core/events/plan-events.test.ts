import { describe, expect, test } from 'bun:test';
import {
  ip,
  sampleAddress,
  sampleKernelLink,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleRoute,
  sampleState,
} from '../../testing/sample-state.ts';
import type { Change, LinkRef } from '../model/change.ts';
import type { EventDraft } from '../model/event.ts';
import { generation, ifIndex, tableId } from '../model/ids.ts';
import { RouteFlag, type RouteObject, RouteType } from '../model/kernel-objects.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';
import { type DeviceState, deviceStates, operationalStates } from '../model/vocabulary.ts';
import { type EventOptions, planEvents } from './plan-events.ts';

const link = (index = 2, name = 'eth0', gen = 0): LinkRef => ({
  index: ifIndex(index),
  generation: generation(gen),
  name,
});
const eth0 = link();
const options: EventOptions = {
  isMonitored: () => true,
  reportsTable: (table) => table === 254 || table === 202,
  ownProtocol: 140,
  initial: false,
  resync: false,
};
const plan = (
  changes: readonly Change[],
  after = sampleState(),
  over: Partial<EventOptions> = {},
): EventDraft[] => planEvents(changes, after, { ...options, ...over });
/** Renders drafts as `link directory state source`. */
const summaries = (drafts: readonly EventDraft[]): string[] =>
  drafts.map(
    ({ directory, state, source, link: of }) => `${of?.name ?? 'host'} ${directory} ${state} ${source}`,
  );
const directories = (drafts: readonly EventDraft[]): string[] => drafts.map(({ directory }) => directory);

type Operational = Change & { readonly kind: 'operationalStateChanged' };
const operational = (from: Operational['from'], to: Operational['to'], of = eth0): Change => ({
  kind: 'operationalStateChanged',
  link: of,
  source: 'kernel',
  from,
  to,
});

describe('planEvents for operational states', () => {
  const rows: readonly [from: Operational['from'], to: Operational['to'], expected: readonly string[]][] = [
    [undefined, 'off', ['off']],
    [undefined, 'carrier', ['carrier']],
    [undefined, 'routable', ['carrier', 'routable']],
    ['missing', 'degraded', ['carrier', 'degraded']],
    ['off', 'no-carrier', ['no-carrier']],
    ['no-carrier', 'routable', ['carrier', 'routable']],
    ['no-carrier', 'degraded', ['carrier', 'degraded']],
    ['no-carrier', 'enslaved', ['carrier', 'enslaved']],
    ['no-carrier', 'degraded-carrier', ['degraded-carrier']],
    ['dormant', 'routable', ['carrier', 'routable']],
    ['degraded-carrier', 'routable', ['carrier', 'routable']],
    ['carrier', 'routable', ['routable']],
    ['degraded', 'routable', ['routable']],
    ['routable', 'degraded', ['degraded']],
    ['routable', 'carrier', ['carrier']],
    ['routable', 'no-carrier', ['no-carrier']],
    ['routable', 'missing', ['missing']],
  ];
  test.each(rows)('the transition %p to %p runs %p', (from, to, expected) => {
    const drafts = plan([operational(from, to)]);
    expect(directories(drafts)).toEqual([...expected]);
    expect(drafts.map((draft) => draft.state)).toEqual([...expected]);
    for (const draft of drafts) expect(draft.previousState).toBe(from as string);
  });

  test('every operational state has its own directory and event name', () => {
    for (const to of operationalStates) {
      const last = plan([operational('carrier', to)]).at(-1);
      expect([last?.directory, last?.name, last?.state]).toEqual([to, to, to]);
    }
  });

  test('an event has the source that reported the state', () => {
    const change: Change = {
      kind: 'operationalStateChanged',
      link: eth0,
      source: 'systemd-networkd',
      from: 'off',
      to: 'routable',
    };
    expect(summaries(plan([change]))).toEqual([
      'eth0 carrier carrier systemd-networkd',
      'eth0 routable routable systemd-networkd',
    ]);
  });
});

describe('planEvents for setup and device states', () => {
  const administrative = (
    source: 'kernel' | 'systemd-networkd' | 'NetworkManager',
    to: 'configured' | 'pending' | 'failed' | undefined,
  ): Change => ({
    kind: 'administrativeStateChanged',
    link: eth0,
    source,
    from: 'configuring',
    to,
  });
  const rows: readonly [name: string, change: Change, expected: readonly string[]][] = [
    ['networkd reports pending', administrative('systemd-networkd', 'pending'), ['pending']],
    ['networkd reports failed', administrative('systemd-networkd', 'failed'), ['failed']],
    ['configured is derived from the kernel', administrative('kernel', 'configured'), ['configured']],
    [
      'configured is derived for NetworkManager',
      administrative('NetworkManager', 'configured'),
      ['configured'],
    ],
    ['the kernel would be the source of another setup state', administrative('kernel', 'pending'), []],
    ['a setup state ended', administrative('systemd-networkd', undefined), []],
  ];
  test.each(rows)('a setup state runs the expected directories: %s', (_name, change, expected) => {
    expect(directories(plan([change]))).toEqual([...expected]);
  });

  test('five of NetworkManager’s device states have a directory', () => {
    const reached = (to: DeviceState): readonly string[] =>
      summaries(plan([{ kind: 'deviceStateChanged', link: eth0, from: 'unknown', to }]));
    const withDirectory = ['activated', 'deactivating', 'disconnected', 'failed', 'unavailable'];
    for (const to of Object.keys(deviceStates) as DeviceState[]) {
      const expected = withDirectory.includes(to) ? [`eth0 ${to} ${to} NetworkManager`] : [];
      expect(reached(to)).toEqual(expected);
    }
  });
});

describe('planEvents order', () => {
  const after = sampleState();
  const appeared: Change = {
    kind: 'linkAppeared',
    link: eth0,
    object: sampleLinkObject(),
    status: sampleLinkStatus(),
  };
  const vanished = (of = eth0): Change => ({ kind: 'linkVanished', link: of, last: sampleLinkStatus() });
  const address: Change = { kind: 'addressAppeared', link: eth0, address: sampleAddress('10.0.0.1') };
  const gone: Change = { kind: 'addressVanished', link: eth0, address: sampleAddress('10.0.0.2') };
  const mtu: Change = { kind: 'mtuChanged', link: eth0, from: 1500, to: 9000 };
  const route: Change = { kind: 'routeAppeared', route: sampleRoute() };

  test('events of a link come in the order link-added, states, address-removed, address-added, mtu, routes', () => {
    const changes = [route, mtu, address, gone, operational(undefined, 'carrier'), appeared];
    expect(directories(plan(changes, after))).toEqual([
      'link-added',
      'carrier',
      'address-removed',
      'address-added',
      'mtu',
      'routes',
    ]);
  });

  test('link-removed comes last, with state missing and the previous state', () => {
    const drafts = plan(
      [vanished(), operational('routable', 'missing'), gone],
      sampleState({ statuses: [], kernelLinks: [] }),
    );
    expect(summaries(drafts)).toEqual([
      'eth0 missing missing kernel',
      'eth0 address-removed missing kernel',
      'eth0 link-removed missing kernel',
    ]);
    expect(drafts.at(-1)?.previousState).toBe('routable');
  });

  test('events of a link follow those of the vanished link with the same index', () => {
    const old = link(2, 'eth0', 0);
    const fresh = link(2, 'eth0', 1);
    const state = sampleState({
      statuses: [sampleLinkStatus({ generation: generation(1), operational: 'off' })],
    });
    const changes: Change[] = [
      { kind: 'linkAppeared', link: fresh, object: sampleLinkObject(), status: sampleLinkStatus() },
      operational(undefined, 'off', fresh),
      vanished(old),
    ];
    expect(summaries(plan(changes, state))).toEqual([
      'eth0 link-removed missing kernel',
      'eth0 link-added off kernel',
      'eth0 off off kernel',
    ]);
  });

  test('an event that is not a state change has the operational state of the link', () => {
    const state = sampleState({ statuses: [sampleLinkStatus({ operational: 'degraded' })] });
    for (const draft of plan([appeared, address, mtu, route], state)) expect(draft.state).toBe('degraded');
  });

  test('addresses that appear together are one event without duplicates', () => {
    const twice: Change = {
      kind: 'addressAppeared',
      link: eth0,
      address: sampleAddress('10.0.0.1', { prefixLength: 8 }),
    };
    const other: Change = { kind: 'addressAppeared', link: eth0, address: sampleAddress('fe80::1') };
    expect(plan([address, other, twice]).map((draft) => draft.changedAddresses)).toEqual([
      [ip('10.0.0.1'), ip('fe80::1')],
    ]);
  });
});

describe('planEvents for monitored links', () => {
  const isMonitored = (name: string): boolean => name.startsWith('eth');
  const veth = link(7, 'veth9');
  const state = sampleState({
    statuses: [sampleLinkStatus(), sampleLinkStatus({ index: ifIndex(7), name: 'veth9' })],
  });

  test('links that are not monitored have no events', () => {
    const changes = [operational('off', 'routable', veth), operational('off', 'carrier')];
    expect(summaries(plan(changes, state, { isMonitored }))).toEqual(['eth0 carrier carrier kernel']);
  });

  test('a rename into the monitored names causes link-added and the present states', () => {
    const renamed: Change = { kind: 'linkRenamed', link: eth0, from: 'veth9' };
    expect(summaries(plan([renamed], sampleState(), { isMonitored }))).toEqual([
      'eth0 link-added routable kernel',
      'eth0 carrier carrier kernel',
      'eth0 routable routable kernel',
      'eth0 configured configured kernel',
    ]);
  });

  test('a state that changes in the same step as a rename causes one event', () => {
    const renamed: Change = { kind: 'linkRenamed', link: eth0, from: 'veth9' };
    const changes = [operational('no-carrier', 'routable'), renamed];
    expect(directories(plan(changes, sampleState(), { isMonitored }))).toEqual([
      'link-added',
      'carrier',
      'routable',
      'configured',
    ]);
  });

  test('a rename out of the monitored names causes link-removed with the old name', () => {
    const renamed: Change = { kind: 'linkRenamed', link: veth, from: 'eth0' };
    expect(summaries(plan([renamed], state, { isMonitored }))).toEqual(['eth0 link-removed missing kernel']);
  });

  test('a rename within the monitored names is one event with both names', () => {
    const [renamed, ...others] = plan([{ kind: 'linkRenamed', link: eth0, from: 'eth7' }], state, {
      isMonitored,
    });
    expect(others).toEqual([]);
    expect(renamed?.directory).toBe('renamed');
    expect(renamed?.transition).toEqual({
      changed: ['link'],
      before: { link: 'eth7' },
      after: { link: 'eth0' },
    });
  });
});

describe('planEvents marks', () => {
  test('only states cause start events', () => {
    const changes: Change[] = [
      { kind: 'linkAppeared', link: eth0, object: sampleLinkObject(), status: sampleLinkStatus() },
      { kind: 'addressAppeared', link: eth0, address: sampleAddress('10.0.0.1') },
      { kind: 'routeAppeared', route: sampleRoute() },
      { kind: 'hostChanged', source: 'systemd-networkd', from: {}, to: { OperationalState: 'routable' } },
      { kind: 'leaseChanged', interfaceName: 'eth0', family: 4, from: undefined, to: sampleLease() },
      operational(undefined, 'routable'),
      { kind: 'administrativeStateChanged', link: eth0, source: 'kernel', from: undefined, to: 'configured' },
      { kind: 'deviceStateChanged', link: eth0, from: undefined, to: 'activated' },
    ];
    const drafts = plan(changes, sampleState(), { initial: true });
    expect(directories(drafts)).toEqual(['carrier', 'routable', 'configured', 'activated']);
    for (const draft of drafts) expect(draft.initial).toBe(true);
  });

  test('events of a resync are marked', () => {
    expect(plan([operational('off', 'carrier')], sampleState(), { resync: true })[0]?.resync).toBe(true);
  });
});

describe('planEvents for routes', () => {
  const hop = (index: number, gateway?: string): RouteObject['nextHops'][number] => ({
    ifindex: ifIndex(index),
    weight: 1,
    flags: 0,
    ...(gateway === undefined ? {} : { gateway: ip(gateway) }),
  });
  const two = sampleState({
    statuses: [sampleLinkStatus(), sampleLinkStatus({ index: ifIndex(3), name: 'eth1' })],
  });
  const rows: readonly [name: string, route: Partial<RouteObject>, hasEvent: boolean][] = [
    ['a unicast route in the main table', {}, true],
    ['a route in a policy table', { table: tableId(202) }, true],
    ['a route in an unrelated table', { table: tableId(1000) }, false],
    ['a route in the local table', { table: tableId(255) }, false],
    ['a local route', { type: RouteType.local }, false],
    ['a broadcast route', { type: RouteType.broadcast }, false],
    ['a multicast route', { type: RouteType.multicast }, false],
    ['an unreachable route', { type: RouteType.unreachable, nextHops: [] }, false],
    ['a cache entry', { flags: RouteFlag.cloned }, false],
    ['a route of netevd', { protocol: 140 }, false],
    ['a route without a link', { nextHops: [hop(0)] }, false],
  ];
  test.each(rows)('a new route is an event as expected: %s', (_name, over, expected) => {
    const route = sampleRoute(over);
    const drafts = plan([{ kind: 'routeAppeared', route }]);
    expect(drafts.map(({ name, routesDelta }) => ({ name, routesDelta }))).toEqual(
      expected ? [{ name: 'new', routesDelta: [{ action: 'new', route }] }] : [],
    );
  });

  test('a vanished route is del, a replaced one is change with the previous route', () => {
    const from = sampleRoute();
    const to = sampleRoute({ priority: 5 });
    expect(plan([{ kind: 'routeVanished', route: from }])[0]?.name).toBe('del');
    const [change] = plan([{ kind: 'routeReplaced', from, to }]);
    expect(change?.name).toBe('change');
    expect(change?.routesDelta).toEqual([{ action: 'change', route: to, previous: from }]);
  });

  test('different route changes of one link are one event with name change', () => {
    const other = sampleRoute({ destination: ip('10.0.0.0'), prefixLength: 8 });
    const both = plan([
      { kind: 'routeAppeared', route: other },
      { kind: 'routeVanished', route: sampleRoute() },
    ]);
    expect(both.map((draft) => [draft.name, draft.routesDelta?.length])).toEqual([['change', 2]]);
  });

  test('a route over several links causes one event for each link', () => {
    const route = sampleRoute({
      nextHops: [hop(2, '192.168.1.1'), hop(3, '192.168.2.1'), hop(3, '192.168.2.2')],
    });
    expect(summaries(plan([{ kind: 'routeAppeared', route }], two))).toEqual([
      'eth0 routes routable kernel',
      'eth1 routes routable kernel',
    ]);
  });

  test.each<[string, Partial<RouteObject>, Partial<RouteObject>, readonly string[]]>([
    ['metrics alone, as the kernel sets those of router advertisements', {}, { metrics: { 2: 1400 } }, []],
    ['its nexthop object alone', {}, { nextHopId: 7 }, []],
    [
      'a next hop over another link',
      { nextHops: [hop(2, '192.168.1.1'), hop(3, '192.168.2.1')] },
      { nextHops: [hop(2, '192.168.1.1')] },
      ['eth1 del'],
    ],
    [
      'the gateway over another link',
      { nextHops: [hop(2, '192.168.1.1'), hop(3, '192.168.2.1')] },
      { nextHops: [hop(2, '192.168.1.1'), hop(3, '192.168.2.9')] },
      ['eth1 change'],
    ],
    ['its protocol', {}, { protocol: 99 }, ['eth0 change']],
  ])('a route that changes is reported to links that see it: %s', (_, from, to, expected) => {
    const change: Change = { kind: 'routeReplaced', from: sampleRoute(from), to: sampleRoute(to) };
    expect(plan([change], two).map((draft) => `${draft.link?.name} ${draft.name}`)).toEqual([...expected]);
  });

  test('a route that moves is del for the old link and new for the new one', () => {
    const from = sampleRoute();
    const to = sampleRoute({ nextHops: [hop(3, '192.168.2.1')] });
    const drafts = plan([{ kind: 'routeReplaced', from, to }], two);
    expect(drafts.map((draft) => [draft.link?.name, draft.name])).toEqual([
      ['eth0', 'del'],
      ['eth1', 'new'],
    ]);
  });

  test('a route that becomes one of netevd is del', () => {
    const change: Change = { kind: 'routeReplaced', from: sampleRoute(), to: sampleRoute({ protocol: 140 }) };
    expect(plan([change])[0]?.name).toBe('del');
  });

  test('a route of an unknown link causes no event', () => {
    expect(plan([{ kind: 'routeAppeared', route: sampleRoute({ nextHops: [hop(99)] }) }])).toEqual([]);
  });
});

describe('planEvents for leases', () => {
  const lease = sampleLease();
  const changed = (from: typeof lease | undefined, to: typeof lease | undefined): Change => ({
    kind: 'leaseChanged',
    interfaceName: 'eth0',
    family: 4,
    from,
    to,
  });
  const leased: State = sampleState({ leases: [lease] });
  const notYet = sampleState({ leases: [lease], statuses: [sampleLinkStatus({ operational: 'carrier' })] });
  const rows: readonly [
    name: string,
    changes: readonly Change[],
    after: State,
    expected: readonly string[],
  ][] = [
    [
      'a lease on a link that is routable already',
      [changed(undefined, lease)],
      leased,
      ['eth0 routable routable dhclient'],
    ],
    [
      'a lease with other values',
      [changed(lease, sampleLease({ dns: [ip('1.1.1.1')] }))],
      leased,
      ['eth0 routable routable dhclient'],
    ],
    [
      'a renewal',
      [changed(lease, sampleLease({ expires: 'never', text: 'ADDRESS=… EXPIRES=…' }))],
      leased,
      [],
    ],
    ['a lease that ended', [changed(lease, undefined)], leased, []],
    ['a lease whose address is not set yet', [changed(undefined, lease)], notYet, []],
    [
      'a lease of an unknown link',
      [{ ...changed(undefined, lease), interfaceName: 'eth9' } as Change],
      leased,
      [],
    ],
    [
      'the address of a known lease',
      [operational('carrier', 'routable')],
      leased,
      ['eth0 routable routable dhclient'],
    ],
    [
      'a lease and its address in one step',
      [changed(undefined, lease), operational('carrier', 'routable')],
      leased,
      ['eth0 routable routable dhclient'],
    ],
    [
      'a lease while another manager is configured',
      [changed(undefined, lease)],
      { ...leased, backend: 'kernel' },
      [],
    ],
    [
      'an address without a lease',
      [operational('carrier', 'routable')],
      sampleState({
        leases: [lease],
        kernelLinks: [sampleKernelLink({ addresses: emptyMap() })],
      }),
      ['eth0 routable routable kernel'],
    ],
  ];
  test.each(rows)('a lease change causes the expected events: %s', (_name, changes, after, expected) => {
    expect(summaries(plan(changes, after))).toEqual([...expected]);
  });
});

describe('planEvents for the host', () => {
  const status = sampleState().host;
  const networkd: State = { ...sampleState(), networkd: { ...sampleState().networkd, freshness: 'current' } };
  const host = (from: Readonly<Record<string, string>>, to: Readonly<Record<string, string>>): Change => ({
    kind: 'hostChanged',
    source: 'systemd-networkd',
    from,
    to,
  });
  const derived = (over: Partial<typeof status>): Change => ({
    kind: 'hostStatusChanged',
    from: status,
    to: { ...status, ...over },
  });
  const rows: readonly [name: string, change: Change, after: State, expected: readonly string[]][] = [
    [
      'a report of networkd',
      host({ OperationalState: 'off' }, { OperationalState: 'routable' }),
      networkd,
      ['host manager routable systemd-networkd'],
    ],
    [
      'a manager that vanished',
      host({ OperationalState: 'routable' }, {}),
      sampleState(),
      ['host manager absent systemd-networkd'],
    ],
    [
      'a report of NetworkManager',
      { kind: 'hostChanged', source: 'NetworkManager', from: {}, to: { State: 'connected-global' } },
      sampleState(),
      ['host manager connected-global NetworkManager'],
    ],
    [
      'the host status of the kernel',
      derived({ operational: 'degraded' }),
      sampleState(),
      ['host manager degraded kernel'],
    ],
    ['the host status of the kernel while networkd runs', derived({ operational: 'degraded' }), networkd, []],
    [
      'the host status of the kernel while networkd runs but is not the backend',
      derived({ operational: 'degraded' }),
      { ...networkd, backend: 'kernel' },
      ['host manager degraded kernel'],
    ],
    ['one more link', derived({ links: 12 }), sampleState(), []],
  ];
  test.each(rows)('a change of the host causes the expected events: %s', (_name, change, after, expected) => {
    expect(summaries(plan([change], after))).toEqual([...expected]);
  });

  test('the event of the host comes after those of links and has the properties', () => {
    const drafts = plan([
      derived({ operational: 'off', carrierState: 'off' }),
      operational('routable', 'off'),
    ]);
    expect(directories(drafts)).toEqual(['off', 'manager']);
    expect(drafts[1]?.properties).toEqual({
      OperationalState: 'off',
      CarrierState: 'off',
      AddressState: 'routable',
    });
    expect(drafts[1]?.previousState).toBe('routable');
    expect(drafts[1]?.link).toBeUndefined();
  });
});
