/** Reads the configuration again while the daemon runs. Checks all of it before it applies any of it. */
import type { Stats } from 'node:fs';
import {
  type Config,
  type ConfigProblem,
  emptyFileProblem,
  foreignFileProblem,
  formatProblem,
  messageWithHint,
  missingFileProblem,
  sectionsChanged,
  unfinishedFileProblem,
} from '../config/index.ts';
import type { ReloadProblem } from '../core/activity.ts';
import { millis } from '../core/model/ids.ts';
import { type ConfigTrust, readTrusted, type TrustedFile } from './start/config-trust.ts';

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

export interface ReloadSource {
  readonly configFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configTrust: ConfigTrust;
}

/**
 * `current` is the configuration in force. A file that is absent or empty now, as while an editor replaces it, that others can
 * change, or that is being written is an error. A file that was written within the last 20 ms is read twice, 20 ms apart.
 */
export function readAgain({ configFile: file, env, configTrust }: ReloadSource, current: Config): ReadAgain {
  const read = readQuiet(() => readTrusted({ file, env }, configTrust));
  if (read === undefined) return refusedFile(unfinishedFileProblem(file));
  const { parsed, refusal } = read;
  if (refusal !== undefined) return refusedFile(foreignFileProblem(file, refusal.reason, refusal.remedy));
  if (!parsed.ok) return parsed;
  const { config, warnings, isAbsent, isEmpty } = parsed;
  const changed = sectionsChanged(current, config);
  if (isAbsent === true && changed.length > 0) return refusedFile(missingFileProblem(file));
  if (isEmpty === true && changed.length > 0) return refusedFile(emptyFileProblem(file));
  return { ok: true, config, changed, warnings };
}

const refusedFile = (problem: ConfigProblem): ReadAgain => ({ ok: false, problems: [problem], warnings: [] });

/** A writer that was at work so lately may not have finished. */
const quietTime = millis(20);

/** Undefined where the file is another one after `quietTime`, which passes only if the file has changed within it. */
function readQuiet(read: () => TrustedFile): TrustedFile | undefined {
  const first = read();
  if (first.opened === undefined || Math.abs(Date.now() - first.opened.mtimeMs) > quietTime) return first;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, quietTime);
  const second = read();
  return isSameFile(first.opened, second.opened) ? second : undefined;
}

const isSameFile = (one: Stats, other: Stats | undefined): boolean =>
  one.dev === other?.dev && one.ino === other.ino && one.size === other.size && one.mtimeMs === other.mtimeMs;

/** A problem as observers show it. */
export const reloadProblem = (problem: ConfigProblem): ReloadProblem => ({
  code: problem.code,
  message: messageWithHint(problem),
  line: problem.line,
  column: problem.column,
  path: problem.path,
  text: formatProblem(problem),
});
