/** Reads the configuration again while the daemon runs. */
import { type Config, formatProblem, readConfig } from '../config/index.ts';
import type { Logger } from '../ports/logger.ts';
import type { DaemonParts } from './parts.ts';

/** All of it is checked, and every mistake told; undefined where there is one. */
export function rereadConfig(
  { configFile, env }: Pick<DaemonParts, 'configFile' | 'env'>,
  log: Logger,
): Config | undefined {
  const parsed = readConfig({ file: configFile, env });
  for (const problem of parsed.warnings) log.warn(formatProblem(problem));
  if (parsed.ok) return parsed.config;
  for (const problem of parsed.problems) log.error(formatProblem(problem));
  const mistakes = parsed.problems.length === 1 ? '1 mistake' : `${parsed.problems.length} mistakes`;
  log.error(`${configFile} has ${mistakes}: the old configuration stays`, { messageId: 'configRejected' });
  return undefined;
}
