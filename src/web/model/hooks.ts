/** Hook runs, and files that do not run. Pure. */
import type { HookRunSummary, HooksAnswer, NetevdRecord } from '../../client/types.ts';
import { formatDuration } from './time.ts';

/** Runs that are kept, newest first. */
export const MAX_RUNS = 50;

/** `runs` with the one that a record tells of. */
export function foldRuns(runs: readonly HookRunSummary[], record: NetevdRecord): readonly HookRunSummary[] {
  if (record.kind !== 'hook_run' || runs.some(({ id }) => id === record.run.id)) return runs;
  return [record.run, ...runs].slice(0, MAX_RUNS);
}

/** How a run ended, in words: `exit 0, 34 ms`, `exit 3, 2.3 s`, `timed out after 30 s`. */
export function runText(run: HookRunSummary): string {
  const time = formatDuration(run.duration_ms);
  switch (run.result) {
    case 'ok':
      return time;
    case 'failed':
      return run.signal === null ? `exit ${run.exit_code ?? '?'}, ${time}` : `${run.signal}, ${time}`;
    case 'timeout':
      return `timed out after ${time}`;
    case 'refused':
      return 'refused';
    case 'not_started':
      return 'did not start';
    case 'stopped':
      return `ended with the daemon, ${time}`;
    case 'unknown':
      return 'outcome unknown';
  }
}

/** Whether it did not do what it was there for. */
export const hasFailed = ({ result }: HookRunSummary): boolean => result !== 'ok' && result !== 'stopped';

/** `no-carrier.d/10-alert` */
export const runName = ({ directory, script }: Pick<HookRunSummary, 'directory' | 'script'>): string =>
  script === '' ? `${directory}.d` : `${directory}.d/${script}`;

/** A file or directory of which nothing runs, and what to do about it. */
export interface RefusedHook {
  readonly name: string;
  readonly reason: string;
  readonly remedy: string | null;
}

/** Everything that would not run although the operator installed it; masked files and leftovers are not listed. */
export function refusedHooks({ directories, unknown_directories }: HooksAnswer): readonly RefusedHook[] {
  const refused = directories.flatMap(({ event, state, reason, remedy, files }) => {
    if (state === 'refused' || state === 'unreadable') {
      return [{ name: `${event}.d`, reason: reason ?? state, remedy }];
    }
    return files
      .filter(
        ({ verdict, code, hint }) => verdict === 'refused' || code === 'not-executable' || hint !== null,
      )
      .map((file) => ({
        name: `${event}.d/${file.name}`,
        reason: file.reason ?? file.hint ?? file.verdict,
        remedy: file.remedy,
      }));
  });
  const unknown = unknown_directories.map(({ name, meant }) => ({
    name,
    reason: `no event uses this directory name${meant === null ? '' : `; did you mean ${meant}.d?`}`,
    remedy: null,
  }));
  return [...refused, ...unknown];
}

/** How many files run. */
export const countRunnable = ({ directories }: HooksAnswer): number =>
  directories.reduce((sum, { files }) => sum + files.filter(({ verdict }) => verdict === 'runs').length, 0);
