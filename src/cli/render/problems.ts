/** Reports an invalid configuration to the caller of a command. */
import { type ConfigProblem, formatProblem } from '../../config/index.ts';
import { ExitCode } from '../../exit-code.ts';
import type { CommandIo } from './output.ts';

/** Writes every problem to stderr; returns the exit code. */
export function reportProblems(problems: readonly ConfigProblem[], io: CommandIo): number {
  for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
  return ExitCode.config;
}
