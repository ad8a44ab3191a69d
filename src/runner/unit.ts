/**
 * A hook as a transient unit of systemd: what is asked of systemd-run(1), and what systemctl(1) says about its end. Pure.
 * The service manager gives user, capabilities, sandbox and time-out, keeps all processes of the hook together, and
 * refuses a second unit of the same name.
 */
import { constants } from 'node:os';
import type { HookOutcome } from '../core/hooks/hook-run.ts';
import type { HookPrivileges } from '../core/hooks/privileges.ts';
import type { Millis } from '../core/model/ids.ts';

export const systemdRun = '/usr/bin/systemd-run';
export const systemctl = '/usr/bin/systemctl';

export interface UnitRequest {
  readonly unit: string;
  readonly description: string;
  /** Absolute path of the hook. */
  readonly path: string;
  readonly privileges: HookPrivileges;
  /** The user that it runs as. */
  readonly user: string;
  /** 0: none. */
  readonly timeout: Millis;
  readonly killGrace: Millis;
  /** Variables that systemd-run takes from its own environment. */
  readonly variables: readonly string[];
}

/** Variables that the service manager sets by itself (systemd.exec(5), locale.conf(5)); a hook gets ours alone. */
const foreignVariables: readonly string[] = [
  'INVOCATION_ID',
  'JOURNAL_STREAM',
  'SYSTEMD_EXEC_PID',
  'MEMORY_PRESSURE_WATCH',
  'MEMORY_PRESSURE_WRITE',
  'DEBUG_INVOCATION',
  'LOGNAME',
  'SHELL',
  'TERM',
  'TZ',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'LC_NUMERIC',
  'LC_TIME',
  'LC_COLLATE',
  'LC_MONETARY',
  'LC_MESSAGES',
  'LC_PAPER',
  'LC_NAME',
  'LC_ADDRESS',
  'LC_TELEPHONE',
  'LC_MEASUREMENT',
  'LC_IDENTIFICATION',
];

/** Of every hook, whatever its privileges. */
const always: readonly string[] = [
  'NoNewPrivileges=yes',
  'KillMode=control-group',
  'WorkingDirectory=/',
  'UMask=0022',
  'LimitNOFILE=1024:524288',
  'LimitNPROC=4096',
  'TimeoutStartSec=30s',
];

const strictSandbox: readonly string[] = [
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
];

/** Arguments of systemd-run, its own name first. */
export function unitArguments(request: UnitRequest): readonly [string, ...string[]] {
  const properties = [...always, ...limits(request), ...rights(request), ...sandbox(request.privileges)];
  return [
    systemdRun,
    '--quiet',
    '--wait',
    '--pipe',
    '--service-type=exec',
    `--unit=${request.unit}`,
    `--description=${request.description}`,
    ...properties.map((property) => `--property=${property}`),
    `--property=UnsetEnvironment=${foreign(request.variables)}`,
    ...request.variables.map((name) => `--setenv=${name}`),
    '--',
    request.path,
  ];
}

const foreign = (variables: readonly string[]): string =>
  foreignVariables.filter((name) => !variables.includes(name)).join(' ');

const limits = ({ timeout, killGrace }: UnitRequest): readonly string[] => [
  `RuntimeMaxSec=${timeout === 0 ? 'infinity' : `${timeout}ms`}`,
  // 0 would be no limit at all.
  `TimeoutStopSec=${Math.max(1, killGrace)}ms`,
];

/** systemd reads an empty list as "none". */
function rights({ user, privileges: { capabilities } }: UnitRequest): readonly string[] {
  const list = capabilities.join(' ');
  return [`User=${user}`, `CapabilityBoundingSet=${list}`, `AmbientCapabilities=${list}`];
}

function sandbox({ sandbox: kind, writable }: HookPrivileges): readonly string[] {
  if (kind === 'none') return [];
  const tunes = writable.some((path) => /^\/(proc|sys)\//.test(path));
  const paths = writable.length === 0 ? [] : [`ReadWritePaths=${writable.join(' ')}`];
  return [...strictSandbox, ...(tunes ? [] : ['ProtectKernelTunables=yes']), ...paths];
}

/** Properties that `outcomeOf` needs, for `systemctl show`. */
export const shownProperties: readonly string[] = [
  'LoadState',
  'ActiveState',
  'Result',
  'ExecMainPID',
  'ExecMainCode',
  'ExecMainStatus',
  'ActiveEnterTimestampMonotonic',
];

export const showArguments = (unit: string): readonly [string, ...string[]] => [
  systemctl,
  'show',
  `--property=${shownProperties.join(',')}`,
  '--',
  unit,
];

export const resetArguments = (unit: string): readonly [string, ...string[]] => [
  systemctl,
  '--quiet',
  'reset-failed',
  '--',
  unit,
];

export type UnitState =
  /** It has not ended. */
  | { readonly kind: 'running' }
  /** The service manager knows no such unit: it never started, or succeeded. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly outcome: HookOutcome };

/** `CLD_EXITED` of waitid(2); others are signals. */
const exited = '1';
/** systemd.exec(5), "Process Exit Codes": from here on its own, before the program has started. */
const firstStartError = 200;

/** Reads the output of `systemctl show`. `after`: the time-out of the hook. */
export function unitState(shown: string, after: Millis): UnitState {
  const values = new Map(
    shown.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const of = (name: string): string => values.get(name) ?? '';
  const active = of('ActiveState');
  if (of('LoadState') === 'not-found' || active === 'inactive') return { kind: 'gone' };
  if (active !== 'failed') return { kind: 'running' };
  const status = Number(of('ExecMainStatus'));
  const result = of('Result');
  const outcome = (value: HookOutcome): UnitState => ({ kind: 'failed', outcome: value });
  if (result === 'timeout' && of('ExecMainPID') !== '0') {
    const killed = of('ExecMainCode') !== exited && status === constants.signals.SIGKILL;
    return outcome({ kind: 'timed-out', after, killed, abandoned: false });
  }
  // Of type "exec": a unit is active once the program has started.
  const wasActive = of('ActiveEnterTimestampMonotonic') !== '0';
  const isOwn = of('ExecMainCode') === exited;
  if (of('ExecMainPID') === '0' || (isOwn && status >= firstStartError && !wasActive)) {
    return outcome({ kind: 'not-started', code: 'EIO', reason: startError(result, status) });
  }
  if (isOwn) return outcome({ kind: 'exited', code: status });
  return outcome({ kind: 'signalled', signal: signalName(status) });
}

const startErrors: Readonly<Record<number, string>> = {
  200: 'its working directory is missing',
  203: 'it or its interpreter cannot be executed: see its first line',
  217: 'its user does not exist',
  218: 'its capabilities cannot be set',
  226: 'its sandbox cannot be set up: do all writable paths exist?',
};

const startError = (result: string, status: number): string =>
  startErrors[status] ?? `systemd did not start it (${result}, status ${status}: systemd.exec(5))`;

const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
