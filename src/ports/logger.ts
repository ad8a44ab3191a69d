/**
 * Where log lines go. A message states one thing that happened, as `<subject>: <what>`; what a program may
 * select by goes into the fields. Values may come from any host or process: every format escapes them.
 */

/** From the least to the most severe. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
/** `system.log_format`: `auto` chooses by what standard error is. */
export type LogFormatSetting = 'auto' | 'journal' | 'json' | 'text';

export type LogValue = string | number | bigint | boolean | readonly (string | number)[];

/** Lines that have a MESSAGE_ID in the systemd journal and an entry in its catalog (`journalctl -x`). */
export type MessageName =
  | 'daemonReady'
  | 'daemonStopping'
  | 'configReloaded'
  | 'configRejected'
  | 'linkChanged'
  | 'hookFailed'
  | 'hookTimedOut'
  | 'hookRefused'
  | 'syncLost'
  | 'sourceLost'
  | 'sourceRestored'
  | 'routingChanged'
  | 'routingConflict'
  | 'routingContested'
  | 'privilegeMissing'
  | 'callRefused'
  | 'nameResolutionChanged'
  | 'valueRejected'
  | 'stateBroken'
  | 'stateUnwritable'
  | 'internalError';

/**
 * Each field becomes `INTERFACE=`, `EVENT=`, … in the journal and a key of the JSON line. `undefined` is left
 * out. Other fields are camelCase with the unit at the end: `durationMs`, `exitCode`.
 */
export interface LogFields {
  /** Name of the link. */
  readonly interface?: string | undefined;
  readonly ifindex?: number | undefined;
  /** Kind of the event: `routable`, `address-added` … */
  readonly event?: string | undefined;
  readonly state?: string | undefined;
  /** Source of the fact: `kernel` or a manager. */
  readonly backend?: string | undefined;
  /** Number of the record. */
  readonly seq?: number | undefined;
  /** Path of the hook. */
  readonly script?: string | undefined;
  /** The part of the daemon: `kernel`, `hooks`, `api` … */
  readonly component?: string | undefined;
  readonly messageId?: MessageName | undefined;
  /** A code of docs/errors.md; the logger adds it where `messageId` stands for an error. */
  readonly errorCode?: string | undefined;
  /**
   * Subject of a line that may be repeated. The same text with the same key is counted instead of written,
   * and summed up when the text changes or five minutes have passed.
   */
  readonly repeatKey?: string | undefined;
  readonly [other: string]: LogValue | undefined;
}

export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line; fields of the line win. */
  with(fields: LogFields): Logger;
  /** Whether a line of this level would be written: check before building a costly message. */
  isEnabled(level: LogLevel): boolean;
}
