/** Answers of the invented host that do not change: its links at the start, its hooks, its policy routing. */
import type {
  ConfigAnswer,
  ExplainAnswer,
  HookFile,
  HooksAnswer,
  Interface,
  LinkAddress,
  OperationalState,
  RoutingAnswer,
} from '../../src/client/types.ts';

/** A link of the invented host; what happens changes it. */
export interface FakeLink {
  readonly name: string;
  readonly index: number;
  readonly type: string;
  readonly owner: string;
  readonly setup: string | null;
  readonly watched: boolean;
  state: OperationalState;
  /** Milliseconds since 1970. */
  since: number;
  addresses: readonly LinkAddress[];
  gateway: string | null;
  segments: { readonly at: number; readonly state: OperationalState }[];
}

const address = (ip: string, prefix: number): LinkAddress => ({
  ip,
  prefix,
  family: ip.includes(':') ? 'ipv6' : 'ipv4',
  scope: ip.startsWith('fe80') ? 'link' : 'global',
});

const HOUR = 3_600_000;

function link(
  index: number,
  name: string,
  state: OperationalState,
  agoMs: number,
  more: Partial<FakeLink> = {},
): FakeLink {
  const since = Date.now() - agoMs;
  return {
    name,
    index,
    type: 'ether',
    owner: 'systemd-networkd',
    setup: 'configured',
    watched: true,
    state,
    since,
    addresses: [],
    gateway: null,
    segments: [{ at: since, state }],
    ...more,
  };
}

export const sampleLinks: readonly FakeLink[] = [
  link(1, 'lo', 'carrier', 292 * HOUR, { type: 'loopback', owner: 'kernel', setup: null, watched: false }),
  link(2, 'eth0', 'routable', 292 * HOUR, {
    addresses: [address('203.0.113.7', 24), address('2001:db8:0:1::7', 64), address('fe80::5eff:fe10:1', 64)],
    gateway: '203.0.113.1',
  }),
  link(3, 'eth1', 'routable', 2 * HOUR, {
    owner: 'kernel',
    setup: null,
    addresses: [address('192.0.2.10', 24)],
    gateway: '192.0.2.1',
    segments: [
      { at: Date.now() - 20 * HOUR, state: 'routable' },
      { at: Date.now() - 9 * HOUR, state: 'no-carrier' },
      { at: Date.now() - 8.6 * HOUR, state: 'routable' },
      { at: Date.now() - 3 * HOUR, state: 'degraded' },
      { at: Date.now() - 2 * HOUR, state: 'routable' },
    ],
  }),
  link(5, 'wwan0', 'routable', 144 * HOUR, {
    type: 'wwan',
    addresses: [address('10.64.3.2', 30)],
    gateway: '10.64.3.1',
  }),
  link(6, 'br-lan', 'degraded', 30 * HOUR, {
    type: 'bridge',
    addresses: [address('fe80::c0ff:fe0e:1', 64)],
  }),
  ...Array.from({ length: 14 }, (_, number) =>
    link(20 + number, `veth${number}`, 'carrier', 5 * HOUR, {
      type: 'veth',
      owner: 'kernel',
      setup: null,
      watched: false,
    }),
  ),
];

/** Many links, all of them watched. */
export const manyLinks = (count: number): readonly FakeLink[] =>
  Array.from({ length: count }, (_, number) =>
    link(10 + number, `port${number}`, number % 50 === 7 ? 'no-carrier' : 'routable', (number % 40) * HOUR, {
      addresses: [address(`10.${number >> 8}.${number & 255}.1`, 24)],
      segments: [
        { at: Date.now() - 30 * HOUR, state: 'routable' },
        { at: Date.now() - 7 * HOUR, state: 'no-carrier' },
        { at: Date.now() - 6 * HOUR, state: 'routable' },
      ],
    }),
  );

/** A link as the API lists it. */
export const interfaceOf = (fake: FakeLink): Interface => ({
  name: fake.name,
  index: fake.index,
  state: fake.state,
  type: fake.type,
  mac_address: fake.type === 'loopback' ? null : `02:00:5e:10:00:${fake.index.toString(16).padStart(2, '0')}`,
  mtu: 1500,
  addresses: fake.addresses,
  flags: ['UP', 'BROADCAST', 'MULTICAST', 'LOWER_UP'],
  setup: fake.setup,
  owner: fake.owner,
  master: null,
  driver: fake.type === 'ether' ? 'e1000e' : null,
  gateway: fake.gateway,
  dns: fake.gateway === null ? [] : ['203.0.113.1', '2001:db8::53'],
  domains: fake.gateway === null ? [] : ['example.net'],
  since: new Date(fake.since).toISOString(),
  watched: fake.watched,
});

const file = (directory: string, name: string, more: Partial<HookFile> = {}): HookFile => ({
  name,
  path: `/etc/netevd/${directory}.d/${name}`,
  verdict: 'runs',
  code: null,
  reason: null,
  remedy: null,
  hint: null,
  filtered_by: [],
  last_run: null,
  ...more,
});

const directory = (
  event: string,
  when: string,
  files: readonly HookFile[],
): HooksAnswer['directories'][number] => ({
  event,
  path: `/etc/netevd/${event}.d`,
  when,
  sources: ['kernel'],
  state: 'ok',
  reason: null,
  remedy: null,
  files,
});

export const hooksAnswer: HooksAnswer = {
  directory: '/etc/netevd',
  user: 'netevd',
  directories: [
    directory('routable', 'a link can be reached from beyond it', [
      file('routable', '10-log'),
      file('routable', '20-ddns', {
        verdict: 'refused',
        code: 'writable',
        reason: '/etc/netevd/routable.d/20-ddns can be written by group (mode 0775)',
        remedy: 'chmod go-w /etc/netevd/routable.d/20-ddns',
      }),
    ]),
    directory('no-carrier', 'a link that is switched on has no carrier', [file('no-carrier', '10-alert')]),
  ],
  unknown_directories: [{ name: 'routeable.d', meant: 'routable' }],
  running: [],
  queued: 0,
};

export const routingAnswer: RoutingAnswer = {
  protocol: 87,
  priorities: [30_000, 30_999],
  links: [
    {
      link: 'eth1',
      index: 3,
      state: 'missing',
      table: 203,
      table_origin: 'derived',
      contested: false,
      families: [
        {
          family: 'ipv4',
          state: 'missing',
          addresses: ['192.0.2.10'],
          paths: [{ address: '192.0.2.10', active: true, diverted_by: null, remedy: null }],
          gateway: { via: ['192.0.2.1'], from: 'route of the main table (proto dhcp)' },
          rules: [
            {
              text: '30000: from 192.0.2.10 lookup main suppress_prefixlength 0',
              present: true,
              problem: null,
            },
            { text: '30001: from 192.0.2.10 lookup 203', present: true, problem: null },
            { text: '30002: to 192.0.2.10 lookup 203', present: true, problem: null },
          ],
          routes: [
            { text: 'default via 192.0.2.1 dev eth1', present: true, problem: null },
            {
              text: '198.51.100.0/24 via 192.0.2.9 dev eth1',
              present: false,
              problem: 'ENETUNREACH: Nexthop has invalid gateway',
            },
          ],
        },
      ],
      conflicts: [],
      repairs_24h: 2,
      last_repair: null,
    },
  ],
  leftovers: [],
};

export const configAnswer: ConfigAnswer = {
  file: '/etc/netevd/netevd.yaml',
  loaded_at: '2026-11-16T08:00:00.000Z',
  values: [
    { key: 'system.log_level', value: 'info', origin: { kind: 'default' } },
    {
      key: 'monitoring.interfaces',
      value: ['eth*', 'wwan0', 'br-lan'],
      origin: { kind: 'file', file: '/etc/netevd/netevd.yaml', line: 7 },
    },
    {
      key: 'routing.policy_rules',
      value: ['eth1'],
      origin: { kind: 'file', file: '/etc/netevd/netevd.yaml', line: 12 },
    },
    { key: 'api.port', value: 9090, origin: { kind: 'environment', variable: 'NETEVD_API_PORT' } },
    { key: 'hooks.timeout_sec', value: 30, origin: { kind: 'default' } },
  ],
};

/** The way of a packet from eth1's address. */
export const explainAnswer = (source: string, destination: string): ExplainAnswer => ({
  packet: { source, destination, iif: null, mark: 0 },
  steps: [
    { priority: 0, rule: 'from all lookup local', outcome: 'noRoute' },
    {
      priority: 30_000,
      rule: `from ${source} lookup main suppress_prefixlength 0`,
      outcome: 'suppressed',
      route: { text: 'default via 203.0.113.1 dev eth0', table: 254, protocol: 'dhcp', metric: 1024 },
    },
    {
      priority: 30_001,
      rule: `from ${source} lookup 203`,
      outcome: 'decides',
      route: { text: 'default via 192.0.2.1 dev eth1', table: 203, protocol: 'netevd', metric: 0 },
    },
    { priority: 30_002, rule: 'to 192.0.2.10 lookup 203', outcome: 'noMatch', reason: 'another destination' },
  ],
  verdict: {
    kind: 'routed',
    route: { text: 'default via 192.0.2.1 dev eth1', table: 203, protocol: 'netevd', metric: 0 },
    ways: [{ link: 'eth1', gateway: '192.0.2.1', weight: 1 }],
  },
  remarks: [],
  text: 'out by eth1, to the gateway 192.0.2.1, by table 203',
});
