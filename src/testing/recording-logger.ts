/** A logger for tests. Records every line of every level. */
import type { LogFields, Logger, LogLevel } from '../ports/logger.ts';

export interface RecordedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export class RecordingLogger implements Logger {
  readonly lines: RecordedLine[];
  readonly #inherited: LogFields;

  constructor(lines: RecordedLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#inherited = fields;
  }

  trace(message: string, fields: LogFields = {}): void {
    this.#record('trace', message, fields);
  }
  debug(message: string, fields: LogFields = {}): void {
    this.#record('debug', message, fields);
  }
  info(message: string, fields: LogFields = {}): void {
    this.#record('info', message, fields);
  }
  warn(message: string, fields: LogFields = {}): void {
    this.#record('warn', message, fields);
  }
  error(message: string, fields: LogFields = {}): void {
    this.#record('error', message, fields);
  }
  /** Shares the list of lines with its parent. */
  with(fields: LogFields): RecordingLogger {
    return new RecordingLogger(this.lines, { ...this.#inherited, ...fields });
  }
  isEnabled(): boolean {
    return true;
  }
  /** The messages of one level, or of all. */
  messages(level?: LogLevel): readonly string[] {
    return this.lines
      .filter((line) => level === undefined || line.level === level)
      .map((line) => line.message);
  }

  /** The values of these fields, for each line of the level. */
  fields(level: LogLevel, ...names: readonly string[]): readonly (readonly unknown[])[] {
    return this.lines
      .filter((line) => line.level === level)
      .map((line) => names.map((name) => line.fields[name]));
  }

  #record(level: LogLevel, message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields: { ...this.#inherited, ...fields } });
  }
}
