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
/** `directory(state, source)` of each, which is what most rows are about. */
const told = (drafts: readonly EventDraft[]): string[] =>
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

describe('operational states', () => {
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
  test.each(rows)('%p to %p runs %p', (from, to, expected) => {
    const drafts = plan([operational(from, to)]);
    expect(directories(drafts)).toEqual([...expected]);
    expect(drafts.map((draft) => draft.state)).toEqual([...expected]);
    for (const draft of drafts) expect(draft.previousState).toBe(from as string);
  });

  test('every state has its own directory and is told with its own name', () => {
    for (const to of operationalStates) {
      const last = plan([operational('carrier', to)]).at(-1);
      expect([last?.directory, last?.name, last?.state]).toEqual([to, to, to]);
    }
  });

  test('whoever said it is the source', () => {
    const change: Change = {
      kind: 'operationalStateChanged',
      link: eth0,
      source: 'systemd-networkd',
      from: 'off',
      to: 'routable',
    };
    expect(told(plan([change]))).toEqual([
      'eth0 carrier carrier systemd-networkd',
      'eth0 routable routable systemd-networkd',
    ]);
  });
});

describe('setup and device states', () => {
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
    ['networkd tells every setup state', administrative('systemd-networkd', 'pending'), ['pending']],
    ['networkd tells failed', administrative('systemd-networkd', 'failed'), ['failed']],
    ['the kernel tells configured', administrative('kernel', 'configured'), ['configured']],
    ['NetworkManager tells configured', administrative('NetworkManager', 'configured'), ['configured']],
    ['the kernel tells no other setup state', administrative('kernel', 'pending'), []],
    ['a setup state that ended is no event', administrative('systemd-networkd', undefined), []],
  ];
  test.each(rows)('%s', (_name, change, expected) => {
    expect(directories(plan([change]))).toEqual([...expected]);
  });

  test('five of NetworkManager’s device states have a directory, the others none', () => {
    const reached = (to: DeviceState): readonly string[] =>
      told(plan([{ kind: 'deviceStateChanged', link: eth0, from: 'unknown', to }]));
    const withDirectory = ['activated', 'deactivating', 'disconnected', 'failed', 'unavailable'];
    for (const to of Object.keys(deviceStates) as DeviceState[]) {
      const expected = withDirectory.includes(to) ? [`eth0 ${to} ${to} NetworkManager`] : [];
      expect(reached(to)).toEqual(expected);
    }
  });
});

describe('order', () => {
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

  test('link-added, states, addresses gone, addresses come, mtu, routes', () => {
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

  test('link-removed comes last, in state missing, and knows what the state was', () => {
    const drafts = plan(
      [vanished(), operational('routable', 'missing'), gone],
      sampleState({ statuses: [], kernelLinks: [] }),
    );
    expect(told(drafts)).toEqual([
      'eth0 missing missing kernel',
      'eth0 address-removed missing kernel',
      'eth0 link-removed missing kernel',
    ]);
    expect(drafts.at(-1)?.previousState).toBe('routable');
  });

  test('a link that took over an index follows the one that had it', () => {
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
    expect(told(plan(changes, state))).toEqual([
      'eth0 link-removed missing kernel',
      'eth0 link-added off kernel',
      'eth0 off off kernel',
    ]);
  });

  test('what is not a state is told in the state of the link', () => {
    const state = sampleState({ statuses: [sampleLinkStatus({ operational: 'degraded' })] });
    for (const draft of plan([appeared, address, mtu, route], state)) expect(draft.state).toBe('degraded');
  });

  test('addresses that came together are one event, and no address is named twice', () => {
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

describe('what the operator chose', () => {
  const isMonitored = (name: string): boolean => name.startsWith('eth');
  const veth = link(7, 'veth9');
  const state = sampleState({
    statuses: [sampleLinkStatus(), sampleLinkStatus({ index: ifIndex(7), name: 'veth9' })],
  });

  test('links that are not monitored have no events', () => {
    const changes = [operational('off', 'routable', veth), operational('off', 'carrier')];
    expect(told(plan(changes, state, { isMonitored }))).toEqual(['eth0 carrier carrier kernel']);
  });

  test('a link renamed into what is monitored appears, with its present states', () => {
    const renamed: Change = { kind: 'linkRenamed', link: eth0, from: 'veth9' };
    expect(told(plan([renamed], sampleState(), { isMonitored }))).toEqual([
      'eth0 link-added routable kernel',
      'eth0 carrier carrier kernel',
      'eth0 routable routable kernel',
      'eth0 configured configured kernel',
    ]);
  });

  test('a state that changed in the step of the rename is told once', () => {
    const renamed: Change = { kind: 'linkRenamed', link: eth0, from: 'veth9' };
    const changes = [operational('no-carrier', 'routable'), renamed];
    expect(directories(plan(changes, sampleState(), { isMonitored }))).toEqual([
      'link-added',
      'carrier',
      'routable',
      'configured',
    ]);
  });

  test('a link renamed out of what is monitored goes, under the name that the operator knows', () => {
    const renamed: Change = { kind: 'linkRenamed', link: veth, from: 'eth0' };
    expect(told(plan([renamed], state, { isMonitored }))).toEqual(['eth0 link-removed missing kernel']);
  });

  test('a rename within what is monitored is no event', () => {
    expect(plan([{ kind: 'linkRenamed', link: eth0, from: 'eth7' }], state, { isMonitored })).toEqual([]);
  });
});

describe('the start', () => {
  test('tells states and nothing else', () => {
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

  test('a difference found by reading again says so', () => {
    expect(plan([operational('off', 'carrier')], sampleState(), { resync: true })[0]?.resync).toBe(true);
  });
});

describe('routes', () => {
  const hop = (index: number, gateway?: string): RouteObject['nextHops'][number] => ({
    ifindex: ifIndex(index),
    weight: 1,
    flags: 0,
    ...(gateway === undefined ? {} : { gateway: ip(gateway) }),
  });
  const two = sampleState({
    statuses: [sampleLinkStatus(), sampleLinkStatus({ index: ifIndex(3), name: 'eth1' })],
  });
  const rows: readonly [name: string, route: Partial<RouteObject>, told: boolean][] = [
    ['a unicast route in the main table', {}, true],
    ['one in a policy table', { table: tableId(202) }, true],
    ['one in somebody’s own table', { table: tableId(1000) }, false],
    ['one in the local table', { table: tableId(255) }, false],
    ['a local one', { type: RouteType.local }, false],
    ['a broadcast one', { type: RouteType.broadcast }, false],
    ['a multicast one', { type: RouteType.multicast }, false],
    ['an unreachable one', { type: RouteType.unreachable, nextHops: [] }, false],
    ['a cache entry', { flags: RouteFlag.cloned }, false],
    ['netevd’s own', { protocol: 140 }, false],
    ['one without a link', { nextHops: [hop(0)] }, false],
  ];
  test.each(rows)('%s', (_name, over, expected) => {
    const route = sampleRoute(over);
    const drafts = plan([{ kind: 'routeAppeared', route }]);
    expect(drafts.map(({ name, routesDelta }) => ({ name, routesDelta }))).toEqual(
      expected ? [{ name: 'new', routesDelta: [{ action: 'new', route }] }] : [],
    );
  });

  test('one that went is del, one that was replaced is change and says what it was', () => {
    const from = sampleRoute();
    const to = sampleRoute({ priority: 5 });
    expect(plan([{ kind: 'routeVanished', route: from }])[0]?.name).toBe('del');
    const [change] = plan([{ kind: 'routeReplaced', from, to }]);
    expect(change?.name).toBe('change');
    expect(change?.routesDelta).toEqual([{ action: 'change', route: to, previous: from }]);
  });

  test('several of one link are one event, which is change where they differ', () => {
    const other = sampleRoute({ destination: ip('10.0.0.0'), prefixLength: 8 });
    const both = plan([
      { kind: 'routeAppeared', route: other },
      { kind: 'routeVanished', route: sampleRoute() },
    ]);
    expect(both.map((draft) => [draft.name, draft.routesDelta?.length])).toEqual([['change', 2]]);
  });

  test('one over several links concerns each of them once', () => {
    const route = sampleRoute({
      nextHops: [hop(2, '192.168.1.1'), hop(3, '192.168.2.1'), hop(3, '192.168.2.2')],
    });
    expect(told(plan([{ kind: 'routeAppeared', route }], two))).toEqual([
      'eth0 routes routable kernel',
      'eth1 routes routable kernel',
    ]);
  });

  test('one that moved went from the one link and came to the other', () => {
    const from = sampleRoute();
    const to = sampleRoute({ nextHops: [hop(3, '192.168.2.1')] });
    const drafts = plan([{ kind: 'routeReplaced', from, to }], two);
    expect(drafts.map((draft) => [draft.link?.name, draft.name])).toEqual([
      ['eth0', 'del'],
      ['eth1', 'new'],
    ]);
  });

  test('one that netevd took over as its own is gone for the operator', () => {
    const change: Change = { kind: 'routeReplaced', from: sampleRoute(), to: sampleRoute({ protocol: 140 }) };
    expect(plan([change])[0]?.name).toBe('del');
  });

  test('one of a link that nobody knows is not told', () => {
    expect(plan([{ kind: 'routeAppeared', route: sampleRoute({ nextHops: [hop(99)] }) }])).toEqual([]);
  });
});

describe('leases', () => {
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
    ['a lease whose address is not there yet', [changed(undefined, lease)], notYet, []],
    [
      'a lease of a link that is not there',
      [{ ...changed(undefined, lease), interfaceName: 'eth9' } as Change],
      leased,
      [],
    ],
    [
      'the address of a lease that is known',
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
      'an address that no lease gave',
      [operational('carrier', 'routable')],
      sampleState({
        leases: [lease],
        kernelLinks: [sampleKernelLink({ addresses: emptyMap() })],
      }),
      ['eth0 routable routable kernel'],
    ],
  ];
  test.each(rows)('%s', (_name, changes, after, expected) => {
    expect(told(plan(changes, after))).toEqual([...expected]);
  });
});

describe('the host', () => {
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
      'networkd’s word',
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
      'NetworkManager’s word',
      { kind: 'hostChanged', source: 'NetworkManager', from: {}, to: { State: 'connected-global' } },
      sampleState(),
      ['host manager connected-global NetworkManager'],
    ],
    [
      'what the links add up to',
      derived({ operational: 'degraded' }),
      sampleState(),
      ['host manager degraded kernel'],
    ],
    ['the same while networkd says it', derived({ operational: 'degraded' }), networkd, []],
    [
      'while networkd is there but not wanted',
      derived({ operational: 'degraded' }),
      { ...networkd, backend: 'kernel' },
      ['host manager degraded kernel'],
    ],
    ['one link more', derived({ links: 12 }), sampleState(), []],
  ];
  test.each(rows)('%s', (_name, change, after, expected) => {
    expect(told(plan([change], after))).toEqual([...expected]);
  });

  test('comes after the links, with its properties', () => {
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
