/** Reads the configuration again while the daemon runs: all of it is checked before any of it applies. */
import {
  type Config,
  type ConfigProblem,
  formatProblem,
  missingFileProblem,
  type ParsedConfig,
  readConfig,
  sectionsChanged,
} from '../config/index.ts';
import type { ReloadProblem } from '../core/activity.ts';

/** The result of a reload. */
export interface ReloadResult {
  readonly ok: boolean;
  /** Sections that differ from before. Empty if the new configuration was refused. */
  readonly changed: readonly string[];
  /** Every error of the new configuration; empty if it applies. */
  readonly problems: readonly ReloadProblem[];
}

export type ReadAgain =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly changed: readonly string[];
      readonly warnings: readonly ConfigProblem[];
    }
  | {
      readonly ok: false;
      readonly problems: readonly ConfigProblem[];
      readonly warnings: readonly ConfigProblem[];
    };

/**
 * `current` is the configuration in force. A file that is absent now, as while an editor replaces it, is an
 * error.
 */
export function readAgain(
  file: { readonly configFile: string; readonly env: Readonly<Record<string, string | undefined>> },
  current: Config,
): ReadAgain {
  const parsed = refusingAbsence(
    file.configFile,
    readConfig({ file: file.configFile, env: file.env }),
    current,
  );
  if (!parsed.ok) return parsed;
  const { config, warnings } = parsed;
  return { ok: true, config, changed: sectionsChanged(current, config), warnings };
}

/** A problem as observers show it. */
export const reloadProblem = (problem: ConfigProblem): ReloadProblem => ({
  code: problem.code,
  message: problem.message,
  line: problem.line,
  column: problem.column,
  path: problem.path,
  text: formatProblem(problem),
});

function refusingAbsence(file: string, parsed: ParsedConfig, current: Config): ParsedConfig {
  const isAbsent = parsed.ok && parsed.isAbsent === true;
  if (!isAbsent || sectionsChanged(current, parsed.config).length === 0) return parsed;
  return { ok: false, problems: [missingFileProblem(file)], warnings: [] };
}
