/** Has one hook run by the runner, because root has granted it privileges, and makes the record of the run. */
import { lstatSync } from 'node:fs';
import type { DelegatedReport } from '../../core/hooks/delegation.ts';
import type { HookEvent } from '../../core/hooks/environment.ts';
import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import { privilegesPath } from '../../core/hooks/privileges.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import { attempt } from '../../platform/trust/path-walk.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DelegateResult, HookDelegate } from '../../ports/hook-delegate.ts';
import type { HookRunJournal } from '../../ports/hook-run-journal.ts';
import type { HookJob } from './hook-job.ts';
import { notStarted } from './outcome.ts';

export interface DelegatedScript {
  readonly event: NetworkEvent;
  readonly name: string;
  readonly path: string;
  /** What the environment is made of. */
  readonly described: HookEvent;
}

export interface DelegatedParts {
  readonly delegate: HookDelegate;
  readonly clock: Clock;
  readonly journal: HookRunJournal;
}

/**
 * Whether a file of root's says that the hook needs privileges. Whatever is there counts, valid or not: a hook that needs
 * them never runs without.
 */
export function isDelegated(base: string, directory: HookDirectory, name: string): boolean {
  const path = privilegesPath(base, directory, name);
  const there = attempt(() => lstatSync(path, { throwIfNoEntry: false }) ?? 'absent');
  return there.value === undefined ? there.code !== 'ENOTDIR' : there.value !== 'absent';
}

/**
 * `stopping`: the daemon stops first. The hook goes on, and the journal still says that it starts: the next daemon asks
 * the runner again, which answers with this run and starts no second one. So does one that follows a crash.
 */
export async function runDelegated(
  script: DelegatedScript,
  { delegate, clock, journal }: DelegatedParts,
  abort: AbortSignal,
): Promise<HookRun | 'stopping'> {
  if (abort.aborted) return 'stopping';
  const { event, name, path, described } = script;
  const entry = { eventId: event.id, path };
  await journal.starting(entry);
  const begun = clock.wall();
  const result = await delegate.run({ directory: event.directory, name, event: described }, abort);
  if (result.kind === 'abandoned') return 'stopping';
  const base = notStarted(event, begun, path, name, outcomeOf(result));
  const run = result.kind === 'ended' ? { ...base, ...detailsOf(result.report) } : base;
  await journal.finished(entry, run);
  return run;
}

function outcomeOf(result: Exclude<DelegateResult, { readonly kind: 'abandoned' }>): HookOutcome {
  switch (result.kind) {
    case 'ended':
      return result.report.outcome;
    case 'lost':
      return { kind: 'unseen' };
    case 'unreachable':
      return {
        kind: 'refused',
        code: 'no-runner',
        reason: `it needs privileges, and netevd-runner.socket cannot be reached (${result.code})`,
        remedy: 'systemctl enable --now netevd-runner.socket',
      };
  }
}

function detailsOf(
  report: DelegatedReport,
): Pick<HookRun, 'startedAt' | 'duration' | 'stdout' | 'stderr' | 'droppedOutput'> {
  const { startedAt, duration, stdout, stderr, dropped: droppedOutput } = report;
  return { startedAt, duration, stdout, stderr, droppedOutput };
}

/** A hook of the runner is no orphan: the runner still has it, and says how it ended. It is asked for again. */
export function withoutDelegatedOrphan(job: HookJob, directory: string): HookJob {
  const { orphan, done, ...rest } = job;
  if (orphan === undefined) return job;
  const name = orphan.path.slice(orphan.path.lastIndexOf('/') + 1);
  if (!isDelegated(directory, job.subject.event.directory, name)) return job;
  return { ...rest, done: new Set([...(done ?? [])].filter((path) => path !== orphan.path)) };
}
