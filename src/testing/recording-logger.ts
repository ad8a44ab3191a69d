/** A logger for tests: keeps every line, whatever its level. */
import type { LogFields, Logger, LogLevel } from '../ports/logger.ts';

export interface RecordedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export class RecordingLogger implements Logger {
  readonly lines: RecordedLine[];
  readonly #fields: LogFields;

  constructor(lines: RecordedLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  trace(message: string, fields: LogFields = {}): void {
    this.#keep('trace', message, fields);
  }
  debug(message: string, fields: LogFields = {}): void {
    this.#keep('debug', message, fields);
  }
  info(message: string, fields: LogFields = {}): void {
    this.#keep('info', message, fields);
  }
  warn(message: string, fields: LogFields = {}): void {
    this.#keep('warn', message, fields);
  }
  error(message: string, fields: LogFields = {}): void {
    this.#keep('error', message, fields);
  }
  /** Shares the list of lines with its parent. */
  with(fields: LogFields): RecordingLogger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields });
  }
  isEnabled(): boolean {
    return true;
  }
  /** Messages alone, of one level or of all. */
  messages(level?: LogLevel): readonly string[] {
    return this.lines
      .filter((line) => level === undefined || line.level === level)
      .map((line) => line.message);
  }

  #keep(level: LogLevel, message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
