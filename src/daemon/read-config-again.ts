/** Reads the configuration again while the daemon runs. */
import {
  type Config,
  formatProblem,
  missingFileProblem,
  type ParsedConfig,
  readConfig,
  sectionsChanged,
} from '../config/index.ts';
import type { Logger } from '../ports/logger.ts';
import type { DaemonParts } from './wiring/daemon-parts.ts';

type Place = Pick<DaemonParts, 'configFile' | 'env'>;

/** All of it is checked, and every mistake told; undefined where there is one. `now` is the one in force. */
export function readConfigAgain(place: Place, now: Config, log: Logger): Config | undefined {
  const { configFile } = place;
  const parsed = read(place, now);
  for (const problem of parsed.warnings) log.warn(formatProblem(problem));
  if (parsed.ok) return parsed.config;
  for (const problem of parsed.problems) log.error(formatProblem(problem));
  const mistakes = parsed.problems.length === 1 ? '1 mistake' : `${parsed.problems.length} mistakes`;
  log.error(`${configFile} has ${mistakes}: the old configuration stays`, { messageId: 'configRejected' });
  return undefined;
}

/** A file that is gone, as while an editor writes it anew, is no wish for the defaults. */
function read({ configFile, env }: Place, now: Config): ParsedConfig {
  const parsed = readConfig({ file: configFile, env });
  const isGone = parsed.ok && parsed.isAbsent === true;
  if (!isGone || sectionsChanged(now, parsed.config).length === 0) return parsed;
  return { ok: false, problems: [missingFileProblem(configFile)], warnings: [] };
}
