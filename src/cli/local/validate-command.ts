/** `netevd validate`: reads the configuration as the daemon would and lists all problems. */
import { type ConfigProblem, formatProblem, type ParsedConfig, readConfig } from '../../config/index.ts';
import { ExitCode } from '../../exit-code.ts';
import { type CommandIo, type OutputFormat, type Paint, present } from '../render/output.ts';

export interface ValidateOptions {
  readonly config: string;
  readonly format: OutputFormat;
}

/** Exit code: 0 for a valid file, also with warnings; 78 otherwise. */
export function runValidate(options: ValidateOptions, io: CommandIo): ExitCode {
  const parsed = readConfig({ file: options.config, env: io.env });
  present(io, options.format, {
    value: resultOf(options.config, parsed),
    text: (paint) => resultText(options.config, parsed, paint),
    table: (paint) => resultText(options.config, parsed, paint),
  });
  return parsed.ok ? ExitCode.ok : ExitCode.config;
}

function resultOf(file: string, parsed: ParsedConfig): unknown {
  const problems = parsed.ok ? [] : parsed.problems;
  return { file, valid: parsed.ok, problems, warnings: parsed.warnings };
}

function resultText(file: string, parsed: ParsedConfig, paint: Paint): string {
  const line = (problem: ConfigProblem): string =>
    problem.severity === 'error' ? paint.bad(formatProblem(problem)) : paint.warn(formatProblem(problem));
  const warnings = parsed.warnings.map(line);
  if (!parsed.ok) {
    const count = parsed.problems.length === 1 ? '1 error' : `${parsed.problems.length} errors`;
    return [...warnings, ...parsed.problems.map(line), paint.bad(`${file}: ${count}`)].join('\n');
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
