/** Answers of the API for one host with a lost modem, for the command line's tests. */
import type {
  EventRow,
  HookFile,
  HookRunDetails,
  HookRunSummary,
  HooksAnswer,
  Interface,
  InterfaceDetails,
  NetevdRecord,
  Route,
  Rule,
  Status,
} from '../client/types.ts';

/** The clock of the host, and of the tests. */
export const sampleNow = '2026-11-28T02:54:07.000Z';

const epoch = '01930000-0000-7000-8000-000000000001';

/** A time before `sampleNow`. */
export const ago = (ms: number): string => new Date(Date.parse(sampleNow) - ms).toISOString();

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const link = (index: number, name: string, more: Partial<Interface>): Interface => ({
  name,
  index,
  state: 'routable',
  type: 'ether',
  mac_address: `02:00:5e:10:00:0${index}`,
  mtu: 1500,
  addresses: [],
  flags: ['UP', 'BROADCAST', 'MULTICAST'],
  setup: 'configured',
  owner: 'systemd-networkd',
  master: null,
  driver: null,
  gateway: null,
  dns: [],
  domains: [],
  since: ago(12 * day),
  watched: true,
  ...more,
});

const eth0 = link(2, 'eth0', {
  addresses: [
    { ip: 'fe80::5eff:fe10:2', prefix: 64, family: 'ipv6', scope: 'link' },
    { ip: '203.0.113.7', prefix: 24, family: 'ipv4', scope: 'global' },
    { ip: '2001:db8::7', prefix: 64, family: 'ipv6', scope: 'global' },
  ],
  driver: 'e1000e',
  gateway: '203.0.113.1',
  dns: ['203.0.113.1', '2001:db8::53'],
  domains: ['example.net'],
});

export const sampleInterfaces: readonly Interface[] = [
  link(1, 'lo', { type: 'loopback', state: 'carrier', owner: 'kernel', setup: null, watched: false }),
  eth0,
  link(3, 'eth1', {
    addresses: [{ ip: '192.0.2.10', prefix: 24, family: 'ipv4', scope: 'global' }],
    owner: 'kernel',
    setup: null,
    gateway: '192.0.2.1',
    since: ago(2 * hour),
  }),
  link(5, 'wwan0', {
    type: 'wwan',
    state: 'no-carrier',
    setup: 'configuring',
    owner: 'NetworkManager',
    since: ago(3 * minute),
  }),
];

export const sampleStatus: Status = {
  status: 'degraded',
  version: '0.4.0',
  uptime_seconds: (12 * day + 4 * hour + 5 * minute) / 1000,
  backend: 'auto',
  interfaces_monitored: 3,
  events_processed: 48_216,
  scripts_executed: 1204,
  last_event: ago(14_000),
  time: sampleNow,
  started_at: ago(12 * day + 4 * hour + 5 * minute),
  epoch,
  hostname: 'gw1',
  pid: 812,
  health: 'problems',
  problems: [
    {
      id: 'link-no-carrier:wwan0',
      severity: 'warning',
      since: ago(3 * minute),
      link: 'wwan0',
      what: 'no carrier (was routable)',
      remedy: 'netevd show interface wwan0',
      caused_by: `${epoch}/48212`,
    },
    {
      id: 'hook-failed:no-carrier/10-alert',
      severity: 'error',
      since: ago(2 * minute + 58_000),
      link: null,
      what: 'no-carrier.d/10-alert: exit 3 after 2.3 s',
      remedy: 'netevd show run 48214',
      caused_by: `${epoch}/48214`,
    },
  ],
  sources: {
    kernel: { state: 'current', since: ago(12 * day), wanted: true },
    'systemd-networkd': { state: 'current', since: ago(12 * day), wanted: true },
    NetworkManager: { state: 'absent', since: null, wanted: true },
    dhclient: { state: 'absent', since: null, wanted: false },
  },
  links: { by_state: { routable: 2, 'no-carrier': 1 }, not_watched: 14 },
  hooks: { queued: 0, running: 0, ran_24h: 1204, failed_24h: 3, refused: 1 },
  routing: { links: 1, in_sync: 1, repairs_24h: 2 },
  history: {
    oldest_seq: 1,
    oldest_at: '2026-11-01T00:00:00.000Z',
    head_seq: 48_216,
    path: '/var/lib/netevd/events.db',
    size_bytes: 12_000_000,
    error: null,
  },
  streams: 1,
  dry_run: false,
};

const head = {
  schema: 'netevd.event.v1',
  link: null,
  index: null,
  severity: 'info',
  caused_by: null,
} as const;

type EventDraft = Pick<NetevdRecord, 'seq' | 'ts' | 'event' | 'link' | 'index' | 'message' | 'severity'> & {
  readonly backend?: 'kernel' | 'NetworkManager';
};

const event = ({ backend = 'kernel', ...draft }: EventDraft): NetevdRecord => ({
  ...head,
  kind: 'event',
  id: `${epoch}/${draft.seq}`,
  state: draft.event,
  action: draft.event,
  changed_addresses: null,
  previous_state: null,
  backend,
  initial: false,
  resync: false,
  addresses: [],
  mtu: null,
  operstate: null,
  flags: [],
  routes_delta: [],
  gateway: null,
  dns: [],
  domains: [],
  ...draft,
});

/** A failed run: number 48214. */
export const sampleRun: HookRunDetails = {
  id: `${epoch}/48214`,
  directory: 'no-carrier',
  script: '10-alert',
  path: '/etc/netevd/no-carrier.d/10-alert',
  link: 'wwan0',
  index: 5,
  state: 'no-carrier',
  backend: 'NetworkManager',
  started_at: ago(3 * minute),
  duration_ms: 2279,
  cpu_ms: 12,
  result: 'failed',
  exit_code: 3,
  signal: null,
  reason: null,
  remedy: null,
  retry: false,
  caused_by: `${epoch}/48212`,
  stdout: 'calling the pager\n',
  stderr: 'no route to host\n\u001b[31mred\n',
  dropped_output: 0,
  output_held: false,
  pid: 4711,
};

const summary = ({
  stdout: _out,
  stderr: _err,
  dropped_output: _dropped,
  output_held: _held,
  pid: _pid,
  ...rest
}: HookRunDetails): HookRunSummary => rest;

export const sampleRunSummary: HookRunSummary = summary(sampleRun);

/** Oldest first. */
export const sampleEvents: readonly NetevdRecord[] = [
  event({
    seq: 48_212,
    ts: ago(3 * minute),
    event: 'no-carrier',
    link: 'wwan0',
    index: 5,
    message: 'carrier lost (routable → no-carrier)',
    severity: 'warning',
    backend: 'NetworkManager',
  }),
  event({
    seq: 48_213,
    ts: ago(3 * minute - 8),
    event: 'address-removed',
    link: 'wwan0',
    index: 5,
    message: 'address 10.64.3.2 removed',
    severity: 'warning',
  }),
  {
    ...head,
    kind: 'hook_run',
    id: `${epoch}/48214`,
    seq: 48_214,
    ts: ago(3 * minute - 2279),
    event: 'no-carrier',
    link: 'wwan0',
    index: 5,
    severity: 'error',
    message: 'no-carrier.d/10-alert: exit 3 after 2.3 s',
    run: sampleRunSummary,
  },
  {
    ...head,
    kind: 'repair',
    id: `${epoch}/48215`,
    seq: 48_215,
    ts: ago(2 * minute),
    event: 'rule',
    link: 'eth1',
    index: 3,
    severity: 'warning',
    message: 'rule 30001: from 192.0.2.10 in table 203 restored, because another program deleted it',
    object: 'rule',
    action: 'added',
    text: '30001: from 192.0.2.10 lookup 203',
    table: 203,
    restores: true,
    result: 'done',
    error: null,
  },
];

export const rowOf = (record: NetevdRecord): EventRow => ({
  id: record.id,
  seq: record.seq,
  timestamp: record.ts,
  event_type: record.event,
  interface: record.link,
  action: record.message,
  details: record,
});

export const sampleDetails: InterfaceDetails = {
  ...eth0,
  addresses: [
    {
      ...({ ip: '203.0.113.7', prefix: 24, family: 'ipv4', scope: 'global' } as const),
      broadcast: '203.0.113.255',
      peer: null,
      label: 'eth0',
      flags: [],
      preferred_until: ago(-(6 * hour + 12 * minute)),
      valid_until: ago(-(6 * hour + 12 * minute)),
    },
    {
      ...({ ip: '2001:db8::7', prefix: 64, family: 'ipv6', scope: 'global' } as const),
      broadcast: null,
      peer: null,
      label: null,
      flags: ['permanent'],
      preferred_until: null,
      valid_until: null,
    },
  ],
  routes: [],
  dns_servers: ['203.0.113.1', '2001:db8::53'],
  statistics: { rx_bytes: 1 },
  network_file: '/etc/systemd/network/10-wan.network',
  leases: [],
  damping: { penalty: 0, losses: 0, damped: false, remaining_ms: null },
  policy_routing: null,
  last_events: sampleEvents.slice(0, 1).map(rowOf),
};

export const sampleRoutes: readonly Route[] = [
  {
    destination: 'default',
    gateway: '203.0.113.1',
    interface: 'eth0',
    metric: 100,
    table: 254,
    table_name: 'main',
    family: 'ipv4',
    protocol: 'dhcp',
    scope: 'global',
    type: 'unicast',
    source: null,
  },
  {
    destination: '2001:db8::7/128',
    gateway: null,
    interface: 'eth0',
    metric: 0,
    table: 255,
    table_name: 'local',
    family: 'ipv6',
    protocol: 'kernel',
    scope: 'global',
    type: 'local',
    source: null,
  },
];

export const sampleRules: readonly Rule[] = [
  {
    priority: 30_001,
    from: '192.0.2.10/32',
    to: 'all',
    table: 203,
    action: 'lookup',
    interface: null,
    family: 'ipv4',
    owner: 'netevd',
    protocol: '87',
    text: '30001: from 192.0.2.10 lookup 203',
  },
  {
    priority: 32_766,
    from: 'all',
    to: 'all',
    table: 254,
    action: 'lookup',
    interface: null,
    family: 'ipv4',
    owner: 'other',
    protocol: 'kernel',
    text: '32766: from all lookup main',
  },
];

const file = (name: string, more: Partial<HookFile> = {}): HookFile => ({
  name,
  path: `/etc/netevd/no-carrier.d/${name}`,
  verdict: 'runs',
  code: null,
  reason: null,
  remedy: null,
  hint: null,
  filtered_by: [],
  last_run: null,
  ...more,
});

export const sampleHooks: HooksAnswer = {
  directory: '/etc/netevd',
  user: 'netevd',
  directories: [
    {
      event: 'no-carrier',
      path: '/etc/netevd/no-carrier.d',
      when: 'a link has no carrier',
      sources: ['kernel'],
      state: 'ok',
      reason: null,
      remedy: null,
      files: [
        file('10-alert', { last_run: sampleRunSummary, filtered_by: [2] }),
        file('20-open', {
          verdict: 'refused',
          code: 'writable',
          reason: '/etc/netevd/no-carrier.d/20-open can be written by its group (mode 0775)',
          remedy: 'chmod go-w /etc/netevd/no-carrier.d/20-open',
        }),
        file('30-ruby', { hint: 'needs /usr/bin/ruby, which does not exist' }),
      ],
    },
  ],
  unknown_directories: [{ name: 'routeable.d', meant: 'routable' }],
  running: [],
  queued: 0,
};
