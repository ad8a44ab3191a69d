import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  ip,
  sampleAddress,
  sampleEvent,
  sampleKernelLink,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleNetworkdLink,
  sampleRoute,
  sampleState,
  sampleStatistics,
} from '../../testing/sample-state.ts';
import type { NetworkEvent } from '../model/event.ts';
import { eventId, generation, ifIndex, tableId } from '../model/ids.ts';
import { AddressFlag, type AddressObject } from '../model/kernel-objects.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';
import { utf8Length } from '../model/utf8-length.ts';
import { type HookContext, hookInput, maxEnvironmentString } from './environment.ts';

const hookContext: HookContext = {
  home: '/',
  user: 'netevd',
  lang: 'C.UTF-8',
  timezone: 'UTC',
  emitJson: true,
};
interface Built {
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly json: Readonly<Record<string, unknown>>;
  readonly stdin: string;
  readonly rejected: readonly (readonly [string, number])[];
}
function build(
  event: Partial<NetworkEvent>,
  state: State = sampleState(),
  over: Partial<HookContext> = {},
): Built {
  const input = hookInput({ event: sampleEvent(event), state }, { ...hookContext, ...over });
  if (!input.ok) throw new Error(input.problem);
  return {
    env: input.environment,
    json: JSON.parse(input.json),
    stdin: input.json,
    rejected: input.rejected,
  };
}
const withAddresses = (
  addresses: readonly AddressObject[],
  over: Parameters<typeof sampleState>[0] = {},
): State =>
  sampleState({
    ...over,
    kernelLinks: [sampleKernelLink({ addresses: mapOf(addresses.map((one) => [one.address, one])) })],
  });

describe('hookInput: environment', () => {
  test('the environment of a state event has exactly the documented variables', () => {
    const { env, stdin } = build({});
    expect(env).toEqual({
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/',
      USER: 'netevd',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      LINK: 'eth0',
      LINKINDEX: '2',
      STATE: 'routable',
      PREVIOUS_STATE: 'carrier',
      EVENT: 'routable',
      BACKEND: 'kernel',
      GENERATOR: 'kernel',
      ADDRESSES: '192.168.1.100',
      GATEWAY: '192.168.1.1',
      MTU: '1500',
      NETEVD_EVENT_ID: 'e-1',
      NETEVD_SEQ: '1',
      JSON: stdin,
    });
  });

  test('the environment of a host event has no link', () => {
    const { link: _link, ...event } = sampleEvent({
      directory: 'manager',
      source: 'systemd-networkd',
      properties: { OperationalState: 'routable', OnlineState: 'online', NamespaceId: '4026531992' },
    });
    const input = hookInput({ event, state: sampleState() }, hookContext);
    if (!input.ok) throw new Error(input.problem);
    const { environment } = input;
    for (const name of ['LINK', 'LINKINDEX', 'ADDRESSES', 'MTU', 'NamespaceId'])
      expect(environment).not.toHaveProperty(name);
    expect(environment['OperationalState']).toBe('routable');
    expect(environment['OnlineState']).toBe('online');
    expect(JSON.parse(input.json)).toMatchObject({
      event: 'manager',
      link: null,
      index: null,
      properties: { NamespaceId: '4026531992' },
    });
  });

  const rows: readonly [
    name: string,
    event: Partial<NetworkEvent>,
    state: State,
    env: Readonly<Record<string, string | undefined>>,
  ][] = [
    [
      'NETEVD_INITIAL marks start events',
      { initial: true },
      sampleState(),
      { NETEVD_INITIAL: '1', NETEVD_RETRY: undefined },
    ],
    [
      'PREVIOUS_STATE of a first state is empty',
      { previousState: '' },
      sampleState(),
      { PREVIOUS_STATE: '' },
    ],
    [
      'CHANGED_ADDRESSES lists the changed addresses',
      { directory: 'address-added', changedAddresses: [ip('10.0.0.1'), ip('fe80::1')] },
      sampleState(),
      { CHANGED_ADDRESSES: '10.0.0.1 fe80::1' },
    ],
    [
      'EVENT of a route event is its action',
      { directory: 'routes', name: 'del', routesDelta: [{ action: 'del', route: sampleRoute() }] },
      sampleState(),
      { EVENT: 'del' },
    ],
    [
      'networkd adds its properties, DNS and domains',
      { source: 'systemd-networkd' },
      sampleState({
        networkd: [[ifIndex(2), sampleNetworkdLink()]],
        statuses: [sampleLinkStatus({ owner: 'systemd-networkd' })],
      }),
      {
        BACKEND: 'systemd-networkd',
        GENERATOR: 'systemd-networkd',
        OperationalState: 'routable',
        AdministrativeState: 'configured',
        CarrierState: 'carrier',
        AddressState: 'routable',
        IPv4AddressState: 'routable',
        IPv6AddressState: 'degraded',
        OnlineState: 'online',
        DNS: '192.168.1.53',
        DOMAINS: 'example.org',
      },
    ],
    [
      'without networkd its properties are absent',
      {},
      sampleState(),
      { OperationalState: undefined, OnlineState: undefined },
    ],
    [
      'dhclient adds its lease',
      { source: 'dhclient' },
      sampleState({ leases: [sampleLease()], routes: [] }),
      {
        DHCP_ADDRESS: '192.168.1.100',
        DHCP_SUBNET_MASK: '255.255.255.0',
        DHCP_GATEWAY: '192.168.1.1',
        DHCP_DNS: '192.168.1.53 9.9.9.9',
        DHCP_DOMAIN: 'example.org',
        DHCP_HOSTNAME: 'printer',
        DHCP_LEASE: 'ADDRESS=192.168.1.100 ROUTER=192.168.1.1',
        DNS: '192.168.1.53 9.9.9.9',
        DOMAINS: 'example.org',
        GATEWAY: '192.168.1.1',
      },
    ],
    [
      'the lease of another link is left out',
      {},
      sampleState({ leases: [sampleLease({ interfaceName: 'eth1' })] }),
      { DHCP_ADDRESS: undefined },
    ],
    [
      'a lease is left out if the link has only other addresses',
      {},
      sampleState({ leases: [sampleLease({ addresses: [ip('192.168.1.99')] })] }),
      { DHCP_ADDRESS: undefined, DNS: undefined },
    ],
    [
      'a lease is included if the link has no address',
      {},
      { ...withAddresses([]), leases: sampleState({ leases: [sampleLease()] }).leases },
      { DHCP_ADDRESS: '192.168.1.100' },
    ],
    [
      'ADDRESSES has IPv4 first, deprecated addresses last, and no link-local ones',
      {},
      withAddresses([
        sampleAddress('2001:db8::2', { flags: AddressFlag.deprecated }),
        sampleAddress('2001:db8::9'),
        sampleAddress('fe80::1'),
        sampleAddress('10.0.0.2', { flags: AddressFlag.temporaryOrSecondary }),
        sampleAddress('10.0.0.10'),
        sampleAddress('169.254.1.1'),
        sampleAddress('10.0.0.9'),
      ]),
      { ADDRESSES: '10.0.0.9 10.0.0.10 10.0.0.2 2001:db8::9 2001:db8::2' },
    ],
    [
      'ADDRESSES leaves out addresses that are not ready',
      {},
      withAddresses([
        sampleAddress('2001:db8::1', { flags: AddressFlag.tentative }),
        sampleAddress('2001:db8::2', { flags: AddressFlag.dadFailed }),
      ]),
      { ADDRESSES: '' },
    ],
    [
      'GATEWAY is that of the best default route in the main table',
      {},
      sampleState({
        routes: [
          sampleRoute({ priority: 500 }),
          sampleRoute({
            family: 6,
            destination: ip('::'),
            nextHops: [{ ifindex: ifIndex(2), gateway: ip('fe80::99'), weight: 1, flags: 0 }],
          }),
          sampleRoute({
            priority: 100,
            nextHops: [{ ifindex: ifIndex(2), gateway: ip('192.168.1.254'), weight: 1, flags: 0 }],
          }),
          sampleRoute({
            table: tableId(202),
            nextHops: [{ ifindex: ifIndex(2), gateway: ip('10.9.9.9'), weight: 1, flags: 0 }],
          }),
          sampleRoute({ nextHops: [{ ifindex: ifIndex(9), gateway: ip('10.8.8.8'), weight: 1, flags: 0 }] }),
        ],
      }),
      { GATEWAY: '192.168.1.254' },
    ],
  ];
  test.each(rows)('the environment: %s', (_name, event, state, env) => {
    const built = build(event, state).env;
    for (const [name, value] of Object.entries(env)) expect([name, built[name]]).toEqual([name, value]);
  });

  test('NETEVD_RETRY marks a hook that may have run before', () => {
    const input = hookInput({ event: sampleEvent(), state: sampleState(), retry: true }, hookContext);
    expect(input.ok && input.environment['NETEVD_RETRY']).toBe('1');
  });

  test('without emit_json there is no JSON variable, but stdin has the JSON', () => {
    const { env, json } = build({}, sampleState(), { emitJson: false });
    expect(env).not.toHaveProperty('JSON');
    expect(json['Name']).toBe('eth0');
  });
});

describe('hookInput: values from peers', () => {
  test('invalid values are left out and counted', () => {
    const invalid = '$(reboot)';
    const lease = sampleLease({
      dns: [ip(invalid), ip('9.9.9.9')],
      domains: ['a b', 'example.org'],
      hostName: '`id`',
      subnetMask: '255.255.255.0;ls',
      text: 'ADDRESS=1\nLINK=x',
    });
    const { env, rejected } = build({}, sampleState({ leases: [lease] }));
    expect(env['DNS']).toBe('9.9.9.9');
    expect(env['DOMAINS']).toBe('example.org');
    for (const name of ['DHCP_HOSTNAME', 'DHCP_SUBNET_MASK', 'DHCP_LEASE', 'DHCP_DOMAIN'])
      expect(env).not.toHaveProperty(name);
    expect(Object.fromEntries(rejected)).toEqual({
      DNS: 1,
      DOMAINS: 1,
      DHCP_DNS: 1,
      DHCP_DOMAIN: 1,
      DHCP_HOSTNAME: 1,
      DHCP_SUBNET_MASK: 1,
      DHCP_LEASE: 1,
    });
  });

  test('a path with a line break is left out', () => {
    const networkd = sampleNetworkdLink({ networkFile: '/etc/x\n/etc/y' });
    const { json, rejected } = build({}, sampleState({ networkd: [[ifIndex(2), networkd]] }));
    expect(json['NetworkFile']).toBe('');
    expect(rejected).toContainEqual(['NetworkFile', 1]);
  });

  test('a value with a NUL is left out', () => {
    const { env } = build({ id: eventId('made\0up') });
    expect(env).not.toHaveProperty('NETEVD_EVENT_ID');
    expect(env).toHaveProperty('NETEVD_SEQ');
  });

  test.each([['a\nb'], ['\u001b[2J'], ['..'], [''], ['sixteen-bytes-xx'], ['a\ufffd'], ['a\\xff']])(
    'no hook runs for a link named %j',
    (name) => {
      const link = { index: ifIndex(2), generation: generation(0), name };
      expect(hookInput({ event: sampleEvent({ link }), state: sampleState() }, hookContext)).toEqual({
        ok: false,
        problem: 'invalid-link-name',
      });
    },
  );

  test.each([['wan+1'], ['eth0.100'], ['br-lan@x'], ['größe'], ['$(id)']])(
    'a link may be named %j',
    (name) => {
      const link = { index: ifIndex(2), generation: generation(0), name };
      expect(build({ link }).env['LINK']).toBe(name);
    },
  );

  test('no variable contains a control character', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const lease = sampleLease({ dns: [ip(a)], domains: [b], hostName: c, text: a + b, subnetMask: b });
        const networkd = sampleNetworkdLink({ networkFile: c, ntp: [a], gateways: [ip(b)] });
        const { env } = build(
          {},
          sampleState({ leases: [lease], networkd: [[ifIndex(2), networkd]], routes: [] }),
        );
        for (const value of Object.values(env)) expect(value).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe('hookInput: JSON', () => {
  const full = sampleState({
    kernelLinks: [
      sampleKernelLink({
        addresses: mapOf(
          [
            sampleAddress('192.168.1.100', { broadcast: ip('192.168.1.255'), label: 'eth0' }),
            sampleAddress('fe80::1', { scope: 253, validLifetime: 1800, preferredLifetime: 900 }),
          ].map((one) => [one.address, one]),
        ),
      }),
    ],
    networkd: [[ifIndex(2), sampleNetworkdLink()]],
    statuses: [sampleLinkStatus({ owner: 'systemd-networkd' })],
  });

  test('the JSON contains the event', () => {
    const delta = { action: 'change' as const, route: sampleRoute(), previous: sampleRoute({ priority: 9 }) };
    const { json } = build(
      { directory: 'routes', name: 'change', routesDelta: [delta], changedAddresses: [ip('10.0.0.1')] },
      full,
    );
    expect(json).toMatchObject({
      schema: 'netevd.event.v1',
      id: 'e-1',
      seq: 1,
      event: 'routes',
      ts: '2026-09-21T14:13:20.123Z',
      link: 'eth0',
      index: 2,
      state: 'routable',
      previous_state: 'carrier',
      backend: 'kernel',
      addresses: ['192.168.1.100'],
      changed_addresses: ['10.0.0.1'],
      mtu: 1500,
      operstate: 'up',
      flags: ['up', 'broadcast', 'multicast', 'running', 'lower_up'],
      gateway: '192.168.1.1',
      dns: ['192.168.1.53'],
      domains: ['example.org'],
    });
    expect(json['routes_delta']).toEqual([
      {
        action: 'change',
        family: 'ipv4',
        dst: '0.0.0.0/0',
        gateway: '192.168.1.1',
        src: null,
        table: 254,
        protocol: 4,
        scope: 0,
        type: 1,
        priority: 0,
        previous: expect.objectContaining({ priority: 9 }),
      },
    ]);
  });

  test('the JSON contains the interface with the keys of network-broker', () => {
    const { json } = build({}, full);
    expect(json).toMatchObject({
      Index: 2,
      Name: 'eth0',
      MTU: 1500,
      HardwareAddr: '02:00:00:00:00:01',
      Flags: 'up|broadcast|multicast|running',
      Driver: 'veth',
      OperState: 'up',
      KernelOperState: 'up',
      OperationalState: 'routable',
      AdministrativeState: 'configured',
      IPv4AddressState: 'routable',
      IPv6AddressState: 'degraded',
      AddressState: 'routable',
      CarrierState: 'carrier',
      OnlineState: 'online',
      Type: 'ether',
      NetworkFile: '/etc/systemd/network/10-eth0.network',
      DNS: ['192.168.1.53'],
      Domains: ['example.org'],
      NTP: ['ntp.example.org'],
    });
    expect(json['Address']).toEqual([
      {
        IP: '192.168.1.100',
        Mask: 24,
        Family: 'IPv4',
        Scope: 0,
        Label: 'eth0',
        Broadcast: '192.168.1.255',
        Peer: '',
        Flags: 128,
        PreferedLft: 4294967295,
        ValidLft: 4294967295,
      },
      {
        IP: 'fe80::1',
        Mask: 64,
        Family: 'IPv6',
        Scope: 253,
        Label: '',
        Broadcast: '',
        Peer: '',
        Flags: 128,
        PreferedLft: 900,
        ValidLft: 1800,
      },
    ]);
    expect(json['Routes']).toEqual([
      {
        Dst: { IP: '0.0.0.0', Mask: 0 },
        Gw: '192.168.1.1',
        Src: '',
        Table: 254,
        Protocol: 4,
        Scope: 0,
        Type: 1,
        Priority: 0,
      },
    ]);
    expect(Object.keys(json['Statistics'] as object)).toHaveLength(23);
    expect(json['Statistics']).toMatchObject({
      RxPackets: 94741,
      RxBytes: 9007199254740991,
      TxCompressed: 0,
    });
  });

  test('the JSON contains states derived from the kernel alone', () => {
    expect(build({}).json).toMatchObject({
      IPv4AddressState: 'routable',
      IPv6AddressState: 'off',
      AdministrativeState: 'configured',
      OnlineState: '',
      DNS: [],
    });
  });

  test('the JSON contains fresh statistics', () => {
    const statistics = { ...sampleStatistics, rxPackets: 5 };
    const input = hookInput({ event: sampleEvent(), state: full, statistics }, hookContext);
    expect(input.ok && JSON.parse(input.json).Statistics.RxPackets).toBe(5);
  });

  test('the JSON of a vanished link has its last details and state missing', () => {
    const { json } = build({ directory: 'link-removed', state: 'missing', previousState: 'routable' }, full);
    expect(json).toMatchObject({
      state: 'missing',
      OperationalState: 'missing',
      Name: 'eth0',
      MTU: 1500,
      Driver: 'veth',
    });
  });

  test('the JSON does not contain details of another link with the same index', () => {
    const link = { index: ifIndex(2), generation: generation(7), name: 'eth0' };
    const { json, env } = build({ link }, sampleState({ routes: [] }));
    expect(json).toMatchObject({ addresses: [], HardwareAddr: '' });
    expect(env['ADDRESSES']).toBe('');
    expect(env).not.toHaveProperty('MTU');
  });
});

describe('hookInput: limits', () => {
  const many = (count: number): State =>
    withAddresses(
      Array.from({ length: count }, (_, i) => sampleAddress(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)),
      {
        routes: Array.from({ length: count }, (_, i) =>
          sampleRoute({ destination: ip(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`), prefixLength: 32 }),
        ),
      },
    );

  test('lists that are too long are truncated in the environment and complete on stdin', () => {
    const { env, json, stdin } = build({}, many(20_000));
    const inEnvironment: { truncated: boolean; MTU: number; Address: unknown[]; Routes: unknown[] } =
      JSON.parse(env['JSON'] ?? '');
    expect(inEnvironment.truncated).toBe(true);
    expect(json).not.toHaveProperty('truncated');
    expect((json['Address'] as unknown[]).length).toBe(20_000);
    expect(stdin.length).toBeGreaterThan(1_000_000);
    expect(inEnvironment.MTU).toBe(1500);
    expect(inEnvironment.Address.length).toBeGreaterThan(100);
    expect(inEnvironment.Address.length).toBe(inEnvironment.Routes.length);
    for (const [name, value = ''] of Object.entries(env)) {
      expect(name.length + utf8Length(value) + 2).toBeLessThanOrEqual(maxEnvironmentString);
    }
    expect(env['ADDRESSES']).toMatch(/^(\d+\.\d+\.\d+\.\d+ )+\d+\.\d+\.\d+\.\d+$/);
    expect(env['NETEVD_TRUNCATED']?.split(' ')).toContain('ADDRESSES');
    const known = new Set(json['addresses'] as string[]);
    for (const address of env['ADDRESSES']?.split(' ') ?? []) expect(known.has(address)).toBe(true);
  });

  test('lists are truncated no more than necessary', () => {
    let largest = 0;
    for (let count = 400; count < 500; count++) {
      const { env, stdin } = build({}, many(count));
      const text = env['JSON'] ?? '';
      const fits = utf8Length(stdin) + 'JSON=\0'.length <= maxEnvironmentString;
      expect('truncated' in JSON.parse(text)).toBe(!fits);
      largest = Math.max(largest, utf8Length(text) + 'JSON=\0'.length);
    }
    expect(largest).toBeLessThanOrEqual(maxEnvironmentString);
    expect(largest).toBeGreaterThan(maxEnvironmentString - 1024);
  });

  test('utf8Length returns the length in UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
    expect(utf8Length('\ud800x')).toBe(4);
  });
});

test('the JSON of a link without driver, addresses and routes has every key', () => {
  const { driver: _driver, ...bare } = sampleKernelLink({
    addresses: mapOf([]),
    object: sampleLinkObject({ hardwareType: 4242 }),
  });
  const { json } = build({}, sampleState({ kernelLinks: [bare], routes: [] }));
  expect(json).toMatchObject({ Driver: '', Type: '4242', Address: [], Routes: [], gateway: null });
});
