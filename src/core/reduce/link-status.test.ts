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
const networkdReports = (link: Partial<NetworkdReport>): Fact => ({
  kind: 'networkdLinkObserved',
  index,
  link,
});
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
const leased: Fact = { kind: 'leasesRead', active: [sampleLease()] };

const fold = (facts: readonly Fact[], backend: Source | 'auto' = 'auto'): State =>
  facts.reduce(reduce, emptyState(backend));

function statusAfter(facts: readonly Fact[], backend: Source | 'auto' = 'auto'): Partial<LinkStatus> {
  const status = fold(facts, backend).links.get(index);
  if (status === undefined) throw new Error('no status');
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

describe('linkStatusOf: owner', () => {
  const rows: readonly (readonly [string, readonly Fact[], Source | 'auto', Source])[] = [
    ['no manager reports the link', [carrier], 'auto', 'kernel'],
    ['networkd has configured the link', [carrier, networkdRead()], 'auto', 'systemd-networkd'],
    [
      'networkd is configuring the link',
      [carrier, networkdRead({ administrative: 'configuring' })],
      'auto',
      'systemd-networkd',
    ],
    [
      'networkd failed to configure the link',
      [carrier, networkdRead({ administrative: 'failed' })],
      'auto',
      'systemd-networkd',
    ],
    [
      'the link is pending in networkd',
      [carrier, networkdRead({ administrative: 'pending' })],
      'auto',
      'kernel',
    ],
    [
      'the link is initialized in networkd',
      [carrier, networkdRead({ administrative: 'initialized' })],
      'auto',
      'kernel',
    ],
    [
      'networkd does not manage the link',
      [carrier, networkdRead({ administrative: 'unmanaged' })],
      'auto',
      'kernel',
    ],
    ['the link lingers in networkd', [carrier, networkdRead({ administrative: 'linger' })], 'auto', 'kernel'],
    ['NetworkManager manages the link', [carrier, managerRead()], 'auto', 'NetworkManager'],
    [
      'NetworkManager knows the link but does not manage it',
      [carrier, managerRead({ managed: false })],
      'auto',
      'kernel',
    ],
    [
      'networkd and NetworkManager claim the link',
      [carrier, managerRead(), networkdRead()],
      'auto',
      'systemd-networkd',
    ],
    ['dhclient has a lease', [carrier, leased], 'auto', 'dhclient'],
    [
      'NetworkManager and dhclient claim the link',
      [carrier, leased, managerRead()],
      'auto',
      'NetworkManager',
    ],
    [
      'the lease belongs to another link',
      [carrier, { kind: 'leasesRead', active: [sampleLease({ interfaceName: 'eth1' })] }],
      'auto',
      'kernel',
    ],
    ['only the kernel may be used', [carrier, networkdRead(), managerRead(), leased], 'kernel', 'kernel'],
    ['only dhclient may be used', [carrier, networkdRead(), managerRead(), leased], 'dhclient', 'dhclient'],
    [
      'only NetworkManager may be used',
      [carrier, networkdRead(), managerRead(), leased],
      'NetworkManager',
      'NetworkManager',
    ],
    ['networkd stopped', [carrier, networkdRead(), { kind: 'networkdVanished' }], 'auto', 'systemd-networkd'],
    ['the lease has ended', [carrier, leased, { kind: 'leasesRead', active: [] }], 'auto', 'kernel'],
    [
      'NetworkManager removed the device',
      [carrier, managerRead(), { kind: 'networkManagerDeviceVanished', index }],
      'auto',
      'kernel',
    ],
  ];
  for (const [condition, facts, backend, owner] of rows) {
    test(`the owner is ${owner} if ${condition}${backend === 'auto' ? '' : `, ${backend} alone`}`, () => {
      expect(statusAfter(facts, backend).owner).toBe(owner);
    });
  }

  test('the owner follows the interface name of the lease', () => {
    const renamed: Fact = { kind: 'linkObserved', link: sampleLinkObject({ name: 'lan0', flags: allOn }) };
    expect(statusAfter([carrier, leased, renamed]).owner).toBe('kernel');
    expect(statusAfter([renamed, leased, carrier]).owner).toBe('dhclient');
  });

  test('the owner changes with the backend', () => {
    const backend: Fact = { kind: 'backendChosen', backend: 'kernel' };
    expect(statusAfter([carrier, networkdRead(), backend]).owner).toBe('kernel');
  });
});

describe('linkStatusOf: operational state', () => {
  test('the operational state comes from the kernel if networkd does not manage the link', () => {
    for (const facts of [
      [],
      [networkdRead({ administrative: 'unmanaged', operational: 'off' })],
      [managerRead()],
      [leased],
    ]) {
      expect(statusAfter([carrier, address, ...facts])).toMatchObject({
        operational: 'routable',
        operationalSource: 'kernel',
      });
    }
  });

  test('the operational state comes from networkd for a link that it manages and that has carrier', () => {
    expect(statusAfter([networkdRead({ operational: 'degraded' }), carrier, address])).toMatchObject({
      operational: 'degraded',
      operationalSource: 'systemd-networkd',
    });
  });

  test('the operational state is never above what the addresses in the kernel allow', () => {
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
      expect(statusAfter(facts)).toMatchObject({ operational: 'carrier', operationalSource: 'kernel' });
    }
  });

  test('the operational state comes from the kernel as soon as the carrier is lost', () => {
    expect(statusAfter([carrier, networkdRead(), noCarrier])).toMatchObject({
      operational: 'no-carrier',
      operationalSource: 'kernel',
    });
  });
});

/** Returns the operational states, with their sources, that `facts` cause after `before`. */
function changesTo(before: readonly Fact[], facts: readonly Fact[]): string[] {
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

describe('linkStatusOf: addresses of a link of networkd, which reports late', () => {
  const gone: Fact = { kind: 'addressVanished', address: sampleAddress('192.0.2.7') };
  const plain: Partial<NetworkdReport> = { operational: 'carrier', addressState: 'off' };
  const rows: readonly (readonly [string, readonly Fact[], readonly string[]])[] = [
    ['lost addresses change the state at once', [gone, networkdReports(plain)], ['carrier (kernel)']],
    [
      'lost and regained addresses are one change each if networkd reports each in time',
      [gone, networkdReports(plain), address, networkdReports({ operational: 'routable' })],
      ['carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'lost and regained addresses are one change each if networkd reports both afterwards',
      [gone, address, networkdReports(plain), networkdReports({ operational: 'routable' })],
      ['carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'lost and regained addresses are one change each while networkd reconfigures the link',
      [
        networkdReports({ administrative: 'initialized' }),
        gone,
        address,
        networkdReports(plain),
        networkdReports({ administrative: 'configuring' }),
        networkdReports({ operational: 'routable' }),
        networkdReports({ administrative: 'configured' }),
      ],
      ['carrier (kernel)', 'routable (kernel)'],
    ],
  ];
  for (const [name, facts, states] of rows) {
    test(name, () => {
      expect(changesTo([carrier, address, networkdRead()], facts)).toEqual([...states]);
    });
  }

  test('a link that is routable before the first report of networkd becomes routable once', () => {
    const { operational: _o, administrative: _a, ...none } = report();
    const first = networkdReports({
      ...none,
      operational: 'off',
      carrierState: 'off',
      administrative: 'initialized',
    });
    const later = [
      networkdReports({ administrative: 'configuring' }),
      networkdReports({ operational: 'no-carrier', carrierState: 'no-carrier' }),
      networkdReports({ operational: 'carrier', carrierState: 'carrier' }),
      networkdReports({ operational: 'routable', addressState: 'routable' }),
    ];
    const noLinks: Fact = { kind: 'networkdRead', host: {}, links: new Map() };
    expect(changesTo([noLinks], [carrier, address, first, ...later])).toEqual([
      'carrier (kernel)',
      'routable (kernel)',
    ]);
  });
});

describe('linkStatusOf: carrier lost and regained on a link of networkd', () => {
  const before = [carrier, address, networkdRead()];
  const rows: readonly (readonly [string, readonly Fact[], readonly string[]])[] = [
    [
      'the loss and the return are one change each if the kernel is first',
      [noCarrier, networkdReports(lost), carrier, networkdReports(regained)],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'the loss and the return are one change each if networkd is first',
      [networkdReports(lost), noCarrier, carrier, networkdReports(regained)],
      ['no-carrier (systemd-networkd)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'a report from before the loss does not make the link routable',
      [noCarrier, carrier, networkdReports({ dns: [] })],
      ['no-carrier (kernel)', 'carrier (kernel)'],
    ],
    [
      'the link is routable again once networkd has reported the loss',
      [noCarrier, carrier, networkdReports(lost), networkdReports(regained)],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'the link is routable again after a new read of networkd',
      [noCarrier, carrier, networkdRead()],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'a read of networkd from before the loss does not make the link routable',
      [noCarrier, networkdRead(), carrier],
      ['no-carrier (kernel)', 'carrier (kernel)'],
    ],
    [
      'the link passes through carrier if networkd is slow',
      [
        noCarrier,
        networkdReports(lost),
        carrier,
        networkdReports({ operational: 'carrier', carrierState: 'carrier' }),
        networkdReports(regained),
      ],
      ['no-carrier (kernel)', 'carrier (kernel)', 'routable (systemd-networkd)'],
    ],
    [
      'the state comes from the kernel alone once networkd stopped',
      [{ kind: 'networkdVanished' }, noCarrier, carrier],
      ['no-carrier (kernel)', 'routable (kernel)'],
    ],
  ];
  for (const [name, facts, expected] of rows)
    test(name, () => expect(changesTo(before, facts)).toEqual([...expected]));
});

describe('linkStatusOf: administrative state', () => {
  const rows: readonly (readonly [string, readonly Fact[], string | undefined, Source | undefined])[] = [
    ['is absent without an address', [carrier], undefined, undefined],
    ['is configured with carrier and an address', [carrier, address], 'configured', 'kernel'],
    ['is absent without carrier', [noCarrier, address], undefined, undefined],
    ['is absent with a link-local address alone', [carrier, linkLocal], undefined, undefined],
    ['is absent with an address of host scope alone', [carrier, hostScope], undefined, undefined],
    [
      'is what networkd reports',
      [carrier, address, networkdRead({ administrative: 'configuring' })],
      'configuring',
      'systemd-networkd',
    ],
    [
      'is unmanaged if networkd reports so',
      [carrier, address, networkdRead({ administrative: 'unmanaged' })],
      'unmanaged',
      'systemd-networkd',
    ],
    [
      'is derived if NetworkManager manages a link that is unmanaged in networkd',
      [carrier, address, networkdRead({ administrative: 'unmanaged' }), managerRead()],
      'configured',
      'kernel',
    ],
    ['is derived for a link of dhclient', [carrier, address, leased], 'configured', 'kernel'],
  ];
  for (const [name, facts, administrative, source] of rows) {
    test(`the administrative state ${name}`, () => {
      const status = statusAfter(facts);
      expect<unknown>([status.administrative, status.administrativeSource]).toEqual([administrative, source]);
    });
  }
});

describe('linkStatusOf: device state', () => {
  test('the device state comes from NetworkManager, whether it manages the link or not', () => {
    expect(statusAfter([carrier, managerRead()]).device).toBe('activated');
    expect(statusAfter([carrier, managerRead({ managed: false, state: 'unmanaged' })]).device).toBe(
      'unmanaged',
    );
    expect(statusAfter([carrier, managerRead()], 'kernel').device).toBeUndefined();
  });
});

describe('linkStatusOf: managers that stop and start', () => {
  test('a stopped manager does not change its links', () => {
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

  test('a lost bus connection does not remove the properties of a manager', () => {
    const before = fold([carrier, address, networkdRead(), managerRead()]);
    for (const source of ['systemd-networkd', 'NetworkManager'] as const) {
      expect(diff(before, reduce(before, { kind: 'sourceLostSync', source, cause: 'disconnected' }))).toEqual(
        [],
      );
    }
  });

  test('a new link does not get reports about the previous link with its index', () => {
    const taken = statusAfter([
      carrier,
      networkdRead(),
      managerRead(),
      { kind: 'linkVanished', index },
      carrier,
    ]);
    expect(taken).toMatchObject({ owner: 'kernel', device: undefined });
  });

  test('a manager does not own a link before it has reported its state', () => {
    const facts: readonly Fact[] = [
      carrier,
      { kind: 'networkdAppeared' },
      { kind: 'networkdRead', host: {}, links: new Map() },
      networkdReports({ dns: [] }),
      { kind: 'networkManagerRead', host: {}, devices: new Map() },
    ];
    expect(statusAfter(facts)).toMatchObject({ owner: 'kernel', device: undefined });
    expect(statusAfter([...facts, networkdReports(report())]).owner).toBe('systemd-networkd');
    const reported = [...facts, { kind: 'networkManagerDeviceObserved', index, device: device() } as const];
    expect(statusAfter(reported)).toMatchObject({ owner: 'NetworkManager', device: 'activated' });
  });
});

describe('linkStatusOf: an address whose lease is not in the file yet', () => {
  const lease = sampleLease({ addresses: [sampleAddress('192.0.2.7').address] });
  const awaited: Fact = { kind: 'leasesRead', active: [], awaited: lease.addresses };
  const other: Fact = { kind: 'addressObserved', address: sampleAddress('198.51.100.7') };
  const rows: [
    name: string,
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
      [carrier, awaited, address, { kind: 'leasesRead', active: [lease] }],
      'auto',
      'routable',
      'configured',
    ],
    [
      'counts if no lease follows',
      [carrier, awaited, address, { kind: 'leasesRead', active: [] }],
      'auto',
      'routable',
      'configured',
    ],
    ['does not affect other addresses', [carrier, other, awaited, address], 'auto', 'routable', 'configured'],
    [
      'counts if the backend is not dhclient',
      [carrier, awaited, address],
      'kernel',
      'routable',
      'configured',
    ],
    [
      'counts if networkd manages the link',
      [carrier, networkdRead(), awaited, address],
      'auto',
      'routable',
      'configured',
    ],
    [
      'counts if NetworkManager manages the link',
      [carrier, managerRead(), awaited, address],
      'auto',
      'routable',
      'configured',
    ],
  ];
  for (const [name, facts, backend, operational, administrative] of rows) {
    test(`an address whose lease is not in the file yet ${name}`, () => {
      const status = statusAfter(facts, backend);
      expect([status.operational, status.administrative]).toEqual([operational, administrative] as never);
    });
  }

  test('the lease of an awaited address makes the link routable once', () => {
    const before = fold([carrier, awaited, address]);
    const after = reduce(before, { kind: 'leasesRead', active: [lease] });
    const changes = diff(before, after).map(({ kind }) => kind);
    expect(changes).toContain('operationalStateChanged');
    expect(changes).toContain('leaseChanged');
  });
});
