/** Outputs of the log: a format and a destination. No output throws or blocks. */
import type { SystemdJournalSink } from '../../ports/datagram.ts';
import type { ByteQueue } from './byte-queue.ts';
import { formatJson } from './format-json.ts';
import { encodeSystemdJournal } from './format-systemd-journal.ts';
import { formatText, type TextStyle } from './format-text.ts';
import { type LogRecord, priorityOf } from './log-record.ts';

export interface LogOutput {
  /** `details`: also shows fields that the message already contains, if the format has a choice. */
  write(record: LogRecord, details: boolean): void;
  /** Tries to write what waits. */
  flush(): void;
  /** Number of lost lines. */
  readonly lost: number;
}

const utf8 = new TextEncoder();

/** Formats one line, without its line feed. */
type LineFormat = (record: LogRecord, details: boolean) => string;

/** Lines of text or JSON. */
export class LineOutput implements LogOutput {
  readonly #queue: ByteQueue;
  readonly #format: LineFormat;
  #reported: number;

  constructor(queue: ByteQueue, format: LineFormat) {
    this.#queue = queue;
    this.#format = format;
    this.#reported = queue.lost;
  }

  get lost(): number {
    return this.#queue.lost;
  }

  write(record: LogRecord, details: boolean): void {
    if (this.#queue.lost > this.#reported) this.#reportLoss(record);
    this.#queue.push(utf8.encode(`${this.#format(record, details)}\n`));
  }

  flush(): void {
    this.#queue.flush();
  }

  /** When the reader accepts lines again, it gets the number of lost lines. */
  #reportLoss(next: LogRecord): void {
    const missed = this.#queue.lost - this.#reported;
    const message = `${missed} log ${missed === 1 ? 'line was' : 'lines were'} lost: the reader was gone or too slow`;
    const record: LogRecord = { at: next.at, level: 'warn', message, fields: {} };
    const line = utf8.encode(`${this.#format(record, false)}\n`);
    if (this.#queue.offer(line)) this.#reported += missed;
  }
}

export const jsonOutput = (queue: ByteQueue): LogOutput => new LineOutput(queue, formatJson);

export const textOutput = (queue: ByteQueue, style: Omit<TextStyle, 'details'>): LogOutput =>
  new LineOutput(queue, (record, details) => formatText(record, { ...style, details }));

/** Text for a stream that journald reads: journald adds the time and takes the priority from `<N>`. */
export const streamOutput = (queue: ByteQueue): LogOutput =>
  new LineOutput(queue, (record, details) => {
    const text = formatText(record, { colour: false, time: 'none', details });
    return `<${priorityOf(record.level)}>${text}`;
  });

/** Maximum length of values, in UTF-16 units, when a line that was too large for a datagram is sent again. */
const shortValues = 512;

/** The systemd journal's native protocol. Lines that it refuses go to `fallback`, unless the journal is only busy. */
export class SystemdJournalOutput implements LogOutput {
  readonly #sink: SystemdJournalSink;
  readonly #fallback: LogOutput;
  #lost = 0;

  constructor(sink: SystemdJournalSink, fallback: LogOutput) {
    this.#sink = sink;
    this.#fallback = fallback;
  }

  get lost(): number {
    return this.#lost + this.#fallback.lost;
  }

  write(record: LogRecord, details: boolean): void {
    let outcome = this.#sink.send(encodeSystemdJournal(record));
    if (!outcome.ok && outcome.code === 'EMSGSIZE')
      outcome = this.#sink.send(encodeSystemdJournal(record, shortValues));
    if (outcome.ok) return;
    // A busy journal has a full queue: its stream would block too.
    if (outcome.code === 'EAGAIN' || outcome.code === 'ENOBUFS') this.#lost++;
    else this.#fallback.write(record, details);
  }

  flush(): void {
    this.#fallback.flush();
  }
}
