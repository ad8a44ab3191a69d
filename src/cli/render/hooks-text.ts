/** What `netevd hooks` shows. Pure. */
import type { HookDirectoryStatus, HookFile, HooksAnswer } from '../../client/types.ts';
import { columns } from './output.ts';
import type { Paint } from './paint.ts';
import { hang, type Screen } from './screen.ts';

/** Hooks, and who judged them. */
export interface JudgedHooks extends HooksAnswer {
  /** `daemon`: as the running daemon does. `command`: no daemon answered. */
  readonly judged_by: 'daemon' | 'command';
  /** What does not hold of the daemon, in sentences. */
  readonly notes: readonly string[];
}

/** The text for people. Names must be harmless. */
export function hooksText(hooks: JudgedHooks, screen: Screen): string {
  const { paint } = screen;
  const { directories } = hooks;
  const isUsed = ({ state, files }: HookDirectoryStatus): boolean =>
    state !== 'absent' && (files.length > 0 || state !== 'ok');
  const empty = directories.filter((one) => one.state === 'ok' && one.files.length === 0);
  const absent = directories.filter(({ state }) => state === 'absent');
  const isNoneThere = absent.length === directories.length;
  const judge = hooks.judged_by === 'daemon' ? 'as the running daemon judges' : 'as netevd would judge';
  return [
    ...hang('', `${paint.bold(hooks.directory)}: hooks run as ${hooks.user}; ${judge}`, screen),
    ...hooks.notes.flatMap((note) => hang('', paint.warn(note), screen)),
    ...(isNoneThere ? [paint.warn('no hook can run: none of the directories exists')] : []),
    ...directories.filter(isUsed).flatMap((directory) => ['', ...directoryLines(directory, screen)]),
    '',
    ...hooks.unknown_directories.map(({ name, meant }) =>
      paint.warn(
        `${name}: not the directory of any event${meant === null ? '' : `; did you mean ${meant}.d?`}`,
      ),
    ),
    ...listLines('empty: ', empty, screen),
    ...listLines('absent: ', absent, screen),
  ].join('\n');
}

function directoryLines(directory: HookDirectoryStatus, screen: Screen): readonly string[] {
  const { paint } = screen;
  const { event, when, reason, remedy, files } = directory;
  const width = Math.max(0, ...files.map(({ name }) => Array.from(name).length));
  return [
    ...hang('', `${paint.bold(`${event}.d`)}  when ${when}`, screen),
    ...(reason === null ? [] : hang('  ', `${paint.bad('refused')}: ${reason}${fix(remedy)}`, screen)),
    ...files.flatMap((file) =>
      hang(`  ${sign(file, paint)} ${file.name.padEnd(width)}  `, explanation(file, paint), screen),
    ),
  ];
}

const fix = (remedy: string | null): string => (remedy === null ? '' : `; fix: ${remedy}`);

function sign({ verdict, hint }: HookFile, paint: Paint): string {
  if (verdict === 'refused') return paint.bad('✘');
  if (verdict !== 'runs') return paint.dim('–');
  return hint === null ? paint.good('✔') : paint.warn('!');
}

function explanation(file: HookFile, paint: Paint): string {
  const { verdict, reason, remedy } = file;
  if (verdict === 'refused') return `${paint.bad('refused')}: ${reason ?? ''}${fix(remedy)}`;
  if (verdict !== 'runs') return `${reason ?? ''}${fix(remedy)}`;
  return file.hint === null ? `runs${filterText(file)}` : `cannot start: it ${file.hint}${filterText(file)}`;
}

function filterText({ filtered_by: filters }: HookFile): string {
  if (filters.length === 0) return '';
  const [noun, verb] = filters.length === 1 ? ['filter', 'excludes'] : ['filters', 'exclude'];
  return `, except for events that ${noun} ${filters.join(', ')} ${verb}`;
}

function listLines(
  head: string,
  directories: readonly HookDirectoryStatus[],
  screen: Screen,
): readonly string[] {
  if (directories.length === 0) return [];
  return hang(head, directories.map(({ event }) => `${event}.d`).join(' '), screen).map(screen.paint.dim);
}

/** One row for each file, and for each directory that is refused. */
export function hooksTable({ directories }: HooksAnswer, paint: Paint): string {
  const head = ['DIRECTORY', 'FILE', 'VERDICT', 'FILTERS', 'REASON'].map((title) => paint.bold(title));
  const rows = directories.flatMap(({ event, files, reason }) => [
    ...(files.length === 0 && reason !== null
      ? [[`${event}.d`, '-', paint.bad('refused'), '-', reason]]
      : []),
    ...files.map((file) => [
      `${event}.d`,
      file.name,
      verdictText(file, paint),
      file.filtered_by.length === 0 ? '-' : file.filtered_by.join(','),
      file.reason ?? file.hint ?? '',
    ]),
  ]);
  return columns([head, ...rows]);
}

/** `runs`, `cannot start`, `refused`, `skipped`, `masked`. */
export function verdictText({ verdict, hint }: HookFile, paint: Paint): string {
  if (verdict === 'refused') return paint.bad(verdict);
  if (verdict !== 'runs') return paint.dim(verdict);
  return hint === null ? paint.good(verdict) : paint.warn('cannot start');
}
