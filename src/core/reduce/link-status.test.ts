import { describe, expect, test } from 'bun:test';
import { sampleAddress, sampleLease, sampleLinkObject } from '../../testing/sample-state.ts';
import { diff } from '../diff/diff.ts';
import type { Change } from '../model/change.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact, NetworkdReport } from '../model/fact.ts';
import { ifIndex } from '../model/ids.ts';
import { LinkFlag, OperStatus } from '../model/kernel-objects.ts';
import type { LinkStatus, NetworkManagerDevice, State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';
import { reduce } from './reduce.ts';

const index = ifIndex(2);
const allOn = LinkFlag.up | LinkFlag.running | LinkFlag.lowerUp;

const carrier: Fact = {
  kind: 'linkObserved',
  link: sampleLinkObject({ flags: allOn, operStatus: OperStatus.up }),
};
const noCarrier: Fact = {
  kind: 'linkObserved',
  link: sampleLinkObject({ flags: LinkFlag.up, operStatus: OperStatus.down }),
};
const address: Fact = { kind: 'addressObserved', address: sampleAddress('192.0.2.7') };
const linkLocal: Fact = { kind: 'addressObserved', address: sampleAddress('fe80::7', { scope: 253 }) };
const hostScope: Fact = { kind: 'addressObserved', address: sampleAddress('127.0.0.7', { scope: 254 }) };

const report = (over: Partial<NetworkdReport> = {}): NetworkdReport => ({
  operational: 'routable',
  administrative: 'configured',
  carrierState: 'carrier',
  addressState: 'routable',
  ipv4AddressState: 'routable',
  ipv6AddressState: 'off',
  dns: [],
  domains: [],
  ntp: [],
  gateways: [],
  ...over,
});
const networkdRead = (over: Partial<NetworkdReport> = {}): Fact => ({
  kind: 'networkdRead',
  host: { OperationalState: 'routable' },
  links: new Map([[index, report(over)]]),
});
const networkdSays = (link: Partial<NetworkdReport>): Fact => ({ kind: 'networkdLinkObserved', index, link });
const lost: Partial<NetworkdReport> = { operational: 'no-carrier', carrierState: 'no-carrier' };
const regained: Partial<NetworkdReport> = { operational: 'routable', carrierState: 'carrier' };

const device = (over: Partial<NetworkManagerDevice> = {}): NetworkManagerDevice => ({
  state: 'activated',
  reason: 0,
  managed: true,
  dns: [],
  domains: [],
  ntp: [],
  gateways: [],
  ...over,
});
const managerRead = (over: Partial<NetworkManagerDevice> = {}): Fact => ({
  kind: 'networkManagerRead',
  host: { State: 'connected-global' },
  devices: new Map([[index, device(over)]]),
});
const leased: Fact = { kind: 'leasesRead', held: [sampleLease()] };

const fold = (facts: readonly Fact[], backend: Source | 'auto' = 'auto'): State =>
  facts.reduce(reduce, emptyState(backend));

function pictureAfter(facts: readonly Fact[], backend: Source | 'auto' = 'auto'): Partial<LinkStatus> {
  const status = fold(facts, backend).links.get(index);
  if (status === undefined) throw new Error('no picture');
  const {
    owner,
    operational,
    operationalSource,
    administrative,
    administrativeSource,
    device: state,
  } = status;
  return {
    owner,
    operational,
    operationalSource,
    administrative,
    administrativeSource,
    device: state,
  } as Partial<LinkStatus>;
}

describe('the owner of a link', () => {
  const rows: readonly (readonly [string, readonly Fact[], Source | 'auto', Source])[] = [
    ['nobody speaks', [carrier], 'auto', 'kernel'],
    ['networkd has configured it', [carrier, networkdRead()], 'auto', 'systemd-networkd'],
    [
      'networkd is configuring it',
      [carrier, networkdRead({ administrative: 'configuring' })],
      'auto',
      'systemd-networkd',
    ],
    [
      'networkd failed at it',
      [carrier, networkdRead({ administrative: 'failed' })],
      'auto',
      'systemd-networkd',
    ],
    [
      'networkd has not looked at it',
      [carrier, networkdRead({ administrative: 'pending' })],
      'auto',
      'kernel',
    ],
    [
      'networkd has only seen it',
      [carrier, networkdRead({ administrative: 'initialized' })],
      'auto',
      'kernel',
    ],
    ['networkd leaves it alone', [carrier, networkdRead({ administrative: 'unmanaged' })], 'auto', 'kernel'],
    ['networkd has let it go', [carrier, networkdRead({ administrative: 'linger' })], 'auto', 'kernel'],
    ['NetworkManager manages it', [carrier, managerRead()], 'auto', 'NetworkManager'],
    ['NetworkManager knows it', [carrier, managerRead({ managed: false })], 'auto', 'kernel'],
    [
      'networkd and NetworkManager claim it',
      [carrier, managerRead(), networkdRead()],
      'auto',
      'systemd-networkd',
    ],
    ['dhclient has a lease', [carrier, leased], 'auto', 'dhclient'],
    ['NetworkManager and dhclient claim it', [carrier, leased, managerRead()], 'auto', 'NetworkManager'],
    [
      'the lease is of another link',
      [carrier, { kind: 'leasesRead', held: [sampleLease({ interfaceName: 'eth1' })] }],
      'auto',
      'kernel',
    ],
    ['only the kernel may speak', [carrier, networkdRead(), managerRead(), leased], 'kernel', 'kernel'],
    ['only dhclient may speak', [carrier, networkdRead(), managerRead(), leased], 'dhclient', 'dhclient'],
    [
      'only NetworkManager may speak',
      [carrier, networkdRead(), managerRead(), leased],
      'NetworkManager',
      'NetworkManager',
    ],
    [
      'networkd has gone',
      [carrier, networkdRead(), { kind: 'networkdVanished' }],
      'auto',
      'systemd-networkd',
    ],
    ['the lease has ended', [carrier, leased, { kind: 'leasesRead', held: [] }], 'auto', 'kernel'],
    [
      'NetworkManager lets it go',
      [carrier, managerRead(), { kind: 'networkManagerDeviceVanished', index }],
      'auto',
      'kernel',
    ],
  ];
  for (const [says, facts, backend, owner] of rows) {
    test(`is ${owner} where ${says}${backend === 'auto' ? '' : `, ${backend} alone`}`, () => {
      expect(pictureAfter(facts, backend).owner).toBe(owner);
    });
  }

  test('follows the name that a lease is held for', () => {
    const renamed: Fact = { kind: 'linkObserved', link: sampleLinkObject({ name: 'lan0', flags: allOn }) };
    expect(pictureAfter([carrier, leased, renamed]).owner).toBe('kernel');
    expect(pictureAfter([renamed, leased, carrier]).owner).toBe('dhclient');
  });

  test('changes with the backend', () => {
    const backend: Fact = { kind: 'backendChosen', backend: 'kernel' };
    expect(pictureAfter([carrier, networkdRead(), backend]).owner).toBe('kernel');
  });
});

describe('the operational state', () => {
  test('is derived from the kernel where networkd does not have the link', () => {
    for (const facts of [
      [],
      [networkdRead({ administrative: 'unmanaged', operational: 'off' })],
      [managerRead()],
      [leased],
    ]) {
      expect(pictureAfter([carrier, address, ...facts])).toMatchObject({
        operational: 'routable',
        operationalSource: 'kernel',
      });
    }
  });

  test("is networkd's word where it has the link and a carrier is there", () => {
    expect(pictureAfter([networkdRead({ operational: 'degraded' }), carrier, address])).toMatchObject({
      operational: 'degraded',
      operationalSource: 'systemd-networkd',
    });
  });

  test('is never above what the kernel has addresses for', () => {
    for (const facts of [
      [carrier, networkdRead()],
      [networkdRead(), carrier],
      [
        carrier,
        address,
        networkdRead(),
        { kind: 'addressVanished', address: sampleAddress('192.0.2.7') } as Fact,
      ],
    ]) {
      expect(pictureAfter(facts)).toMatchObject({ operational: 'carrier', operationalSource: 'kernel' });
    }
  });

  test("is the kernel's word as soon as the carrier is lost", () => {
    expect(pictureAfter([carrier, networkdRead(), noCarrier])).toMatchObject({
      operational: 'no-carrier',
      operationalSource: 'kernel',
    });
  });
});

/** The operational states that a listener is told of, from the first fact after `before`. */
function told(before: readonly Fact[], facts: readonly Fact[]): string[] {
  let state = fold(before);
  const changes: Change[] = [];
  for (const fact of facts) {
    const next = reduce(state, fact);
    changes.push(...diff(state, next));
    state = next;
  }
  return changes
    .filter((change) => change.kind === 'operationalStateChanged')
    .map((change) => `${change.to} (${change.source})`);
}

describe('addresses of a link of networkd, which speaks late', () => {
  const gone: Fact = { kind: 'addressVanished', address: sampleAddress('192.0.2.7') };
  const plain: Partial<NetworkdReport> = { operational: 'carrier', addressState: 'off' };
  const rows: readonly (readonly [string, readonly Fact[], readonly string[]])[] = [
    ['that go are told at once', [gone, networkdSays(plain)], ['carrier (kernel)']],
    [
      'that go and come are told once each where it speaks of each in time',
      [gone, networkdSays(plain), address, networkdSays({ operational: 'routable' })],
      ['carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'that go and come are told once each where it speaks of both afterwards',
      [gone, address, networkdSays(plain), networkdSays({ operational: 'routable' })],
      ['carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'that go and come while it configures the link anew are told once each',
      [
        networkdSays({ administrative: 'initialized' }),
        gone,
        address,
        networkdSays(plain),
        networkdSays({ administrative: 'configuring' }),
        networkdSays({ operational: 'routable' }),
        networkdSays({ administrative: 'configured' }),
      ],
      ['carrier (kernel)', 'routable (kernel)'],
    ],
  ];
  for (const [what, facts, states] of rows) {
    test(what, () => {
      expect(told([carrier, address, networkdRead()], facts)).toEqual([...states]);
    });
  }

  test('of a link that was routable before it spoke at all are told once', () => {
    const { operational: _o, administrative: _a, ...none } = report();
    const first = networkdSays({
      ...none,
      operational: 'off',
      carrierState: 'off',
      administrative: 'initialized',
    });
    const later = [
      networkdSays({ administrative: 'configuring' }),
      networkdSays({ operational: 'no-carrier', carrierState: 'no-carrier' }),
      networkdSays({ operational: 'carrier', carrierState: 'carrier' }),
      networkdSays({ operational: 'routable', addressState: 'routable' }),
    ];
    const nobody: Fact = { kind: 'networkdRead', host: {}, links: new Map() };
    expect(told([nobody], [carrier, address, first, ...later])).toEqual([
      'carrier (kernel)',
      'routable (kernel)',
    ]);
  });
});

describe('a cable pulled and put back on a link of networkd', () => {
  const before = [carrier, address, networkdRead()];
  const rows: readonly (readonly [string, readonly Fact[], readonly string[]])[] = [
    [
      'is told once each, whoever is first to see the loss',
      [noCarrier, networkdSays(lost), carrier, networkdSays(regained)],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'is told once each where networkd is quicker than the kernel',
      [networkdSays(lost), noCarrier, carrier, networkdSays(regained)],
      ['no-carrier (systemd-networkd)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'is not routable by a word from before it was pulled',
      [noCarrier, carrier, networkdSays({ dns: [] })],
      ['no-carrier (kernel)', 'carrier (kernel)'],
    ],
    [
      'is routable again once networkd has spoken of the loss',
      [noCarrier, carrier, networkdSays(lost), networkdSays(regained)],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'is routable again once networkd was read anew',
      [noCarrier, carrier, networkdRead()],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'is not routable by a reading from before the kernel was heard',
      [noCarrier, networkdRead(), carrier],
      ['no-carrier (kernel)', 'carrier (kernel)'],
    ],
    [
      'passes through carrier where networkd takes its time',
      [
        noCarrier,
        networkdSays(lost),
        carrier,
        networkdSays({ operational: 'carrier', carrierState: 'carrier' }),
        networkdSays(regained),
      ],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      "is the kernel's alone once networkd has gone",
      [{ kind: 'networkdVanished' }, noCarrier, carrier],
      ['no-carrier (kernel)', 'routable (kernel)'],
    ],
  ];
  for (const [says, facts, expected] of rows)
    test(says, () => expect(told(before, facts)).toEqual([...expected]));
});

describe('the administrative state', () => {
  const rows: readonly (readonly [string, readonly Fact[], string | undefined, Source | undefined])[] = [
    ['is absent without an address', [carrier], undefined, undefined],
    ['is configured with carrier and an address', [carrier, address], 'configured', 'kernel'],
    ['is absent without carrier', [noCarrier, address], undefined, undefined],
    ['is absent with a link-local address alone', [carrier, linkLocal], undefined, undefined],
    ['is absent with an address of host scope alone', [carrier, hostScope], undefined, undefined],
    [
      'is what networkd says',
      [carrier, address, networkdRead({ administrative: 'configuring' })],
      'configuring',
      'systemd-networkd',
    ],
    [
      'is unmanaged where networkd says so',
      [carrier, address, networkdRead({ administrative: 'unmanaged' })],
      'unmanaged',
      'systemd-networkd',
    ],
    [
      'is derived where NetworkManager has what networkd leaves alone',
      [carrier, address, networkdRead({ administrative: 'unmanaged' }), managerRead()],
      'configured',
      'kernel',
    ],
    ['is derived for a link of dhclient', [carrier, address, leased], 'configured', 'kernel'],
  ];
  for (const [says, facts, administrative, source] of rows) {
    test(says, () => {
      const status = pictureAfter(facts);
      expect<unknown>([status.administrative, status.administrativeSource]).toEqual([administrative, source]);
    });
  }
});

describe('the device state', () => {
  test("is NetworkManager's, whether it manages the link or not", () => {
    expect(pictureAfter([carrier, managerRead()]).device).toBe('activated');
    expect(pictureAfter([carrier, managerRead({ managed: false, state: 'unmanaged' })]).device).toBe(
      'unmanaged',
    );
    expect(pictureAfter([carrier, managerRead()], 'kernel').device).toBeUndefined();
  });
});

describe('a manager that goes and comes', () => {
  test('changes nothing of its links while it is away', () => {
    const before = fold([carrier, address, networkdRead()]);
    const gone = reduce(before, { kind: 'networkdVanished' });
    expect(diff(before, gone)).toEqual([
      { kind: 'hostChanged', source: 'systemd-networkd', from: { OperationalState: 'routable' }, to: {} },
    ]);
    const facts: readonly Fact[] = [{ kind: 'networkdAppeared' }, networkdRead()];
    const back = facts.reduce(reduce, gone);
    expect(diff(gone, back).map((change) => change.kind)).toEqual(['hostChanged']);
    expect(diff(before, back)).toEqual([]);
  });

  test('says nothing of itself when only the bus is lost', () => {
    const before = fold([carrier, address, networkdRead(), managerRead()]);
    for (const source of ['systemd-networkd', 'NetworkManager'] as const) {
      expect(diff(before, reduce(before, { kind: 'sourceLostSync', source, cause: 'disconnected' }))).toEqual(
        [],
      );
    }
  });

  test('is forgotten by a link whose index another one takes', () => {
    const taken = pictureAfter([
      carrier,
      networkdRead(),
      managerRead(),
      { kind: 'linkVanished', index },
      carrier,
    ]);
    expect(taken).toMatchObject({ owner: 'kernel', device: undefined });
  });

  test('is not believed before it has said what state a link is in', () => {
    const facts: readonly Fact[] = [
      carrier,
      { kind: 'networkdAppeared' },
      { kind: 'networkdRead', host: {}, links: new Map() },
      networkdSays({ dns: [] }),
      { kind: 'networkManagerRead', host: {}, devices: new Map() },
    ];
    expect(pictureAfter(facts)).toMatchObject({ owner: 'kernel', device: undefined });
    expect(pictureAfter([...facts, networkdSays(report())]).owner).toBe('systemd-networkd');
    const told = [...facts, { kind: 'networkManagerDeviceObserved', index, device: device() } as const];
    expect(pictureAfter(told)).toMatchObject({ owner: 'NetworkManager', device: 'activated' });
  });
});

describe('an address whose lease is about to be told', () => {
  const held = sampleLease({ addresses: [sampleAddress('192.0.2.7').address] });
  const awaited: Fact = { kind: 'leasesRead', held: [], awaited: held.addresses };
  const other: Fact = { kind: 'addressObserved', address: sampleAddress('198.51.100.7') };
  const rows: [
    what: string,
    facts: readonly Fact[],
    backend: Source | 'auto',
    operational: string,
    administrative?: string,
  ][] = [
    ['does not count yet', [carrier, awaited, address], 'auto', 'carrier'],
    [
      'does not count yet beside a link-local one',
      [carrier, linkLocal, awaited, address],
      'auto',
      'degraded',
    ],
    [
      'counts with its lease',
      [carrier, awaited, address, { kind: 'leasesRead', held: [held] }],
      'auto',
      'routable',
      'configured',
    ],
    [
      'counts when no lease has come',
      [carrier, awaited, address, { kind: 'leasesRead', held: [] }],
      'auto',
      'routable',
      'configured',
    ],
    [
      'takes nothing from other addresses',
      [carrier, other, awaited, address],
      'auto',
      'routable',
      'configured',
    ],
    ['counts where dhclient has no say', [carrier, awaited, address], 'kernel', 'routable', 'configured'],
    [
      'counts where networkd manages the link',
      [carrier, networkdRead(), awaited, address],
      'auto',
      'routable',
      'configured',
    ],
    [
      'counts where NetworkManager does',
      [carrier, managerRead(), awaited, address],
      'auto',
      'routable',
      'configured',
    ],
  ];
  for (const [what, facts, backend, operational, administrative] of rows) {
    test(what, () => {
      const status = pictureAfter(facts, backend);
      expect([status.operational, status.administrative]).toEqual([operational, administrative] as never);
    });
  }

  test('makes the link routable once, by its lease', () => {
    const before = fold([carrier, awaited, address]);
    const after = reduce(before, { kind: 'leasesRead', held: [held] });
    const changes = diff(before, after).map(({ kind }) => kind);
    expect(changes).toContain('operationalStateChanged');
    expect(changes).toContain('leaseChanged');
  });
});
