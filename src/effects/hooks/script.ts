/**
 * Runs one script for one event: checks it, notes it in the journal, checks it again, starts and supervises
 * it.
 */

import type { HookRun } from '../../core/hooks/hook-run.ts';
import { isShortage } from '../../core/hooks/shortage.ts';
import type { HookVerdict } from '../../core/hooks/verdict.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { Millis, Timestamp } from '../../core/model/ids.ts';
import type { PathRefusal } from '../../core/model/path-trust.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookRunJournal, HookRunKey } from '../../ports/hook-run-journal.ts';
import type {
  LaunchNote,
  ProcessSpawner,
  SpawnedProcess,
  SpawnOutcome,
} from '../../ports/process-spawner.ts';
import { ended, notStarted, spawnFailure } from './outcome.ts';
import type { ShortageWaiter } from './outlast-shortage.ts';
import { Supervision } from './supervise.ts';

export interface Script {
  readonly event: NetworkEvent;
  readonly name: string;
  readonly path: string;
  readonly retry: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly json: string;
}

export interface ScriptSettings {
  readonly timeout: Millis;
  readonly killGrace: Millis;
  readonly outputLimit: number;
}

export interface ScriptParts {
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
  readonly journal: HookRunJournal;
  readonly shortages: Pick<ShortageWaiter, 'outlast'>;
  /** Judges the present file. */
  judge(script: Script): HookVerdict;
  isStopping(): boolean;
  /** Takes over a process that has just started. */
  supervise(supervision: Supervision): void;
}

/** `skipped`: the file does not run, which is not worth a record. */
export type ScriptOutcome = HookRun | 'skipped' | 'stopping';

/** Resolves when the script has ended, was refused or was skipped. */
export async function runScript(
  script: Script,
  settings: ScriptSettings,
  parts: ScriptParts,
): Promise<ScriptOutcome> {
  if (parts.isStopping()) return 'stopping';
  const first = parts.judge(script);
  if (first.kind === 'refused' && !isShortage(first.errno)) return refused(script, first, parts);
  if (first.kind !== 'runs' && first.kind !== 'refused') return 'skipped';
  const entry = { eventId: script.event.id, path: script.path };
  const started = await parts.shortages.outlast({
    path: script.path,
    run: () => startNoted(script, settings, parts, entry),
    errnoOf: shortageOf,
  });
  if (started === 'stopped' || started === 'stopping') return 'stopping';
  const run = 'run' in started ? await started.run : started;
  await parts.journal.finished(entry, run);
  return run;
}

/** A script that runs, or the record of one that does not. */
type Started = { readonly run: Promise<HookRun> } | HookRun | 'stopping';

/** The errno that kept a script from starting, or from being examined. */
function shortageOf(started: Started): string | undefined {
  if (started === 'stopping' || 'run' in started) return undefined;
  const { outcome } = started;
  if (outcome.kind === 'not-started') return outcome.code;
  return outcome.kind === 'refused' ? outcome.errno : undefined;
}

/** Notes the start in the journal, and that it was none where a shortage kept it from being one. */
function startNoted(
  script: Script,
  settings: ScriptSettings,
  parts: ScriptParts,
  entry: HookRunKey,
): Started | Promise<Started> {
  const writing = parts.journal.starting(entry);
  // Without a promise the script starts in the same turn of the loop.
  return writing === undefined
    ? startWritten(script, settings, parts, entry)
    : writing.then(() => startWritten(script, settings, parts, entry));
}

async function startWritten(
  script: Script,
  settings: ScriptSettings,
  parts: ScriptParts,
  entry: HookRunKey,
): Promise<Started> {
  const started = parts.isStopping() ? 'stopping' : startChecked(script, settings, parts);
  if (started === 'stopping' || isShortage(shortageOf(started))) await parts.journal.withdrawn(entry);
  return started;
}

/** Checks and starts without an await in between, so that no change can come between. */
function startChecked(
  script: Script,
  settings: ScriptSettings,
  parts: ScriptParts,
): Exclude<Started, 'stopping'> {
  const { event, path } = script;
  const verdict = parts.judge(script);
  if (verdict.kind !== 'runs')
    return refused(script, verdict.kind === 'refused' ? verdict : changed(path), parts);
  const startedAt = parts.clock.wall();
  const note = parts.journal.launchNote?.({ eventId: event.id, path });
  const spawned = spawn(script, settings, parts.spawner, note);
  if (!spawned.ok) return notStarted(event, startedAt, path, script.name, spawnFailure(spawned.code));
  const { process } = spawned;
  const supervision = new Supervision(process, settings, parts.clock);
  parts.supervise(supervision);
  return { run: endOf(script, settings, { process, supervision, startedAt }, parts.journal) };
}

interface RunningScript {
  readonly process: SpawnedProcess;
  readonly supervision: Supervision;
  readonly startedAt: Timestamp;
}

async function endOf(
  { event, path, name, retry }: Script,
  { timeout }: ScriptSettings,
  { process, supervision, startedAt }: RunningScript,
  journal: HookRunJournal,
): Promise<HookRun> {
  await journal.started({ eventId: event.id, path }, process);
  const ending = await supervision.ending;
  return ended({ event, path, name, startedAt, retry, pid: process.pid, timeout, ending });
}

function spawn(
  script: Script,
  settings: ScriptSettings,
  spawner: ProcessSpawner,
  note: LaunchNote | undefined,
): SpawnOutcome {
  const { path, json, retry } = script;
  const environment = retry ? { ...script.environment, NETEVD_RETRY: '1' } : script.environment;
  const request = {
    file: path,
    argv: [path] as const,
    environment,
    cwd: '/',
    stdin: Buffer.from(json),
    outputLimit: settings.outputLimit,
    ...(note !== undefined && { note }),
  };
  const outcome = spawner.spawn(request);
  if (outcome.ok || outcome.code !== 'E2BIG') return outcome;
  const { JSON: _onStdinAlone, ...smaller } = environment;
  return spawner.spawn({ ...request, environment: smaller });
}

const refused = ({ event, path, name }: Script, verdict: PathRefusal, { clock }: ScriptParts): HookRun =>
  notStarted(event, clock.wall(), path, name, verdict);

const changed = (path: string): PathRefusal => ({
  kind: 'refused',
  code: 'unreadable',
  reason: `${path} changed at the moment it was to run`,
  remedy: 'none needed: the next event checks it again',
});
