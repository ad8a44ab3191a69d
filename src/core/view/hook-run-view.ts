/** A hook run as JSON. */
import type { HookOutcome, HookRun } from '../hooks/hook-run.ts';
import type { EventId } from '../model/ids.ts';
import type { HookRunDetails } from './types/hooks.ts';
import type { HookResult, HookRunSummary } from './types/records.ts';

/**
 * `id` names the record of the run. The summary has no output of the script, which is secret on loopback TCP.
 */
export function hookRunSummary(run: HookRun, id: EventId): HookRunSummary {
  const { outcome } = run;
  return {
    id,
    directory: run.directory,
    script: run.script,
    path: run.path,
    link: run.link?.name ?? null,
    index: run.link?.index ?? null,
    state: run.state,
    backend: run.source,
    started_at: new Date(run.startedAt).toISOString(),
    duration_ms: tenths(run.duration),
    cpu_ms: tenths(run.cpu),
    result: resultOf(outcome),
    exit_code: outcome.kind === 'exited' ? outcome.code : null,
    signal: outcome.kind === 'signalled' ? outcome.signal : null,
    reason: outcome.kind === 'refused' || outcome.kind === 'not-started' ? outcome.reason : null,
    remedy: outcome.kind === 'refused' ? outcome.remedy : null,
    retry: run.retry,
    caused_by: run.eventId,
  };
}

/** The run with its output. */
export const hookRunDetails = (run: HookRun, id: EventId): HookRunDetails => ({
  ...hookRunSummary(run, id),
  stdout: run.stdout,
  stderr: run.stderr,
  dropped_output: run.droppedOutput,
  output_held: run.outputStillOpen,
  pid: run.pid ?? null,
});

const results: Readonly<Record<Exclude<HookOutcome['kind'], 'exited'>, HookResult>> = {
  signalled: 'failed',
  'timed-out': 'timeout',
  unseen: 'unknown',
  stopped: 'stopped',
  refused: 'refused',
  'not-started': 'not_started',
};

function resultOf(outcome: HookOutcome): HookResult {
  if (outcome.kind !== 'exited') return results[outcome.kind];
  return outcome.code === 0 ? 'ok' : 'failed';
}

/** Whether the script did not do what it was there for. */
export const isFailure = ({ result }: HookRunSummary): boolean =>
  result === 'failed' || result === 'timeout' || result === 'refused' || result === 'not_started';

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
