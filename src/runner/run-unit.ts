/** Runs one hook as a transient unit and waits for its end; or waits for one that an earlier runner started. */
import type { DelegatedReport } from '../core/hooks/delegation.ts';
import type { HookOutcome } from '../core/hooks/hook-run.ts';
import { type Millis, millis, type Timestamp } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProcessEnd, ProcessSpawner } from '../ports/process-spawner.ts';
import {
  resetArguments,
  showArguments,
  type UnitRequest,
  type UnitState,
  unitArguments,
  unitState,
} from './unit.ts';

export interface UnitRun extends UnitRequest {
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  /** Bytes of output that are kept. */
  readonly outputLimit: number;
}

export interface UnitParts {
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
}

/** How often a unit of an earlier runner is looked at. */
const pollEvery: Millis = millis(200);
/** Bytes of systemctl's answer; it has six lines. */
const shownLimit = 4096;

export async function runUnit(run: UnitRun, parts: UnitParts): Promise<DelegatedReport> {
  const startedAt = parts.clock.wall();
  const argv = unitArguments(run);
  const spawned = parts.spawner.spawn({
    file: argv[0],
    argv,
    environment: run.environment,
    cwd: '/',
    stdin: run.stdin,
    outputLimit: run.outputLimit,
  });
  if (!spawned.ok)
    return failedStart(startedAt, spawned.code, `systemd-run does not start (${spawned.code})`);
  const end = await spawned.process.ended;
  if (end.code === 0) return report(startedAt, end, { kind: 'exited', code: 0 });
  const state = await stateOf(run, parts);
  if (state.kind === 'failed') return report(startedAt, end, state.outcome);
  // systemd-run was killed; the hook is not its child.
  if (state.kind === 'running') return { ...report(startedAt, end, await awaitUnit(run, parts)), startedAt };
  const reason = lastLine(text.decode(end.stderr)) || 'systemd-run could not start it';
  return end.code === null
    ? report(startedAt, end, { kind: 'unseen' })
    : failedStart(startedAt, 'EIO', reason);
}

/** Waits until the unit has ended: at the latest at its time-out, which the service manager keeps. */
export async function awaitUnit(
  run: Pick<UnitRequest, 'unit' | 'timeout'>,
  parts: UnitParts,
): Promise<HookOutcome> {
  for (;;) {
    const state = await stateOf(run, parts);
    if (state.kind === 'failed') return state.outcome;
    if (state.kind === 'gone') return { kind: 'unseen' };
    await new Promise<void>((resolve) => parts.clock.schedule(pollEvery, resolve));
  }
}

/** Looks at the unit, and takes a failed one away: its name would stay in `systemctl --failed`. */
async function stateOf(
  { unit, timeout }: Pick<UnitRequest, 'unit' | 'timeout'>,
  parts: UnitParts,
): Promise<UnitState> {
  const shown = await call(showArguments(unit), parts);
  if (shown === undefined) return { kind: 'gone' };
  const state = unitState(shown, timeout);
  if (state.kind === 'failed') await call(resetArguments(unit), parts);
  return state;
}

async function call(
  argv: readonly [string, ...string[]],
  { spawner }: UnitParts,
): Promise<string | undefined> {
  const environment = { PATH: '/usr/bin:/bin' };
  const spawned = spawner.spawn({
    file: argv[0],
    argv,
    environment,
    cwd: '/',
    stdin: new Uint8Array(),
    outputLimit: shownLimit,
  });
  if (!spawned.ok) return undefined;
  const end = await spawned.process.ended;
  return end.code === 0 ? text.decode(end.stdout) : undefined;
}

const text = new TextDecoder();
const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1)?.slice(0, 500) ?? '';

function report(startedAt: Timestamp, end: ProcessEnd, outcome: HookOutcome): DelegatedReport {
  return {
    outcome,
    startedAt,
    duration: end.duration,
    stdout: text.decode(end.stdout),
    stderr: text.decode(end.stderr),
    dropped: end.dropped,
  };
}

/** Of a hook that did not run. */
export const emptyReport = (startedAt: Timestamp, outcome: HookOutcome): DelegatedReport => ({
  outcome,
  startedAt,
  duration: millis(0),
  stdout: '',
  stderr: '',
  dropped: 0,
});

const failedStart = (startedAt: Timestamp, code: string, reason: string): DelegatedReport =>
  emptyReport(startedAt, { kind: 'not-started', code, reason });
