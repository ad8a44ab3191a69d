/** Runs of hook scripts: in a table, in a line, and one with its output. Pure. */
import type { HookDirectoryStatus, HookFile, HookRunDetails, HookRunSummary } from '../../client/types.ts';
import type { Paint } from './paint.ts';
import { hang, type Screen } from './screen.ts';
import type { Column } from './table.ts';
import { dayText, durationText, momentText, preciseClockText } from './time-text.ts';

/** `ok`, `exit 3`, `SIGSEGV`, `timeout`. */
export function resultText({ result, exit_code: code, signal }: HookRunSummary): string {
  if (result !== 'failed') return result.replace('_', ' ');
  if (signal !== null) return signal;
  return code === null ? 'failed' : `exit ${code}`;
}

/** The result with its colour. */
export function paintedResult(run: HookRunSummary, paint: Paint): string {
  if (run.result === 'ok') return paint.good('ok');
  const neutral = run.result === 'stopped' || run.result === 'unknown';
  return neutral ? paint.warn(resultText(run)) : paint.bad(resultText(run));
}

/** A script with its directory, for `list scripts`. */
export interface ScriptRow extends HookFile {
  readonly event: string;
}

/** The scripts of all directories, in the order in which they run. */
export const scriptRows = (directories: readonly HookDirectoryStatus[]): readonly ScriptRow[] =>
  directories.flatMap(({ event, files }) => files.map((file) => ({ event, ...file })));

/** Columns of scripts; `now` in milliseconds since 1970. */
export const scriptColumns = (now: number): readonly Column<ScriptRow>[] => [
  { key: 'event', title: 'EVENT', cell: ({ event }) => event },
  { key: 'name', title: 'SCRIPT', cell: ({ name }) => name },
  { key: 'verdict', title: 'VERDICT', cell: (row, { paint }) => verdictText(row, paint) },
  {
    key: 'last_run',
    title: 'LAST RUN',
    cell: ({ last_run: run }) => (run === null ? '-' : momentText(run.started_at, now)),
  },
  {
    key: 'result',
    title: 'RESULT',
    cell: ({ last_run: run }, { paint }) => (run === null ? '-' : paintedResult(run, paint)),
  },
  {
    key: 'duration',
    title: 'TOOK',
    cell: ({ last_run: run }) => (run === null ? '-' : durationText(run.duration_ms)),
    align: 'right',
    dropOrder: 1,
  },
  { key: 'path', title: 'PATH', cell: ({ path }) => path, onRequest: true },
  { key: 'reason', title: 'REASON', cell: ({ reason }) => reason ?? '-', onRequest: true },
];

function verdictText({ verdict, hint }: ScriptRow, paint: Paint): string {
  if (verdict === 'refused') return paint.bad(verdict);
  if (verdict !== 'runs') return paint.dim(verdict);
  return hint === null ? paint.good(verdict) : paint.warn('cannot start');
}

/** One run with everything that it wrote. */
export function runDetailsText(run: HookRunDetails, now: number, screen: Screen): string {
  const { paint } = screen;
  const pairs: readonly (readonly [string, string | null])[] = [
    ['script', run.path],
    ['event', `${run.directory} ${run.link === null ? 'of the host' : `on ${run.link}`} (${run.state})`],
    ['caused by', run.caused_by === null ? null : `#${run.caused_by.split('/')[1] ?? run.caused_by}`],
    ['started', `${dayText(run.started_at, now)}, ${preciseClockText(run.started_at)}`],
    ['result', `${paintedResult(run, paint)} after ${durationText(run.duration_ms)}`],
    ['cpu', durationText(run.cpu_ms)],
    ['pid', run.pid === null ? null : String(run.pid)],
    ['reason', run.reason],
    ['fix', run.remedy],
    ['note', run.retry ? 'retried after a crash of the daemon: it may have run before' : null],
  ];
  return [
    ...pairs.flatMap(([name, value]) =>
      value === null ? [] : hang(`${paint.bold(name.padEnd(9))}  `, value, screen),
    ),
    ...outputLines('stdout', run.stdout, paint),
    ...outputLines('stderr', run.stderr, paint),
    ...(run.dropped_output === 0 ? [] : [paint.warn(`${run.dropped_output} more bytes were not kept`)]),
    ...(run.output_held ? [paint.warn('a child of the script still has its output open')] : []),
  ].join('\n');
}

function outputLines(name: string, text: string, paint: Paint): readonly string[] {
  if (text === '') return [];
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return [paint.bold(name), ...lines.map((line) => `  ${line}`)];
}
