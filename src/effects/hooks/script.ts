/**
 * Runs one script for one event: checks it, notes it in the journal, checks it again, starts and supervises
 * it.
 */

import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { HookVerdict } from '../../core/hooks/verdict.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { Millis } from '../../core/model/ids.ts';
import type { PathRefusal } from '../../core/model/path-trust.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookRunJournal } from '../../ports/hook-run-journal.ts';
import type { LaunchNote, ProcessSpawner, SpawnOutcome } from '../../ports/process-spawner.ts';
import { ended, notStarted, spawnFailure } from './outcome.ts';
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
  if (first.kind === 'refused') return refused(script, first, parts);
  if (first.kind !== 'runs') return 'skipped';
  const entry = { eventId: script.event.id, path: script.path };
  // Without a promise the script starts in the same turn of the loop.
  const writing = parts.journal.starting(entry);
  if (writing !== undefined) await writing;
  if (parts.isStopping()) {
    await parts.journal.withdrawn(entry);
    return 'stopping';
  }
  const run = await startChecked(script, settings, parts);
  await parts.journal.finished(entry, run);
  return run;
}

/** Checks and starts without an await in between, so that no change can come between. */
async function startChecked(script: Script, settings: ScriptSettings, parts: ScriptParts): Promise<HookRun> {
  const { event, path, retry } = script;
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
  await parts.journal.started({ eventId: event.id, path }, process);
  const ending = await supervision.ending;
  const { timeout } = settings;
  return ended({ event, path, name: script.name, startedAt, retry, pid: process.pid, timeout, ending });
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
