/** Reports an invalid configuration to the caller of a command. */
import { formatProblem, type Problem } from '../../config/index.ts';
import { ExitCode } from '../../exit-code.ts';
import type { CommandIo } from './output.ts';

/** Writes every problem to stderr; returns the exit code. */
export function reportProblems(problems: readonly Problem[], io: CommandIo): number {
  for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
  return ExitCode.config;
}
