/** The program's logger: level, common fields, repeated lines. */
import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Logger, LogLevel } from '../../ports/logger.ts';
import { errorCodeOf } from '../error-codes.ts';
import type { LogOutput } from './log-output.ts';
import { type CodeSite, type LogRecord, reaches } from './log-record.ts';
import { RepeatFilter, type RepeatSummary } from './repeat-filter.ts';

export interface LogDependencies {
  readonly output: LogOutput;
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  /** Returns the place of the call. Used for warnings and errors only, because a stack trace is costly. */
  callSite?(above: (...args: never[]) => unknown): CodeSite | undefined;
}

/** Number of lines written per level, of repeats held back, and of lost lines. */
export interface LogCounters {
  readonly written: Readonly<Record<LogLevel, number>>;
  readonly repeated: number;
  readonly lost: number;
}

/** The one log of a process. Its `logger`, and the loggers made by `with`, share level and counters. */
export class Log {
  readonly logger: Logger;
  readonly #dependencies: LogDependencies;
  readonly #repeats: RepeatFilter<LogRecord> = new RepeatFilter();
  readonly #written: Record<LogLevel, number> = { trace: 0, debug: 0, info: 0, warn: 0, error: 0 };
  #level: LogLevel;
  #output: LogOutput;
  #repeated = 0;
  #lostBefore = 0;

  constructor(dependencies: LogDependencies) {
    this.#dependencies = dependencies;
    this.#level = dependencies.level;
    this.#output = dependencies.output;
    this.logger = new FieldLogger(this, {});
  }

  get level(): LogLevel {
    return this.#level;
  }

  /** Applies to the next line. */
  setLevel(level: LogLevel): void {
    this.#level = level;
  }

  /** Replaces format or destination from the next line on. Tries to write what waits in the old one. */
  setOutput(output: LogOutput): void {
    this.#output.flush();
    this.#lostBefore += this.#output.lost - output.lost;
    this.#output = output;
  }

  counters(): LogCounters {
    const lost = this.#lostBefore + this.#output.lost;
    return { written: { ...this.#written }, repeated: this.#repeated, lost };
  }

  /** Call it every few seconds. Writes the sums of repeats that are due, and lines that still wait. */
  tick(): void {
    for (const summary of this.#repeats.due(this.#dependencies.clock.now())) this.#sumUp(summary);
    this.#output.flush();
  }

  /** The last call before the end of the process. */
  close(): void {
    for (const summary of this.#repeats.drain(this.#dependencies.clock.now())) this.#sumUp(summary);
    this.#output.flush();
  }

  /** `above` is the logger's method that was called: the place of the log line is that method's caller. */
  record(level: LogLevel, message: string, fields: LogFields, above: (...args: never[]) => unknown): void {
    if (!reaches(level, this.#level)) return;
    const site = reaches(level, 'warn') ? this.#dependencies.callSite?.(above) : undefined;
    const at = this.#dependencies.clock.wall();
    const errorCode = errorCodeOf(fields.messageId);
    const told = errorCode === undefined ? fields : { errorCode, ...fields };
    const record: LogRecord = { at, level, message, fields: told, ...(site === undefined ? {} : { site }) };
    if (fields.repeatKey !== undefined && this.#isRepeat(fields.repeatKey, record)) return;
    this.#write(record);
  }

  #isRepeat(key: string, record: LogRecord): boolean {
    const text = `${record.level} ${record.fields.interface ?? ''} ${record.message}`;
    const verdict = this.#repeats.note(key, text, record, this.#dependencies.clock.now());
    if (verdict.summary !== undefined) this.#sumUp(verdict.summary);
    if (!verdict.write) this.#repeated++;
    return !verdict.write;
  }

  #sumUp({ line, times, over }: RepeatSummary<LogRecord>): void {
    const again = times === 1 ? 'once more' : `${times} more times`;
    const message = `${line.message} (${again} in the last ${spell(over)})`;
    this.#write({ ...line, at: this.#dependencies.clock.wall(), message });
  }

  #write(record: LogRecord): void {
    this.#written[record.level]++;
    this.#output.write(record, reaches('debug', this.#level));
  }
}

/** Milliseconds as readable text. */
function spell(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return seconds === 1 ? 'second' : `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

class FieldLogger implements Logger {
  readonly #log: Log;
  readonly #fields: LogFields;

  constructor(log: Log, fields: LogFields) {
    this.#log = log;
    this.#fields = fields;
  }

  trace(message: string, fields?: LogFields): void {
    this.#log.record('trace', message, this.#merge(fields), this.trace);
  }
  debug(message: string, fields?: LogFields): void {
    this.#log.record('debug', message, this.#merge(fields), this.debug);
  }
  info(message: string, fields?: LogFields): void {
    this.#log.record('info', message, this.#merge(fields), this.info);
  }
  warn(message: string, fields?: LogFields): void {
    this.#log.record('warn', message, this.#merge(fields), this.warn);
  }
  error(message: string, fields?: LogFields): void {
    this.#log.record('error', message, this.#merge(fields), this.error);
  }
  with(fields: LogFields): Logger {
    return new FieldLogger(this.#log, this.#merge(fields));
  }
  isEnabled(level: LogLevel): boolean {
    return reaches(level, this.#log.level);
  }

  #merge(fields: LogFields | undefined): LogFields {
    return fields === undefined ? this.#fields : { ...this.#fields, ...fields };
  }
}
