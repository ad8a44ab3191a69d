import { beforeEach, describe, expect, test } from 'bun:test';
import type { Fact } from '../../core/model/fact.ts';
import { ifIndex } from '../../core/model/ids.ts';
import type { NetworkManagerDevice } from '../../core/model/state.ts';
import { FakeBus } from '../../testing/fake-bus.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import { sampleLinkObject } from '../../testing/sample-state.ts';
import type { BusKey, BusValue } from '../../wire/dbus/value.ts';
import { NetworkManagerSource } from './networkmanager-source.ts';

const name = 'org.freedesktop.NetworkManager';
const root = '/org/freedesktop/NetworkManager';
const devicePath = `${root}/Devices/3`;

type Properties = Readonly<Record<string, BusValue>>;
type Interfaces = Readonly<Record<string, Properties>>;

const dictionary = (entries: Readonly<Record<string, BusValue>>): Map<BusKey, BusValue> =>
  new Map(Object.entries(entries));
const interfaces = (of: Interfaces): Map<BusKey, BusValue> =>
  new Map(Object.entries(of).map(([key, properties]) => [`${name}${key}`, dictionary(properties)]));
const addressData = (address: string): BusValue => dictionary({ address });

const device: Properties = {
  Interface: 'eth0',
  IpInterface: 'eth0',
  State: 100,
  StateReason: [100, 0],
  Managed: true,
  Real: true,
  ActiveConnection: `${root}/ActiveConnection/1`,
  Ip4Config: `${root}/IP4Config/3`,
  Ip6Config: `${root}/IP6Config/3`,
  Dhcp4Config: `${root}/DHCP4Config/1`,
  Dhcp6Config: '/',
};

let objects: Record<string, Interfaces>;
let bus: FakeBus;
let clock: ManualClock;
let log: RecordingLogger;
let facts: Fact[];
let source: NetworkManagerSource;
let isBroken: boolean;

beforeEach(() => {
  objects = {
    [root]: { '': { State: 70, Connectivity: 4, Version: '1.42' } },
    [devicePath]: { '.Device': device, '.Device.Wired': { Carrier: true } },
    [`${root}/ActiveConnection/1`]: { '.Connection.Active': { Id: 'office', State: 2 } },
    [`${root}/IP4Config/3`]: {
      '.IP4Config': {
        Gateway: '192.0.2.1',
        NameserverData: [addressData('192.0.2.53')],
        Domains: ['lab.example'],
        Searches: ['lab.example', '~other.example'],
      },
    },
    [`${root}/IP6Config/3`]: {
      '.IP6Config': {
        Gateway: '2001:db8::1',
        Nameservers: [Uint8Array.of(32, 1, 13, 184, ...Array<number>(11).fill(0), 83)],
        Domains: [],
        Searches: [],
      },
    },
    [`${root}/DHCP4Config/1`]: {
      '.DHCP4Config': {
        Options: dictionary({ ip_address: '192.0.2.7', ntp_servers: '192.0.2.123', vendor: '$(id)' }),
      },
    },
  };
  bus = new FakeBus();
  clock = new ManualClock();
  log = new RecordingLogger();
  facts = [];
  isBroken = false;
  source = new NetworkManagerSource({ bus, clock, log, sink: (reported) => facts.push(...reported) });
  source.onKernelFacts([linksAre('eth0')]);
});

const linksAre = (of: string): Fact => {
  const links = [sampleLinkObject({ name: of, index: ifIndex(2) })];
  const snapshot = { links, drivers: new Map(), addresses: [], routes: [], rules: [] };
  return { kind: 'kernelRead', snapshot };
};

const link = (of: string, index: number): Fact => ({
  kind: 'linkObserved',
  link: sampleLinkObject({ name: of, index: ifIndex(index) }),
});

/** NetworkManager acquires its name. */
function start(): void {
  bus.own(name, (call, answer) => {
    const all = new Map(Object.entries(objects).map(([path, of]) => [path, interfaces(of)]));
    if (isBroken) answer({ ok: false, name: 'netevd.TimedOut', message: 'no answer' });
    else if (call.member === 'GetManagedObjects') answer({ ok: true, values: [all] });
  });
}

function started(): void {
  start();
  source.start();
  facts.splice(0);
}

const newFacts = (): Fact[] => facts.splice(0);

const emit = (path: string, of: string, member: string, values: readonly BusValue[]): void =>
  bus.emit(name, { path, interface: of, member, values });
const changed = (path: string, of: string, properties: Properties): void =>
  emit(path, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', [
    `${name}${of}`,
    dictionary(properties),
    [],
  ]);
/** As NetworkManager sends it: the property, its reason, and the signal. */
function stateOf(path: string, to: number, from: number, reason: number): void {
  changed(path, '.Device', { State: to });
  changed(path, '.Device', { StateReason: [to, reason] });
  emit(path, `${name}.Device`, 'StateChanged', [to, from, reason]);
}

const report: NetworkManagerDevice = {
  state: 'activated',
  reason: 0,
  managed: true,
  connection: 'office',
  dhcp4: { ip_address: '192.0.2.7', ntp_servers: '192.0.2.123' },
  dns: ['192.0.2.53', '2001:db8::53'],
  domains: ['lab.example'],
  ntp: ['192.0.2.123'],
  gateways: ['192.0.2.1', '2001:db8::1'],
} as unknown as NetworkManagerDevice;

const observed = (over: Partial<NetworkManagerDevice> = {}, index = 2): unknown => ({
  kind: 'networkManagerDeviceObserved',
  index,
  device: { ...report, ...over },
});

describe('a NetworkManager source', () => {
  test('reads host and devices when NetworkManager runs', () => {
    start();
    source.start();
    expect(newFacts() as unknown).toEqual([
      { kind: 'networkManagerAppeared' },
      {
        kind: 'networkManagerRead',
        host: { State: 'connected-global', Connectivity: 'full' },
        devices: new Map([[2, report]]),
      },
    ]);
  });

  test('reports at once that NetworkManager or the bus is absent', async () => {
    source.start();
    expect(newFacts()).toEqual([{ kind: 'networkManagerVanished' }]);
    await source.initialReport;
    bus.disconnect();
    expect(newFacts()).toEqual([{ kind: 'sourceLostSync', source: 'NetworkManager', cause: 'disconnected' }]);
  });

  test('reports every state of a device once, however short', () => {
    started();
    const way = [110, 30, 40, 50, 70, 80, 90, 100] as const;
    for (const [i, to] of way.entries()) stateOf(devicePath, to, way[i - 1] ?? 100, 39);
    const states = [
      'deactivating',
      'disconnected',
      'prepare',
      'config',
      'ip-config',
      'ip-check',
      'secondaries',
      'activated',
    ];
    expect(newFacts() as unknown).toEqual(states.map((state) => observed({ state, reason: 39 } as object)));
  });

  test('reports every state of the host and its connectivity', () => {
    started();
    for (const state of [20, 40, 60, 70]) {
      changed(root, '', { State: state });
      emit(root, name, 'StateChanged', [state]);
    }
    changed(root, '', { Connectivity: 2 });
    changed(root, '', { Connectivity: 9 });
    emit(root, name, 'StateChanged', [71]);
    expect(newFacts() as unknown).toEqual(
      [
        { State: 'disconnected' },
        { State: 'connecting' },
        { State: 'connected-site' },
        { State: 'connected-global' },
        { Connectivity: 'portal' },
      ].map((host) => ({ kind: 'networkManagerHostObserved', host })),
    );
  });

  test('reports objects of a device as they come and go', () => {
    started();
    changed(`${root}/IP4Config/3`, '.IP4Config', { NameserverData: [] });
    changed(devicePath, '.Device', { ActiveConnection: '/', Dhcp4Config: '/' });
    changed(devicePath, '.Device.Statistics', { RxBytes: 1n });
    const { connection: _gone, dhcp4: _too, ...rest } = report;
    expect(newFacts() as unknown).toEqual([
      observed({ dns: ['2001:db8::53'] } as object),
      { kind: 'networkManagerDeviceObserved', index: 2, device: { ...rest, dns: ['2001:db8::53'], ntp: [] } },
    ]);
  });

  test('reports a device that appears and vanishes', () => {
    started();
    source.onKernelFacts([link('eth1', 5)]);
    const path = `${root}/Devices/9`;
    const added = {
      '.Device': { ...device, Interface: 'eth1', State: 10, StateReason: [10, 0], Managed: false },
    };
    const manager = 'org.freedesktop.DBus.ObjectManager';
    emit('/org/freedesktop', manager, 'InterfacesAdded', [path, interfaces(added)]);
    stateOf(path, 20, 10, 2);
    emit('/org/freedesktop', manager, 'InterfacesRemoved', [
      path,
      [`${name}.Device`, `${name}.Device.Wired`],
    ]);
    expect(newFacts() as unknown).toEqual([
      observed({ state: 'unmanaged', managed: false }, 5),
      observed({ state: 'unavailable', reason: 2, managed: false }, 5),
    ]);
    clock.advance(2_000);
    expect(newFacts() as unknown).toEqual([{ kind: 'networkManagerDeviceVanished', index: 5 }]);
  });

  test('keeps a device that has replaced another one on the same link', () => {
    started();
    const manager = 'org.freedesktop.DBus.ObjectManager';
    const path = `${root}/Devices/9`;
    emit('/org/freedesktop', manager, 'InterfacesAdded', [
      path,
      interfaces({ '.Device': { ...device, State: 30 } }),
    ]);
    emit('/org/freedesktop', manager, 'InterfacesRemoved', [devicePath, [`${name}.Device`]]);
    clock.advance(2_000);
    expect(newFacts().map(({ kind }) => kind)).toEqual(['networkManagerDeviceObserved']);
  });

  test('reports a device once its link exists, and again for another link', () => {
    started();
    source.onKernelFacts([{ kind: 'linkVanished', index: ifIndex(2) }]);
    expect(newFacts() as unknown).toEqual([{ kind: 'networkManagerDeviceVanished', index: 2 }]);
    stateOf(devicePath, 30, 100, 39);
    expect(newFacts()).toEqual([]);
    source.onKernelFacts([link('eth0', 8)]);
    expect(newFacts() as unknown).toEqual([observed({ state: 'disconnected', reason: 39 }, 8)]);
    source.onKernelFacts([link('eth0', 8), link('other', 9)]);
    expect(newFacts()).toEqual([]);
  });

  test("reports no device before the kernel's links are known, and then all together", async () => {
    source = new NetworkManagerSource({ bus, clock, log, sink: (reported) => facts.push(...reported) });
    start();
    source.start();
    await source.initialReport;
    stateOf(devicePath, 30, 100, 39);
    emit(root, name, 'StateChanged', [20]);
    source.onKernelFacts([link('eth1', 3)]);
    expect(newFacts().map(({ kind }) => kind)).toEqual(['networkManagerAppeared']);
    source.onKernelFacts([linksAre('eth0')]);
    expect(newFacts() as unknown).toEqual([
      {
        kind: 'networkManagerRead',
        host: { State: 'disconnected', Connectivity: 'full' },
        devices: new Map([[2, { ...report, state: 'disconnected', reason: 39 }]]),
      },
    ]);
  });

  test('finds a modem by the name of its network interface, and ignores a device that is not real', () => {
    objects[devicePath] = { '.Device': { ...device, Interface: 'cdc-wdm0', IpInterface: 'eth0' } };
    started();
    changed(devicePath, '.Device', { Real: false });
    expect(newFacts() as unknown).toEqual([{ kind: 'networkManagerDeviceVanished', index: 2 }]);
    changed(devicePath, '.Device', { Real: true });
    expect(newFacts() as unknown).toEqual([observed()]);
  });

  test('reads again when NetworkManager is back', () => {
    started();
    bus.release(name);
    stateOf(devicePath, 30, 100, 39);
    expect(newFacts()).toEqual([{ kind: 'networkManagerVanished' }]);
    start();
    expect(newFacts().map(({ kind }) => kind)).toEqual(['networkManagerAppeared', 'networkManagerRead']);
    bus.disconnect();
    bus.connect();
    expect(newFacts().map(({ kind }) => kind)).toEqual([
      'sourceLostSync',
      'networkManagerAppeared',
      'networkManagerRead',
    ]);
  });

  describe('after a restart of NetworkManager', () => {
    /** The device as it is read then. */
    function restarted(state = 30, reason = 41): Fact | undefined {
      if (bus.calls.length === 0) started();
      bus.release(name);
      objects[root] = { '': { State: 20, Connectivity: 1, Startup: true } };
      objects[devicePath] = { '.Device': { ...device, State: state, StateReason: [state, reason] } };
      start();
      return newFacts().find(({ kind }) => kind === 'networkManagerRead');
    }

    test('keeps the state of a device that is taken over', () => {
      expect(restarted()).toMatchObject({ devices: new Map([[ifIndex(2), report]]) });
      for (const [to, from] of [
        [40, 30],
        [50, 40],
        [70, 50],
        [80, 70],
        [90, 80],
        [100, 90],
      ] as const) {
        stateOf(devicePath, to, from, 0);
      }
      expect(newFacts()).toEqual([]);
      stateOf(devicePath, 110, 100, 39);
      expect(newFacts() as unknown).toEqual([observed({ state: 'deactivating', reason: 39 })]);
    });

    test('keeps the state of a device that NetworkManager removed first', () => {
      started();
      const gone = [devicePath, [`${name}.Device`]];
      emit('/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'InterfacesRemoved', gone);
      expect(restarted()).toMatchObject({ devices: new Map([[ifIndex(2), report]]) });
      clock.advance(2_000);
      expect(newFacts()).toEqual([]);
    });

    test('keeps the state of a device that is read before or during the take-over', () => {
      const untouched = { devices: new Map([[ifIndex(2), report]]) };
      expect(restarted(10, 0)).toMatchObject(untouched);
      stateOf(devicePath, 20, 10, 41);
      stateOf(devicePath, 30, 20, 41);
      stateOf(devicePath, 40, 30, 0);
      stateOf(devicePath, 100, 40, 0);
      expect(newFacts()).toEqual([]);
      bus.release(name);
      newFacts();
      expect(restarted(70, 0)).toMatchObject(untouched);
    });

    test('reports the state of a device that is untouched at the end of the startup', () => {
      restarted(10, 0);
      changed(root, '', { Startup: false });
      expect(newFacts() as unknown).toEqual([observed({ state: 'unmanaged' })]);
    });

    test('reports the state of a device that is activated again', () => {
      restarted(10, 0);
      stateOf(devicePath, 20, 10, 2);
      expect(newFacts() as unknown).toEqual([observed({ state: 'unavailable', reason: 2 })]);
    });

    test('a device that fails while NetworkManager takes it over is reported as failed', () => {
      restarted();
      stateOf(devicePath, 40, 30, 0);
      stateOf(devicePath, 120, 40, 4);
      stateOf(devicePath, 30, 120, 0);
      expect(newFacts() as unknown).toEqual([
        observed({ state: 'failed', reason: 4 }),
        observed({ state: 'disconnected' }),
      ]);
    });

    test('a device that NetworkManager has not taken over after 90 s is reported as it is', () => {
      restarted();
      stateOf(devicePath, 40, 30, 0);
      clock.advance(89_999);
      expect(newFacts()).toEqual([]);
      clock.advance(1);
      expect(newFacts() as unknown).toEqual([observed({ state: 'prepare' })]);
    });

    test('does not apply the state of a former link to a new one', () => {
      started();
      bus.release(name);
      source.onKernelFacts([{ kind: 'linkVanished', index: ifIndex(2) }, link('eth0', 2)]);
      objects[devicePath] = { '.Device': { ...device, State: 30, StateReason: [30, 41] } };
      newFacts();
      start();
      expect(newFacts().at(-1)).toMatchObject({
        devices: new Map([[ifIndex(2), { ...report, state: 'disconnected', reason: 41 }]]),
      });
    });
  });

  test('tries a failed read again, and does not report it as empty', () => {
    isBroken = true;
    start();
    source.start();
    expect(newFacts().map(({ kind }) => kind)).toEqual(['networkManagerAppeared']);
    clock.advance(1_000 + 3_000);
    expect(newFacts()).toEqual([]);
    isBroken = false;
    clock.advance(10_000);
    expect(newFacts().map(({ kind }) => kind)).toEqual(['networkManagerRead']);
    expect(clock.waiting).toBe(0);
  });

  test('leaves out an unknown state and logs it once', () => {
    started();
    stateOf(devicePath, 77, 100, 0);
    stateOf(devicePath, 77, 77, 0);
    expect(newFacts()).toEqual([]);
    expect(log.fields('warn', 'messageId')).toEqual([['valueRejected']]);
  });

  test('leaves out invalid values and logs their number', () => {
    started();
    changed(`${root}/IP4Config/3`, '.IP4Config', {
      Gateway: '192.0.2.300',
      NameserverData: [addressData('; rm -rf /'), 'x', addressData('0.0.0.0')],
      Domains: ['$(id)', 'ok.example'],
      Searches: 'not a list',
    });
    changed(`${root}/ActiveConnection/1`, '.Connection.Active', { Id: 'a\nb' });
    const { connection: _left, ...rest } = report;
    expect(newFacts().at(-1) as unknown).toEqual({
      kind: 'networkManagerDeviceObserved',
      index: 2,
      device: { ...rest, dns: ['2001:db8::53'], domains: ['ok.example'], gateways: ['2001:db8::1'] },
    });
    expect(log.fields('warn', 'messageId', 'rejected')).toContainEqual(['valueRejected', 5]);
  });

  test('ignores arguments of other types', () => {
    started();
    emit(devicePath, `${name}.Device`, 'StateChanged', ['30']);
    emit(root, name, 'StateChanged', []);
    emit('/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'InterfacesAdded', [3]);
    emit('/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'InterfacesRemoved', [devicePath, 'x']);
    emit(devicePath, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', [`${name}.Device`, [], []]);
    expect(newFacts()).toEqual([]);
  });

  test('reports nothing after it was disposed of', () => {
    started();
    source[Symbol.dispose]();
    stateOf(devicePath, 30, 100, 39);
    bus.release(name);
    source.onKernelFacts([{ kind: 'linkVanished', index: ifIndex(2) }]);
    expect(newFacts()).toEqual([]);
  });
});
