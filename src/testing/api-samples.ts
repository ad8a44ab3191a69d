/** Answers and records of the API for unit tests: plain ones, of which a test changes what it is about. */
import type {
  EventRecord,
  HookRunRecord,
  HookRunSummary,
  HostProblem,
  Interface,
  Status,
} from '../client/types.ts';

const EPOCH = 'e';
const START = Date.parse('2026-11-28T02:51:00.000Z');

/** Milliseconds since 1970 of the sample clock. */
export const sampleTime = (seconds: number): number => START + seconds * 1000;
/** The same as RFC 3339. */
export const sampleIso = (seconds: number): string => new Date(sampleTime(seconds)).toISOString();

/** A routable link that is watched. */
export const sampleLink = (index: number, more: Partial<Interface> = {}): Interface => ({
  name: `eth${index}`,
  index,
  state: 'routable',
  type: 'ether',
  mac_address: null,
  mtu: 1500,
  addresses: [],
  flags: [],
  setup: null,
  owner: 'kernel',
  master: null,
  driver: null,
  gateway: null,
  dns: [],
  domains: [],
  since: sampleIso(0),
  watched: true,
  ...more,
});

/** eth2 lost its carrier; `seq` is also the second at which that was. */
export const sampleEvent = (seq: number, more: Partial<EventRecord> = {}): EventRecord => ({
  schema: 'netevd.event.v1',
  id: `${EPOCH}/${seq}`,
  seq,
  ts: sampleIso(seq),
  kind: 'event',
  event: 'no-carrier',
  action: 'no-carrier',
  changed_addresses: null,
  link: 'eth2',
  index: 2,
  severity: 'warning',
  message: 'carrier lost (routable → no-carrier)',
  caused_by: null,
  state: 'no-carrier',
  previous_state: 'routable',
  backend: 'kernel',
  initial: false,
  resync: false,
  addresses: [],
  mtu: 1500,
  operstate: 'down',
  flags: [],
  routes_delta: [],
  gateway: null,
  dns: [],
  domains: [],
  ...more,
});

/** A run that went well. */
export const sampleRun = (seq: number, more: Partial<HookRunSummary> = {}): HookRunSummary => ({
  id: `${EPOCH}/${seq}`,
  directory: 'no-carrier',
  script: '10-alert',
  path: '/etc/netevd/no-carrier.d/10-alert',
  link: 'eth2',
  index: 2,
  state: 'no-carrier',
  backend: 'kernel',
  started_at: sampleIso(seq),
  duration_ms: 34,
  cpu_ms: 3,
  result: 'ok',
  exit_code: 0,
  signal: null,
  reason: null,
  remedy: null,
  retry: false,
  caused_by: null,
  ...more,
});

/** The record of a run. */
export const sampleRunRecord = (seq: number, more: Partial<HookRunSummary> = {}): HookRunRecord => ({
  schema: 'netevd.event.v1',
  id: `${EPOCH}/${seq}`,
  seq,
  ts: sampleIso(seq),
  kind: 'hook_run',
  event: 'no-carrier',
  link: 'eth2',
  index: 2,
  severity: 'info',
  message: 'no-carrier.d/10-alert: ran, 34 ms',
  caused_by: null,
  run: sampleRun(seq, more),
});

/** A problem of one link. */
export const sampleProblem = (link: string): HostProblem => ({
  id: `link-no-carrier:${link}`,
  severity: 'warning',
  since: sampleIso(0),
  link,
  what: 'no carrier (was routable)',
  remedy: null,
  caused_by: null,
});

const source = { state: 'absent', since: null, wanted: false } as const;

/** A host on which nothing is wrong. */
export const sampleStatus = (more: Partial<Status> = {}): Status => ({
  status: 'ok',
  version: '0',
  uptime_seconds: 1,
  backend: 'auto',
  interfaces_monitored: 0,
  events_processed: 0,
  scripts_executed: 0,
  last_event: null,
  time: sampleIso(0),
  started_at: sampleIso(0),
  epoch: EPOCH,
  hostname: 'gw1',
  pid: 1,
  health: 'healthy',
  problems: [],
  sources: { kernel: source, 'systemd-networkd': source, NetworkManager: source, dhclient: source },
  links: { by_state: {}, not_watched: 0 },
  hooks: { queued: 0, running: 0, ran_24h: 0, failed_24h: 0, refused: 0 },
  routing: { links: 0, in_sync: 0, repairs_24h: 0 },
  history: { oldest_seq: null, oldest_at: null, head_seq: null, path: null, size_bytes: 0, error: null },
  streams: 0,
  dry_run: false,
  ...more,
});
