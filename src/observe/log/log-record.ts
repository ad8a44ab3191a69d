/** One log line before it has a format. */
import type { Timestamp } from '../../core/model/ids.ts';
import type { LogFields, LogLevel, LogValue } from '../../ports/logger.ts';

/** Where in the source a line was logged; CODE_FILE, CODE_LINE and CODE_FUNC of the systemd journal. */
export interface CodeSite {
  readonly file: string;
  readonly line: number;
  readonly function?: string;
}

export interface LogRecord {
  readonly at: Timestamp;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  readonly site?: CodeSite;
}

const severities: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };

/** Whether `level` is at least as severe as `threshold`. */
export const reaches = (level: LogLevel, threshold: LogLevel): boolean =>
  severities[level] >= severities[threshold];

const priorities: Readonly<Record<LogLevel, number>> = { trace: 7, debug: 7, info: 6, warn: 4, error: 3 };

/** Syslog priority (syslog(3)) for PRIORITY of the systemd journal and the `<N>` prefix of sd-daemon(3). */
export const priorityOf = (level: LogLevel): number => priorities[level];

/** Fields for the logger itself, which are not part of a line. */
const control: ReadonlySet<string> = new Set(['messageId', 'repeatKey']);

/** The fields of a line, in the order in which they were given. */
export function fieldsOf(record: LogRecord): [name: string, value: LogValue][] {
  const given: [string, LogValue][] = [];
  for (const [name, value] of Object.entries(record.fields)) {
    if (value !== undefined && !control.has(name)) given.push([name, value]);
  }
  return given;
}

/** `durationMs` → `duration_ms`; other characters become `_`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
