/** Which format the log has: `system.log_format` and what standard error is. */

import type { LogFormatSetting } from '../../ports/logger.ts';

export type LogFormat = 'journal' | 'json' | 'text';

/** What is known of standard error and of the environment at start. */
export interface LogEnvironment {
  /** `$JOURNAL_STREAM`, `device:inode` (systemd.exec(5)). */
  readonly journalStream?: string | undefined;
  /** Device and inode of standard error; absent where it is closed. */
  readonly standardError?: Readonly<{ device: bigint; inode: bigint }> | undefined;
  readonly isTerminal: boolean;
  /** `$NO_COLOR` (no-color.org) and `$TERM`. */
  readonly noColor?: string | undefined;
  readonly term?: string | undefined;
}

export interface ChosenFormat {
  readonly format: LogFormat;
  readonly colour: boolean;
  /** Standard error is the journal's stream: lines written there take a `<N>` priority prefix (sd-daemon(3)). */
  readonly toJournalStream: boolean;
}

export function chooseFormat(setting: LogFormatSetting, around: LogEnvironment): ChosenFormat {
  const toJournalStream = isJournalStream(around);
  const automatic: LogFormat = toJournalStream ? 'journal' : around.isTerminal ? 'text' : 'json';
  return {
    format: setting === 'auto' ? automatic : setting,
    colour: around.isTerminal && (around.noColor ?? '') === '' && around.term !== 'dumb',
    toJournalStream,
  };
}

/**
 * The variable alone proves nothing: it is inherited by whatever a unit starts, also where standard error was
 * redirected since. So it has to name the very file that standard error is.
 */
function isJournalStream(around: LogEnvironment): boolean {
  const match = /^(\d+):(\d+)$/.exec(around.journalStream ?? '');
  const [, device, inode] = match ?? [];
  if (device === undefined || inode === undefined || around.standardError === undefined) return false;
  return BigInt(device) === around.standardError.device && BigInt(inode) === around.standardError.inode;
}
