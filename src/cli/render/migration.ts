/** A migration for people and for programs. */

import type { MigrationFinding, MigrationProblem, ScriptPlan, UnknownKey } from '../../migrate/plan.ts';
import { escapeControls } from '../../observe/log/escape.ts';
import type { MigrationReport, SourceReport } from '../local/migration-report.ts';
import { columns, type Paint } from './output.ts';
import { wrapText } from './wrap-text.ts';

/** What text keeps to. */
const width = 80;

type FileState = SourceReport['files'][number];

/** For JSON and YAML. The content of what netevd has written itself is in it; that of copies is where they come from. */
export function migrationValue(report: MigrationReport): object {
  const { isApplied, hookDirectory, sources, routing, problems } = report;
  return {
    applied: isApplied,
    hook_directory: hookDirectory,
    sources: sources.map(({ source, places, files, scripts, unknownKeys, findings, next }) => ({
      source,
      places,
      files: files.map(fileValue),
      scripts: scripts.map(({ script, how, findings: own }) => ({ script, how, findings: own })),
      unknown_keys: unknownKeys,
      findings,
      next,
    })),
    stale_routing: routing,
    problems,
  };
}

function fileValue({ file, path, state }: FileState): object {
  const { role, mode, from, content } = file;
  const isOurs = role === 'configuration' || role === 'wrapper';
  return {
    role,
    path,
    mode: mode.toString(8).padStart(4, '0'),
    state,
    ...(from === undefined ? {} : { from }),
    ...(isOurs ? { content: new TextDecoder().decode(content) } : {}),
  };
}

/** The whole story, at most 80 columns but for paths and commands, which are never broken. */
export function migrationText(
  report: MigrationReport,
  { removeStaleRouting }: { readonly removeStaleRouting: boolean },
  paint: Paint,
): string {
  const parts = [
    ...report.sources.map((source) => sourceText(source, report.hookDirectory, paint)),
    ...routingText(report, removeStaleRouting, paint),
    ...(report.problems.length === 0 ? [] : [problemsText(report.problems, paint)]),
    ...nextText(report, paint),
    summary(report, paint),
  ];
  return parts.join('\n\n');
}

function sourceText(source: SourceReport, hooks: string, paint: Paint): string {
  const { places, scripts, files, unknownKeys, findings } = source;
  const configuration = files.filter(({ file }) => file.role === 'configuration');
  return [
    `${paint.bold(source.source)}  ${safe(places.join(' '))}`,
    ...configuration.flatMap((file) => fileText(file, file.path, '  ', paint)),
    ...unknownKeys.flatMap((key) => unknownKeyText(key, paint)),
    ...findings.flatMap((finding) => findingText(finding, '  ', true, paint)),
    ...scripts.flatMap((script) => scriptText(script, source, hooks, paint)),
  ].join('\n');
}

const marks: Readonly<Record<FileState['state'], (paint: Paint) => string>> = {
  new: (paint) => paint.good('+'),
  written: (paint) => paint.good('✔'),
  same: (paint) => paint.dim('='),
  refused: (paint) => paint.bad('✘'),
  failed: (paint) => paint.bad('✘'),
};

const states: Readonly<Record<FileState['state'], string>> = {
  new: '',
  written: '',
  same: ', there already',
  refused: ', not written',
  failed: ', not written',
};

function fileText(
  { file, state }: FileState,
  shown: string,
  indent: string,
  paint: Paint,
): readonly string[] {
  const what = file.role === 'original' ? 'script' : file.role;
  return [`${indent}${marks[state](paint)} ${safe(shown)}  ${paint.dim(`${what}${states[state]}`)}`];
}

function scriptText(
  script: ScriptPlan,
  { files, places }: SourceReport,
  hooks: string,
  paint: Paint,
): readonly string[] {
  const name = relative(script.script, places);
  const own = script.files.flatMap((planned) => files.filter(({ file }) => file === planned));
  const details = script.findings.flatMap((finding) => findingText(finding, '    ', false, paint));
  if (script.how === 'in-place' && details.length === 0) return [];
  const verb = {
    copied: '',
    wrapped: 'with a wrapper',
    'in-place': 'is a hook already',
    left: 'left where it is',
  };
  const how = verb[script.how] === '' ? '' : `  ${paint.dim(verb[script.how])}`;
  return [
    `  ${safe(name)}${how}`,
    ...own.flatMap((file) => fileText(file, relative(file.path, [hooks]), '    ', paint)),
    ...details,
  ];
}

function relative(path: string, places: readonly string[]): string {
  const place = places.find((base) => path.startsWith(`${base}/`));
  return place === undefined ? path : path.slice(place.length + 1);
}

function unknownKeyText({ file, line, key, nearest }: UnknownKey, paint: Paint): readonly string[] {
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return bullet(paint.warn('!'), `${position(file, line)}unknown key ${key}, left out${hint}`, '  ');
}

function findingText(
  finding: MigrationFinding,
  indent: string,
  withFile: boolean,
  paint: Paint,
): readonly string[] {
  const { file, line, text, remedy } = finding;
  const where = withFile ? position(file, line) : line === 0 ? '' : `line ${line}: `;
  const mark = finding.kind === 'left' ? paint.dim('–') : paint.warn('!');
  return [...bullet(mark, `${where}${text}`, indent), ...fix(remedy, indent)];
}

const position = (file: string, line: number): string => (line === 0 ? `${file}: ` : `${file}:${line}: `);

function bullet(mark: string, text: string, indent: string): readonly string[] {
  const lines = wrapText(safe(text), width - indent.length - 2);
  return lines.map((line, i) => `${indent}${i === 0 ? mark : ' '} ${line}`);
}

function fix(remedy: string | undefined, indent: string): readonly string[] {
  if (remedy === undefined) return [];
  const lines = wrapText(safe(remedy), width - indent.length - 7);
  return lines.map((line, i) => `${indent}  ${i === 0 ? 'fix: ' : '     '}${line}`);
}

function routingText({ routing }: MigrationReport, isAsked: boolean, paint: Paint): readonly string[] {
  if (routing.length === 0) return [];
  const words = {
    found: paint.warn('!'),
    planned: paint.good('-'),
    removed: paint.good('✔'),
    failed: paint.bad('✘'),
    doubtful: paint.dim('?'),
  };
  const lines = routing.flatMap(({ command, why, state }) => [
    `  ${words[state]} ${safe(command)}`,
    `      ${paint.dim(why)}`,
  ]);
  const hint = routing.some(({ state }) => state === 'found') && !isAsked;
  const doubtful = routing.some(({ state }) => state === 'doubtful');
  return [
    [
      paint.bold('rules and routes of a predecessor'),
      ...lines,
      ...(doubtful
        ? wrapText(
            'Entries marked ? may belong to another program: netevd never removes them.',
            width - 2,
          ).map((line) => `  ${line}`)
        : []),
      ...(hint ? ['  fix: stop that program, then netevd migrate --remove-stale-routing --apply'] : []),
    ].join('\n'),
  ];
}

function problemsText(problems: readonly MigrationProblem[], paint: Paint): string {
  const lines = problems.flatMap(({ code, file, line, text, remedy }) => [
    ...bullet(paint.bad('✘'), `${position(file, line)}${text} (${code})`, '  '),
    ...fix(remedy, '  '),
  ]);
  return [paint.bold('not done'), ...lines].join('\n');
}

function nextText({ sources }: MigrationReport, paint: Paint): readonly string[] {
  const commands = [...new Set(sources.flatMap(({ next }) => next))];
  if (commands.length === 0) return [];
  const why = 'otherwise the other program also continues to run its scripts';
  return [
    [
      paint.bold(`next, once netevd hooks shows what you expect`),
      ...wrapText(`(${why})`, width - 2).map((line) => `  ${paint.dim(line)}`),
      ...commands.map((command) => `  ${safe(command)}`),
    ].join('\n'),
  ];
}

function summary({ isApplied, sources, problems }: MigrationReport, paint: Paint): string {
  const states = sources.flatMap(({ files }) => files.map(({ state }) => state));
  const count = (state: FileState['state']): number => states.filter((each) => each === state).length;
  const failed = problems.length === 0 ? '' : `, ${problems.length} not done`;
  if (sources.length === 0 && problems.length === 0)
    return 'nothing to migrate: none of the known programs has files here';
  const same = count('same') === 0 ? '' : `, ${count('same')} there already`;
  if (isApplied) return paint.bold(`${plural(count('written'), 'file')} written${same}${failed}`);
  const hint = count('new') === 0 ? '' : '; --apply does it';
  return paint.bold(`${plural(count('new'), 'file')} to write${same}${failed}${hint}`);
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** One line for each file. */
export function migrationTable({ sources }: MigrationReport, paint: Paint): string {
  const head = ['SOURCE', 'STATE', 'WHAT', 'PATH', 'FROM'].map((title) => paint.bold(title));
  const rows = sources.flatMap(({ source, files }) =>
    files.map(({ file, path, state }) => [source, state, file.role, safe(path), safe(file.from ?? '')]),
  );
  return columns([head, ...rows]);
}

/** Names of files are anybody's words: none may speak to the terminal. */
const safe = (text: string): string => escapeControls(text);
