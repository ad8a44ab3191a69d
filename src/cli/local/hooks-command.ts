/** `netevd hooks`: lists all hook directories with the verdict on each file. */
import { readConfig } from '../../config/index.ts';
import {
  type HookDirectoryReport,
  type HookFileReport,
  type HooksReport,
  reportHooks,
} from '../../effects/hooks/report.ts';
import { ExitCode } from '../../exit-code.ts';
import { escapeControls } from '../../observe/log/escape.ts';
import { type CommandIo, columns, type OutputFormat, type Paint, present } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import { type HookUser, hookUser, type LookupUser } from './hook-user.ts';

export interface HooksOptions {
  readonly config: string;
  readonly format: OutputFormat;
}

/** Exit code: 0, or 78 for an invalid configuration. A refused file is a result, not a failure. */
export function runHooksCommand(options: HooksOptions, io: CommandIo, lookup: LookupUser): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return Promise.resolve(reportProblems(parsed.problems, io));
  const { hooks, system, filters } = parsed.config;
  const user = hookUser(system.user, lookup, io.env);
  const report = reportHooks(hooks.directory, user.trust);
  const shown = withoutControls(report);
  present(io, options.format, {
    value: { ...report, user: user.name, filters: filters.length },
    text: (paint) => reportText(shown, user, filters.length, paint),
    table: (paint) => table(shown, paint),
  });
  return Promise.resolve(ExitCode.ok);
}

/** Escapes control characters: whoever can write to a directory chooses the names in it. */
const withoutControls = (report: HooksReport): HooksReport =>
  JSON.parse(JSON.stringify(report), (_, value: unknown) =>
    typeof value === 'string' ? escapeControls(value) : value,
  ) as HooksReport;

function reportText(report: HooksReport, user: HookUser, filters: number, paint: Paint): string {
  const used = report.directories.filter(
    ({ state, files }) => state !== 'absent' && (files.length > 0 || state !== 'ok'),
  );
  const empty = report.directories.filter(({ state, files }) => state === 'ok' && files.length === 0);
  const absent = report.directories.filter(({ state }) => state === 'absent');
  const owners =
    user.trust.owners.includes(user.uid) && user.uid !== 0 ? `root's and ${user.name}'s` : "root's";
  return [
    `${paint.bold(report.directory)}: hooks run as ${user.name}; only ${owners} files run`,
    ...(absent.length === report.directories.length
      ? [paint.warn('no hook can run: none of the directories exists')]
      : []),
    ...(user.note === undefined ? [] : [paint.warn(user.note)]),
    ...used.flatMap((directory) => ['', ...directoryLines(directory, paint)]),
    '',
    ...report.unknown.map((directory) => unknownLine(directory, paint)),
    ...(filters === 0
      ? []
      : [
          `${filters} filter${filters === 1 ? '' : 's'} decide${filters === 1 ? 's' : ''} for each event whether its hooks run`,
        ]),
    ...listLine('empty', empty, paint),
    ...listLine('absent', absent, paint),
  ].join('\n');
}

function directoryLines({ event, when, reason, remedy, files }: HookDirectoryReport, paint: Paint): string[] {
  const rows = files.map((file): string[] => [
    `  ${mark(file, paint)} ${file.name}`,
    explanation(file, paint),
  ]);
  const refusal = reason === undefined ? [] : [`  ${paint.bad('refused')}: ${reason}; fix: ${remedy ?? ''}`];
  return [
    `${paint.bold(`${event}.d`)}  ${paint.dim(`when ${when}`)}`,
    ...refusal,
    ...(rows.length === 0 ? [] : [columns(rows)]),
  ];
}

function mark(file: HookFileReport, paint: Paint): string {
  if (file.verdict === 'refused') return paint.bad('✘');
  if (file.verdict !== 'runs') return paint.dim('–');
  return file.hint === undefined ? paint.good('✔') : paint.warn('!');
}

function explanation({ verdict, reason, remedy, hint }: HookFileReport, paint: Paint): string {
  if (verdict === 'runs') return hint === undefined ? 'runs' : paint.warn(`would run, but ${hint}`);
  const fix = remedy === undefined ? '' : `; fix: ${remedy}`;
  return verdict === 'refused'
    ? `${paint.bad('refused')}: ${reason ?? ''}${fix}`
    : paint.dim(`${reason ?? ''}${fix}`);
}

function unknownLine({ name, suggestion }: HooksReport['unknown'][number], paint: Paint): string {
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}.d?`;
  return paint.warn(`${name}: not the directory of any event${hint}`);
}

function listLine(what: string, directories: readonly HookDirectoryReport[], paint: Paint): string[] {
  if (directories.length === 0) return [];
  return [paint.dim(`${what}: ${directories.map(({ event }) => `${event}.d`).join(' ')}`)];
}

function table(report: HooksReport, paint: Paint): string {
  const head = ['DIRECTORY', 'FILE', 'VERDICT', 'REASON'].map((title) => paint.bold(title));
  const rows = report.directories.flatMap(({ event, files, reason }) => {
    const refused =
      files.length === 0 && reason !== undefined ? [[`${event}.d`, '', paint.bad('refused'), reason]] : [];
    return [
      ...refused,
      ...files.map((file) => [
        `${event}.d`,
        file.name,
        verdictText(file, paint),
        file.reason ?? file.hint ?? '',
      ]),
    ];
  });
  return columns([head, ...rows]);
}

function verdictText({ verdict }: HookFileReport, paint: Paint): string {
  if (verdict === 'runs') return paint.good(verdict);
  return verdict === 'refused' ? paint.bad(verdict) : paint.dim(verdict);
}
