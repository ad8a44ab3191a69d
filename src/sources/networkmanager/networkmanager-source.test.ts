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
  source = new NetworkManagerSource({ bus, clock, log, sink: (told) => facts.push(...told) });
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

/** NetworkManager takes its name. */
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

const news = (): Fact[] => facts.splice(0);

const emit = (path: string, of: string, member: string, values: readonly BusValue[]): void =>
  bus.emit(name, { path, interface: of, member, values });
const changed = (path: string, of: string, properties: Properties): void =>
  emit(path, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', [
    `${name}${of}`,
    dictionary(properties),
    [],
  ]);
/** As NetworkManager says it: the property, its reason, and the signal. */
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

describe('a source of what NetworkManager says', () => {
  test('reads host and devices when NetworkManager is there', () => {
    start();
    source.start();
    expect(news() as unknown).toEqual([
      { kind: 'networkManagerAppeared' },
      {
        kind: 'networkManagerRead',
        host: { State: 'connected-global', Connectivity: 'full' },
        devices: new Map([[2, report]]),
      },
    ]);
  });

  test('says at once that NetworkManager is not there, and that the bus is not', async () => {
    source.start();
    expect(news()).toEqual([{ kind: 'networkManagerVanished' }]);
    await source.firstWord;
    bus.disconnect();
    expect(news()).toEqual([{ kind: 'sourceLostSync', source: 'NetworkManager', cause: 'disconnected' }]);
  });

  test('tells every state of a device once, however short', () => {
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
    expect(news() as unknown).toEqual(states.map((state) => observed({ state, reason: 39 } as object)));
  });

  test('tells every state of the host, and what it reaches', () => {
    started();
    for (const state of [20, 40, 60, 70]) {
      changed(root, '', { State: state });
      emit(root, name, 'StateChanged', [state]);
    }
    changed(root, '', { Connectivity: 2 });
    changed(root, '', { Connectivity: 9 });
    emit(root, name, 'StateChanged', [71]);
    expect(news() as unknown).toEqual(
      [
        { State: 'disconnected' },
        { State: 'connecting' },
        { State: 'connected-site' },
        { State: 'connected-global' },
        { Connectivity: 'portal' },
      ].map((host) => ({ kind: 'networkManagerHostObserved', host })),
    );
  });

  test('what belongs to a device comes and goes with it', () => {
    started();
    changed(`${root}/IP4Config/3`, '.IP4Config', { NameserverData: [] });
    changed(devicePath, '.Device', { ActiveConnection: '/', Dhcp4Config: '/' });
    changed(devicePath, '.Device.Statistics', { RxBytes: 1n });
    const { connection: _gone, dhcp4: _too, ...rest } = report;
    expect(news() as unknown).toEqual([
      observed({ dns: ['2001:db8::53'] } as object),
      { kind: 'networkManagerDeviceObserved', index: 2, device: { ...rest, dns: ['2001:db8::53'], ntp: [] } },
    ]);
  });

  test('a device comes and goes', () => {
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
    expect(news() as unknown).toEqual([
      observed({ state: 'unmanaged', managed: false }, 5),
      observed({ state: 'unavailable', reason: 2, managed: false }, 5),
    ]);
    clock.advance(2_000);
    expect(news() as unknown).toEqual([{ kind: 'networkManagerDeviceVanished', index: 5 }]);
  });

  test('a device that has taken the place of another is not forgotten with it', () => {
    started();
    const manager = 'org.freedesktop.DBus.ObjectManager';
    const path = `${root}/Devices/9`;
    emit('/org/freedesktop', manager, 'InterfacesAdded', [
      path,
      interfaces({ '.Device': { ...device, State: 30 } }),
    ]);
    emit('/org/freedesktop', manager, 'InterfacesRemoved', [devicePath, [`${name}.Device`]]);
    clock.advance(2_000);
    expect(news().map(({ kind }) => kind)).toEqual(['networkManagerDeviceObserved']);
  });

  test('a device is told when the kernel has its link, and again when it is another', () => {
    started();
    source.onKernelFacts([{ kind: 'linkVanished', index: ifIndex(2) }]);
    expect(news() as unknown).toEqual([{ kind: 'networkManagerDeviceVanished', index: 2 }]);
    stateOf(devicePath, 30, 100, 39);
    expect(news()).toEqual([]);
    source.onKernelFacts([link('eth0', 8)]);
    expect(news() as unknown).toEqual([observed({ state: 'disconnected', reason: 39 }, 8)]);
    source.onKernelFacts([link('eth0', 8), link('other', 9)]);
    expect(news()).toEqual([]);
  });

  test('says nothing of devices before the kernel has told of links, and then all at once', async () => {
    source = new NetworkManagerSource({ bus, clock, log, sink: (told) => facts.push(...told) });
    start();
    source.start();
    await source.firstWord;
    stateOf(devicePath, 30, 100, 39);
    emit(root, name, 'StateChanged', [20]);
    source.onKernelFacts([link('eth1', 3)]);
    expect(news().map(({ kind }) => kind)).toEqual(['networkManagerAppeared']);
    source.onKernelFacts([linksAre('eth0')]);
    expect(news() as unknown).toEqual([
      {
        kind: 'networkManagerRead',
        host: { State: 'disconnected', Connectivity: 'full' },
        devices: new Map([[2, { ...report, state: 'disconnected', reason: 39 }]]),
      },
    ]);
  });

  test('a modem is known by the name of its network interface, and what is not real is no link', () => {
    objects[devicePath] = { '.Device': { ...device, Interface: 'cdc-wdm0', IpInterface: 'eth0' } };
    started();
    changed(devicePath, '.Device', { Real: false });
    expect(news() as unknown).toEqual([{ kind: 'networkManagerDeviceVanished', index: 2 }]);
    changed(devicePath, '.Device', { Real: true });
    expect(news() as unknown).toEqual([observed()]);
  });

  test('reads again when NetworkManager is back', () => {
    started();
    bus.release(name);
    stateOf(devicePath, 30, 100, 39);
    expect(news()).toEqual([{ kind: 'networkManagerVanished' }]);
    start();
    expect(news().map(({ kind }) => kind)).toEqual(['networkManagerAppeared', 'networkManagerRead']);
    bus.disconnect();
    bus.connect();
    expect(news().map(({ kind }) => kind)).toEqual([
      'sourceLostSync',
      'networkManagerAppeared',
      'networkManagerRead',
    ]);
  });

  describe('after a restart of NetworkManager, which takes over what it finds', () => {
    /** The device as it is read then. */
    function restarted(state = 30, reason = 41): Fact | undefined {
      if (bus.calls.length === 0) started();
      bus.release(name);
      objects[root] = { '': { State: 20, Connectivity: 1, Startup: true } };
      objects[devicePath] = { '.Device': { ...device, State: state, StateReason: [state, reason] } };
      start();
      return news().find(({ kind }) => kind === 'networkManagerRead');
    }

    test('a device has not left its state', () => {
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
      expect(news()).toEqual([]);
      stateOf(devicePath, 110, 100, 39);
      expect(news() as unknown).toEqual([observed({ state: 'deactivating', reason: 39 })]);
    });

    test('also where NetworkManager took leave of it first', () => {
      started();
      const gone = [devicePath, [`${name}.Device`]];
      emit('/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'InterfacesRemoved', gone);
      expect(restarted()).toMatchObject({ devices: new Map([[ifIndex(2), report]]) });
      clock.advance(2_000);
      expect(news()).toEqual([]);
    });

    test('also where it is read before or amid that', () => {
      const untouched = { devices: new Map([[ifIndex(2), report]]) };
      expect(restarted(10, 0)).toMatchObject(untouched);
      stateOf(devicePath, 20, 10, 41);
      stateOf(devicePath, 30, 20, 41);
      stateOf(devicePath, 40, 30, 0);
      stateOf(devicePath, 100, 40, 0);
      expect(news()).toEqual([]);
      bus.release(name);
      news();
      expect(restarted(70, 0)).toMatchObject(untouched);
    });

    test('unless it is left alone when NetworkManager has started', () => {
      restarted(10, 0);
      changed(root, '', { Startup: false });
      expect(news() as unknown).toEqual([observed({ state: 'unmanaged' })]);
    });

    test('unless it begins anew', () => {
      restarted(10, 0);
      stateOf(devicePath, 20, 10, 2);
      expect(news() as unknown).toEqual([observed({ state: 'unavailable', reason: 2 })]);
    });

    test('a device that fails while NetworkManager takes it over is reported as failed', () => {
      restarted();
      stateOf(devicePath, 40, 30, 0);
      stateOf(devicePath, 120, 40, 4);
      stateOf(devicePath, 30, 120, 0);
      expect(news() as unknown).toEqual([
        observed({ state: 'failed', reason: 4 }),
        observed({ state: 'disconnected' }),
      ]);
    });

    test('a device that NetworkManager has not taken over after 90 s is reported as it is', () => {
      restarted();
      stateOf(devicePath, 40, 30, 0);
      clock.advance(89_999);
      expect(news()).toEqual([]);
      clock.advance(1);
      expect(news() as unknown).toEqual([observed({ state: 'prepare' })]);
    });

    test('a link that came meanwhile is another', () => {
      started();
      bus.release(name);
      source.onKernelFacts([{ kind: 'linkVanished', index: ifIndex(2) }, link('eth0', 2)]);
      objects[devicePath] = { '.Device': { ...device, State: 30, StateReason: [30, 41] } };
      news();
      start();
      expect(news().at(-1)).toMatchObject({
        devices: new Map([[ifIndex(2), { ...report, state: 'disconnected', reason: 41 }]]),
      });
    });
  });

  test('a reading that fails is tried again, and is not taken for an empty one', () => {
    isBroken = true;
    start();
    source.start();
    expect(news().map(({ kind }) => kind)).toEqual(['networkManagerAppeared']);
    clock.advance(1_000 + 3_000);
    expect(news()).toEqual([]);
    isBroken = false;
    clock.advance(10_000);
    expect(news().map(({ kind }) => kind)).toEqual(['networkManagerRead']);
    expect(clock.waiting).toBe(0);
  });

  test('a state that nobody knows is left out, and logged once', () => {
    started();
    stateOf(devicePath, 77, 100, 0);
    stateOf(devicePath, 77, 77, 0);
    expect(news()).toEqual([]);
    expect(log.messages('warn')).toEqual([
      'NetworkManager tells of device state 77, which netevd does not know: it is left out',
    ]);
  });

  test('values that are none are left out, and counted', () => {
    started();
    changed(`${root}/IP4Config/3`, '.IP4Config', {
      Gateway: '192.0.2.300',
      NameserverData: [addressData('; rm -rf /'), 'x', addressData('0.0.0.0')],
      Domains: ['$(id)', 'ok.example'],
      Searches: 'not a list',
    });
    changed(`${root}/ActiveConnection/1`, '.Connection.Active', { Id: 'a\nb' });
    const { connection: _left, ...rest } = report;
    expect(news().at(-1) as unknown).toEqual({
      kind: 'networkManagerDeviceObserved',
      index: 2,
      device: { ...rest, dns: ['2001:db8::53'], domains: ['ok.example'], gateways: ['2001:db8::1'] },
    });
    expect(log.messages('warn')).toContain(
      'NetworkManager, link 2: 5 values are not of their types, and left out',
    );
  });

  test('arguments of other types say nothing', () => {
    started();
    emit(devicePath, `${name}.Device`, 'StateChanged', ['30']);
    emit(root, name, 'StateChanged', []);
    emit('/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'InterfacesAdded', [3]);
    emit('/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'InterfacesRemoved', [devicePath, 'x']);
    emit(devicePath, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', [`${name}.Device`, [], []]);
    expect(news()).toEqual([]);
  });

  test('is silent once it is disposed of', () => {
    started();
    source[Symbol.dispose]();
    stateOf(devicePath, 30, 100, 39);
    bus.release(name);
    source.onKernelFacts([{ kind: 'linkVanished', index: ifIndex(2) }]);
    expect(news()).toEqual([]);
  });
});
