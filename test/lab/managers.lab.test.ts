/**
 * Hooks with the real systemd-networkd and NetworkManager run for each of their reports once.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { administrativeStates, deviceStates, operationalStates } from '../../src/core/model/vocabulary.ts';
import { BusMonitor, withoutRepeats } from './bus-monitor.ts';
import { DaemonInLab, type Told } from './daemon-in-lab.ts';
import { Lab } from './lab.ts';
import { describeLab } from './lab-available.ts';

const deadline = 30_000;
const deviceDirectories = ['unavailable', 'disconnected', 'activated', 'deactivating', 'failed'];
const deviceWords = new Map(Object.entries(deviceStates).map(([word, number]) => [number as number, word]));

/** A lab with a daemon in it and a monitor of its bus. */
class Scene implements AsyncDisposable {
  readonly lab: Lab;
  readonly daemon: DaemonInLab;
  monitor: BusMonitor;

  private constructor(lab: Lab, daemon: DaemonInLab, monitor: BusMonitor) {
    this.lab = lab;
    this.daemon = daemon;
    this.monitor = monitor;
  }

  static async open(name: string): Promise<Scene> {
    const lab = await Lab.boot({ name });
    return new Scene(lab, await DaemonInLab.start(lab), await BusMonitor.start(lab));
  }

  /** What comes from now on is new. */
  async forget(): Promise<void> {
    await this.daemon.waitUntilQuiet();
    await this.daemon.forget();
    this.monitor.forget();
  }

  /** After a restart of the bus the monitor must start again. */
  async listenAgain(): Promise<void> {
    await this.monitor[Symbol.asyncDispose]();
    this.monitor = await BusMonitor.start(this.lab);
  }

  /** Waits until a link is in this state, as networkctl says it. */
  async networkctl(link: string, ...words: readonly string[]): Promise<void> {
    const isSo = async (): Promise<boolean> => {
      const line = await this.lab.ok(['networkctl', 'list', '--no-legend', '--no-pager', link]);
      return words.every((word) => line.includes(word));
    };
    await this.lab.until(`${link} to be ${words.join(', ')}`, isSo, deadline);
  }

  async nmcli(link: string, state: string): Promise<void> {
    const isSo = async (): Promise<boolean> => {
      const list = await this.lab.run(['nmcli', '-t', '-f', 'DEVICE,STATE', 'device']);
      return list.stdout.split('\n').includes(`${link}:${state}`);
    };
    await this.lab.until(`${link} to be ${state}`, isSo, deadline);
  }

  /** Waits until exactly these hooks of a link have run, and checks that it stays so. */
  async told(link: string, among: readonly string[], wanted: () => readonly string[]): Promise<void> {
    const isSo = async (): Promise<boolean> =>
      Bun.deepEquals(await this.daemon.directoriesOf(link, among), [...wanted()]);
    await this.lab.until(`${link} to be told ${wanted().join()}`, isSo, deadline).catch(() => undefined);
    await this.daemon.waitUntilQuiet();
    expect(await this.daemon.directoriesOf(link, among)).toEqual([...wanted()]);
  }

  async firstOf(link: string, directory: string): Promise<Told> {
    const told = (await this.daemon.toldOf(link)).find((each) => each.directory === directory);
    if (told === undefined) throw new Error(`${directory}.d was not run for ${link}`);
    return told;
  }

  /** States of the host by one manager, in their order. */
  async hostStates(backend: string): Promise<string[]> {
    const told = await this.daemon.toldOf(undefined);
    const states = told.filter(({ environment }) => environment['BACKEND'] === backend);
    return withoutRepeats(states.map(({ environment }) => environment['STATE'] ?? ''));
  }

  async address(link: string): Promise<string> {
    const [found] = JSON.parse(await this.lab.ok(['ip', '-j', '-4', 'addr', 'show', link])) as [
      { addr_info: { local: string }[] },
    ];
    return found.addr_info[0]?.local ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const code = await this.daemon.stop();
    await this.lab[Symbol.asyncDispose]();
    expect(code).toBe(0);
  }
}

const link = 'nd1';
const index = 1001;

describeLab('systemd-networkd', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open('networkd');
  }, 120_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await scene.forget();
  });

  /** Hooks run for networkd's reports: each setup state and each operational state once. */
  async function saysTheSame(): Promise<void> {
    const { monitor } = scene;
    await scene.told(link, administrativeStates, () => monitor.networkd(index, 'AdministrativeState'));
    await scene.told(link, operationalStates, () => monitor.networkd(index, 'OperationalState'));
  }

  test('hooks of a new link get everything that belongs to its states', async () => {
    await scene.lab.links.add(link, 1, 'dhcp');
    await scene.networkctl(link, 'routable', 'configured');
    await saysTheSame();
    const address = await scene.address(link);
    const { environment, event } = await scene.firstOf(link, 'routable');
    expect(environment).toMatchObject({
      LINK: link,
      LINKINDEX: String(index),
      STATE: 'routable',
      PREVIOUS_STATE: 'carrier',
      EVENT: 'routable',
      BACKEND: 'systemd-networkd',
      GENERATOR: 'systemd-networkd',
      ADDRESSES: address,
      DNS: '10.77.1.1',
      DOMAINS: 'nd1.lab.example',
      GATEWAY: '10.77.1.1',
      MTU: '1500',
      OperationalState: 'routable',
      CarrierState: 'carrier',
      AddressState: 'routable',
      IPv4AddressState: 'routable',
      IPv6AddressState: 'off',
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      USER: 'netevd',
    });
    expect(environment['NETEVD_INITIAL']).toBeUndefined();
    expect(JSON.parse(environment['JSON'] ?? '')).toEqual(event);
    expect(event).toMatchObject({
      schema: 'netevd.event.v1',
      link,
      index,
      state: 'routable',
      backend: 'systemd-networkd',
      addresses: [address],
      dns: ['10.77.1.1'],
      domains: ['nd1.lab.example'],
      gateway: '10.77.1.1',
      Index: index,
      Name: link,
      Driver: 'veth',
      OperationalState: 'routable',
      IPv4AddressState: 'routable',
      NetworkFile: '/etc/systemd/network/10-lab.network',
      DNS: ['10.77.1.1'],
      Domains: ['nd1.lab.example'],
      Address: [expect.objectContaining({ IP: address, Mask: 24, Family: 'IPv4' })],
    });
    const configured = await scene.firstOf(link, 'configured');
    expect(configured.environment).toMatchObject({ AdministrativeState: 'configured', DNS: '10.77.1.1' });
    expect(await scene.hostStates('systemd-networkd')).toEqual(['no-carrier', 'carrier', 'routable']);
  });

  test('hooks for a pulled and reconnected cable run once, as networkd and the kernel report it', async () => {
    await scene.lab.links.carrier(link, 'off');
    await scene.told(link, operationalStates, () => ['no-carrier']);
    await scene.lab.links.carrier(link, 'on');
    await scene.networkctl(link, 'routable', 'configured');
    await saysTheSame();
    const { environment } = await scene.firstOf(link, 'routable');
    expect(environment).toMatchObject({ DNS: '10.77.1.1', GATEWAY: '10.77.1.1' });
  });

  test('a restart of networkd runs hooks of the host only', async () => {
    await scene.lab.ok(['systemctl', 'restart', 'systemd-networkd']);
    await scene.networkctl(link, 'routable', 'configured');
    await scene.lab.until(
      'networkd to be followed again',
      async () => (await scene.hostStates('systemd-networkd')).includes('routable'),
      deadline,
    );
    expect((await scene.hostStates('systemd-networkd'))[0]).toBe('absent');
    await scene.told(link, operationalStates, () => []);
    const setups = await scene.daemon.directoriesOf(link, administrativeStates);
    expect([[], ['configuring', 'configured'], ['pending', 'configuring', 'configured']]).toContainEqual(
      setups,
    );
  });

  test('a reload without a change runs no hook', async () => {
    await scene.lab.ok(['networkctl', 'reload']);
    await scene.told(link, [...operationalStates, ...administrativeStates], () => []);
  });

  test('hooks of a reconfigured link run as networkd reports it', async () => {
    await scene.lab.ok(['networkctl', 'reconfigure', link]);
    await scene.lab.until(
      'networkd to configure it',
      () => scene.monitor.networkd(index, 'AdministrativeState').at(-1) === 'configured',
      deadline,
    );
    await saysTheSame();
  });

  test('signals of another user run nothing, also if they are sent only to netevd', async () => {
    const list = await scene.lab.ok(['busctl', 'list', '--unique', '--no-legend', '--no-pager']);
    const own = list
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find((row) => row[1] === String(scene.daemon.pid));
    expect(own?.[3]).toBe('netevd');
    const properties = 'org.freedesktop.DBus.Properties';
    const path = `/org/freedesktop/network1/link/_3${index}`;
    const body = ['org.freedesktop.network1.Link', '1', 'OperationalState', 's', 'no-carrier', '0'];
    const emit = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'busctl', 'emit'];
    for (const to of [[], [`--destination=${own?.[0]}`]]) {
      await scene.lab.ok([...emit, ...to, path, properties, 'PropertiesChanged', 'sa{sv}as', ...body]);
      const device = '/org/freedesktop/NetworkManager/Devices/1';
      const name = 'org.freedesktop.NetworkManager.Device';
      await scene.lab.ok([...emit, ...to, device, name, 'StateChanged', 'uuu', '100', '30', '0']);
      const owner = ['sss', 'org.freedesktop.network1', ':1.1', own?.[0] ?? ''];
      const bus = ['/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameOwnerChanged'];
      await scene.lab.run([...emit, ...to, ...bus, ...owner]);
    }
    await scene.told(link, [...operationalStates, ...administrativeStates, ...deviceDirectories], () => []);
    expect(await scene.hostStates('systemd-networkd')).toEqual([]);
  });

  test('a link that lives on while the bus is restarted is followed by the kernel, and by networkd again later', async () => {
    await scene.lab.ok(['systemctl', 'restart', 'dbus']);
    await scene.lab.until(
      'networkd to be gone',
      async () => (await scene.hostStates('systemd-networkd')).includes('absent'),
      deadline,
    );
    await scene.lab.links.carrier(link, 'off');
    await scene.told(link, operationalStates, () => ['no-carrier']);
    await scene.lab.links.carrier(link, 'on');
    await scene.told(link, operationalStates, () => ['no-carrier', 'carrier', 'routable']);
    expect((await scene.firstOf(link, 'routable')).environment['BACKEND']).toBe('kernel');
    await scene.lab.ok(['systemctl', 'restart', 'systemd-networkd']);
    await scene.lab.until(
      'networkd to be followed again',
      async () => (await scene.hostStates('systemd-networkd')).at(-1) === 'routable',
      deadline,
    );
    await scene.listenAgain();
    await scene.told(link, operationalStates, () => ['no-carrier', 'carrier', 'routable']);
    await scene.forget();
    await scene.lab.ok(['networkctl', 'reconfigure', link]);
    await scene.lab.until(
      'networkd to configure it',
      () => scene.monitor.networkd(index, 'AdministrativeState').at(-1) === 'configured',
      deadline,
    );
    await saysTheSame();
  }, 120_000);

  test('a vanished link runs its hooks once', async () => {
    await scene.lab.links.remove(link);
    await scene.told(link, [...operationalStates, 'link-removed'], () => ['off', 'link-removed']);
  });
});

describeLab('NetworkManager', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open('networkmanager');
    await scene.lab.ok(['systemctl', 'stop', 'systemd-networkd.socket', 'systemd-networkd']);
    await scene.lab.links.add('nm1', 1, 'dhcp');
    await scene.nmcli('nm1', 'disconnected');
  }, 120_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await scene.forget();
  });

  /** Hooks run for NetworkManager's reports: each state that has a directory, once. */
  async function saysTheSame(): Promise<void> {
    const said = (): string[] =>
      withoutRepeats(scene.monitor.deviceStates().map((state) => deviceWords.get(state) ?? ''));
    await scene.told('nm1', deviceDirectories, () =>
      said().filter((word) => deviceDirectories.includes(word)),
    );
  }

  test('hooks of a new connection get its servers and its lease', async () => {
    await scene.lab.ok([
      'nmcli',
      'connection',
      'add',
      'type',
      'ethernet',
      'ifname',
      'nm1',
      'con-name',
      'office',
    ]);
    await scene.nmcli('nm1', 'connected');
    await saysTheSame();
    const address = await scene.address('nm1');
    const { environment, event } = await scene.firstOf('nm1', 'activated');
    expect(environment).toMatchObject({
      LINK: 'nm1',
      LINKINDEX: '1001',
      STATE: 'activated',
      EVENT: 'activated',
      BACKEND: 'NetworkManager',
      GENERATOR: 'NetworkManager',
      ADDRESSES: address,
      DNS: '10.77.1.1',
      DOMAINS: 'nm1.lab.example',
      GATEWAY: '10.77.1.1',
      DHCP_ADDRESS: address,
      DHCP_SUBNET_MASK: '255.255.255.0',
      DHCP_GATEWAY: '10.77.1.1',
      DHCP_DNS: '10.77.1.1',
      DHCP_DOMAIN: 'nm1.lab.example',
    });
    expect(JSON.parse(environment['JSON'] ?? '')).toEqual(event);
    expect(event).toMatchObject({ backend: 'NetworkManager', dns: ['10.77.1.1'], DNS: ['10.77.1.1'] });
    expect((await scene.hostStates('NetworkManager')).at(-1)).toBe('connected-global');
  });

  test('a connection that goes down and up runs hooks for each state', async () => {
    await scene.lab.ok(['nmcli', 'device', 'disconnect', 'nm1']);
    await scene.nmcli('nm1', 'disconnected');
    await scene.lab.ok(['nmcli', 'device', 'connect', 'nm1']);
    await scene.nmcli('nm1', 'connected');
    await saysTheSame();
    expect(await scene.daemon.directoriesOf('nm1', deviceDirectories)).toEqual([
      'deactivating',
      'disconnected',
      'activated',
    ]);
    const { environment } = await scene.firstOf('nm1', 'disconnected');
    expect(environment['DHCP_ADDRESS']).toBeUndefined();
    expect(environment['DNS'] ?? '').toBe('');
  });

  test('a pulled and reconnected cable runs hooks for each state', async () => {
    await scene.lab.links.carrier('nm1', 'off');
    await scene.nmcli('nm1', 'unavailable');
    await scene.lab.links.carrier('nm1', 'on');
    await scene.nmcli('nm1', 'connected');
    await saysTheSame();
    await scene.told('nm1', ['carrier', 'no-carrier'], () => ['no-carrier', 'carrier']);
  });

  test('a restart of NetworkManager runs hooks of the host only', async () => {
    await scene.lab.ok(['systemctl', 'restart', 'NetworkManager']);
    await scene.nmcli('nm1', 'connected');
    await scene.lab.until(
      'NetworkManager to be followed again',
      async () => (await scene.hostStates('NetworkManager')).at(-1) === 'connected-global',
      deadline,
    );
    await scene.told('nm1', [...deviceDirectories, ...operationalStates], () => []);
    expect(await scene.hostStates('NetworkManager')).toContain('absent');
  });

  test('bus and manager that are restarted at once change nothing of the link', async () => {
    await scene.lab.ok(['systemctl', 'restart', 'dbus', 'NetworkManager']);
    await scene.nmcli('nm1', 'connected');
    await scene.lab.until(
      'NetworkManager to be followed again',
      async () => (await scene.hostStates('NetworkManager')).at(-1) === 'connected-global',
      deadline,
    );
    await scene.listenAgain();
    await scene.told('nm1', [...deviceDirectories, ...operationalStates], () => []);
    await scene.lab.ok(['nmcli', 'device', 'disconnect', 'nm1']);
    await scene.nmcli('nm1', 'disconnected');
    await saysTheSame();
  }, 120_000);

  test('a vanished device runs its hooks once', async () => {
    await scene.lab.links.remove('nm1');
    await scene.told('nm1', ['link-removed'], () => ['link-removed']);
  });
});

describeLab('a machine without a bus', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'no-bus' });
  }, 120_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  describe('at the start', () => {
    test('is followed by the kernel, and by its managers when they come', async () => {
      await lab.ok(['systemctl', 'stop', 'dbus.socket', 'dbus.service']);
      await lab.links.add(link, 1, 'dhcp');
      const hasRoute = async (): Promise<boolean> =>
        (await lab.ok(['ip', 'route', 'show', 'default', 'dev', link])).includes('10.77.1.1');
      await lab.until('a lease', hasRoute, deadline);
      await using daemon = await DaemonInLab.start(lab);
      await daemon.waitUntilQuiet();
      const states = await daemon.directoriesOf(link, [...operationalStates, ...administrativeStates]);
      expect(states).toEqual(['carrier', 'routable', 'configured']);
      const initial = await daemon.toldOf(link);
      expect(initial.every(({ environment }) => environment['NETEVD_INITIAL'] === '1')).toBe(true);
      expect(daemon.log).toContain('system bus');
      await daemon.forget();
      await lab.ok(['systemctl', 'start', 'dbus.socket', 'dbus.service']);
      await lab.ok(['systemctl', 'restart', 'systemd-networkd']);
      const isHeard = async (): Promise<boolean> =>
        (await daemon.diagnostics()).managers.networkd === 'current';
      await lab.until('networkd to be heard', isHeard, deadline);
      await lab.ok(['networkctl', 'reconfigure', link]);
      const isTold = async (): Promise<boolean> =>
        (await daemon.directoriesOf(link, ['configured'])).length > 0;
      await lab.until('networkd to configure the link', isTold, deadline);
      const told = (await daemon.toldOf(link)).filter(({ directory }) => directory === 'configured');
      expect(told.map(({ environment }) => environment['BACKEND'])).toEqual(['systemd-networkd']);
      expect(await daemon.stop()).toBe(0);
    }, 120_000);
  });
});
