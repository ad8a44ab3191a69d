/** `netevd validate`: reads the configuration as the daemon would and lists all problems. */
import {
  type ConfigProblem,
  formatProblem,
  type ParsedConfig,
  printable,
  readConfig,
} from '../../config/index.ts';
import { ExitCode } from '../../exit-code.ts';
import { type CommandIo, columns, type OutputFormat, type Paint, present } from '../render/output.ts';
import { hang, type Screen } from '../render/screen.ts';

export interface ValidateOptions {
  readonly config: string;
  readonly format: OutputFormat;
}

/** Exit code: 0 for a valid file, also with warnings; 78 otherwise. */
export function runValidate(options: ValidateOptions, io: CommandIo): ExitCode {
  const parsed = readConfig({ file: options.config, env: io.env });
  present(io, options.format, {
    value: resultOf(options.config, parsed),
    text: (_, screen) => resultText(options.config, parsed, screen),
    table: (paint) => problemTable(parsed, paint),
  });
  return parsed.ok ? ExitCode.ok : ExitCode.config;
}

function resultOf(file: string, parsed: ParsedConfig): unknown {
  const problems = parsed.ok ? [] : parsed.problems;
  return { file, valid: parsed.ok, problems, warnings: parsed.warnings };
}

function resultText(file: string, parsed: ParsedConfig, screen: Screen): string {
  const { paint } = screen;
  const warnings = parsed.warnings.flatMap((problem) => problemLines(problem, screen));
  if (!parsed.ok) {
    const count = parsed.problems.length === 1 ? '1 error' : `${parsed.problems.length} errors`;
    const errors = parsed.problems.flatMap((problem) => problemLines(problem, screen));
    return [...warnings, ...errors, paint.bad(`${file}: ${count}`)].join('\n');
  }
  const { system, monitoring, routing } = parsed.config;
  const wanted = [...monitoring.interfaces, ...monitoring.matchPatterns];
  const links = wanted.length > 0 ? wanted.join(' ') : `all but ${monitoring.exclude.join(' ') || 'none'}`;
  return [
    ...warnings,
    paint.good(`${file}: valid`),
    `  backend: ${system.backend}`,
    `  log level: ${system.logLevel}`,
    `  interfaces: ${links}`,
    `  policy routing: ${routing.policyRules.join(' ') || 'none'}`,
  ].join('\n');
}

/** One line as compilers write it, wrapped at spaces on a terminal; only the severity has a colour. */
function problemLines(problem: ConfigProblem, screen: Screen): readonly string[] {
  const { paint } = screen;
  const mark = problem.severity === 'error' ? paint.bad : paint.warn;
  const [first = '', ...more] = hang('', formatProblem(problem), screen);
  return [
    first.replace(` ${problem.severity}: `, ` ${mark(problem.severity)}: `),
    ...more.map((line) => `  ${line}`),
  ];
}

/** One row for each error and warning. */
function problemTable(parsed: ParsedConfig, paint: Paint): string {
  const head = ['LINE', 'COLUMN', 'SEVERITY', 'KEY', 'MESSAGE'].map((title) => paint.bold(title));
  const problems = [...(parsed.ok ? [] : parsed.problems), ...parsed.warnings].map(printable);
  const place = (number: number): string => (number > 0 ? String(number) : '-');
  const rows = problems.map(({ line, column, severity, path, message }) => [
    place(line),
    place(column),
    severity,
    path === '' ? '-' : path,
    message,
  ]);
  return columns([head, ...rows]);
}
