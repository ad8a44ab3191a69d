/** Keys of the daemon itself: `system`, `monitoring` and `hooks`. */
import { millis } from '../../../core/model/ids.ts';
import { sources } from '../../../core/model/vocabulary.ts';
import type { ConfigValues } from '../../config-values.ts';
import { type Entries, key, listKey, optionalKey, type Unit, unitKey } from '../key.ts';
import { choice, linkPatterns, path, seconds, user, whole } from '../values.ts';

const inMillis: Unit<number, ReturnType<typeof millis>> = { read: millis, write: (value) => value };
const inSeconds: Unit<number, ReturnType<typeof millis>> = {
  read: (value) => millis(Math.round(value * 1000)),
  write: (value) => value / 1000,
};
const inKibibytes: Unit<number, number> = { read: (value) => value * 1024, write: (value) => value / 1024 };

export const system: Entries<ConfigValues['system']> = {
  logLevel: key({
    name: 'log_level',
    type: choice(['trace', 'debug', 'info', 'warn', 'error']),
    default: 'info',
    doc: 'Lowest level that is logged.',
    environment: 'NETEVD_LOG_LEVEL',
  }),
  logFormat: key({
    name: 'log_format',
    type: choice(['auto', 'journal', 'json', 'text']),
    default: 'auto',
    doc: "auto: the systemd journal's native protocol under systemd, coloured text on a terminal, else JSON lines.",
  }),
  backend: key({
    name: 'backend',
    type: choice(['auto', ...sources.filter((source) => source !== 'kernel'), 'kernel']),
    default: 'auto',
    doc: 'Network manager to follow. auto: every manager that runs, for each link the one that owns it; works without any.',
    environment: 'NETEVD_BACKEND',
  }),
  user: key({
    name: 'user',
    type: user(),
    default: 'netevd',
    doc: 'User to become when started as root.',
    needsRestart: true,
  }),
  runtimeDirectory: optionalKey({
    name: 'runtime_directory',
    type: path(),
    doc: 'State that survives a restart, and the default place of the socket. Default: $RUNTIME_DIRECTORY, else /run/netevd.',
    needsRestart: true,
    example: '/run/netevd',
  }),
};

const defaultExclude = 'lo docker* br-* cni* flannel* cilium* cali* veth* virbr* lxc*'.split(' ');

export const monitoring: Entries<ConfigValues['monitoring']> = {
  interfaces: listKey({
    name: 'interfaces',
    type: linkPatterns(),
    default: [],
    doc: 'Names or globs of the links to monitor; also one string with spaces between. Empty: all links.',
  }),
  matchPatterns: listKey({
    name: 'match_patterns',
    type: linkPatterns(),
    default: [],
    doc: 'Globs, added to interfaces.',
  }),
  exclude: listKey({
    name: 'exclude',
    type: linkPatterns(),
    default: defaultExclude,
    doc: 'Globs of links to leave out. Applies only if interfaces and match_patterns are empty; an empty list leaves out nothing.',
  }),
};

export const hooks: Entries<ConfigValues['hooks']> = {
  directory: key({
    name: 'directory',
    type: path(),
    default: '/etc/netevd',
    doc: 'Directory of the *.d directories with the hooks.',
  }),
  timeout: unitKey({
    name: 'timeout_sec',
    type: seconds('a number of seconds (0 = none)', 86_400),
    default: 30,
    unit: inSeconds,
    doc: 'Seconds that one hook may take before it gets SIGTERM. 0: no limit.',
  }),
  killGrace: unitKey({
    name: 'kill_grace_sec',
    type: seconds('a number of seconds', 3600),
    default: 5,
    unit: inSeconds,
    doc: 'Seconds between SIGTERM and SIGKILL, both to the process group of the hook.',
  }),
  debounce: unitKey({
    name: 'debounce_ms',
    type: whole('a number of milliseconds', 0, 60_000),
    default: 50,
    unit: inMillis,
    doc: 'Milliseconds in which address, mtu and route events of one link are joined, and for which a value must be still before its transition is reported. No value is lost; states and carrier never wait.',
  }),
  maxParallel: key({
    name: 'max_parallel',
    type: whole('a number of links', 1, 1024),
    default: 4,
    doc: 'Links whose hooks run at the same time. Hooks of one link always run in order.',
  }),
  queueLimit: key({
    name: 'queue_limit',
    type: whole('a number of events', 1, 1_000_000),
    default: 256,
    doc: 'Waiting events of one link. Beyond it, the oldest event of the same kind is superseded and recorded as such.',
  }),
  outputLimit: unitKey({
    name: 'output_limit_kb',
    type: whole('a number of KiB', 0, 65_536),
    default: 64,
    unit: inKibibytes,
    doc: 'KiB of standard output and error that are captured of one run.',
  }),
  onStart: key({
    name: 'on_start',
    type: choice(['changed', 'replay', 'never']),
    default: 'changed',
    doc: 'changed: run hooks for what differs from the state of the previous run (at boot: for everything). replay: for every link at each start. never: for nothing.',
  }),
};
