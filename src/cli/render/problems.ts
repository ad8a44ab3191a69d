/** A configuration that cannot be used, said to whoever called a command. */
import { formatProblem, type Problem } from '../../config/index.ts';
import { ExitCode } from '../../exit-code.ts';
import type { CommandIo } from './output.ts';

/** Writes every mistake to stderr; the exit code for it. */
export function reportProblems(problems: readonly Problem[], io: CommandIo): number {
  for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
  return ExitCode.config;
}
