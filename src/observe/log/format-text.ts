/** Lines for people: time, level, the link, what happened. */
import type { LogLevel, LogValue } from '../../ports/logger.ts';
import { clip, escapeControls } from './escape.ts';
import { fieldsOf, type LogRecord } from './log-record.ts';

/** Options of a text line. */
export interface TextStyle {
  /** ANSI colours; only ever on a terminal. */
  readonly colour: boolean;
  /** `clock`: 20:11:03.123; `date`: the day as well; `none` where the reader adds the time. Local time. */
  readonly time: 'clock' | 'date' | 'none';
  /** Whether to show fields that the message already contains (event, state, seq …): for log levels debug and trace. */
  readonly details: boolean;
}

/** Maximum length of a message or value, in UTF-16 units. */
const limit = 4096;

/** Fields that the message already contains, or that only programs need. */
const quiet: ReadonlySet<string> = new Set([
  'ifindex',
  'event',
  'state',
  'backend',
  'seq',
  'component',
  'errorCode',
]);

const colours: Readonly<Record<LogLevel, string>> = {
  trace: '\x1b[90m',
  debug: '\x1b[36m',
  info: '\x1b[32m',
  warn: '\x1b[33m',
  error: '\x1b[1;31m',
};
const dim = '\x1b[2m';
const plain = '\x1b[0m';

/** Formats one line, without its line feed. */
export function formatText(record: LogRecord, style: TextStyle): string {
  const paint = (code: string, text: string): string => (style.colour ? `${code}${text}${plain}` : text);
  const parts: string[] = [];
  if (style.time !== 'none') parts.push(paint(dim, localTime(record.at, style.time === 'date')));
  parts.push(paint(colours[record.level], record.level.padEnd(5)));
  parts.push(sentence(record));
  const tail = fieldTail(record, style.details);
  if (tail !== '') parts.push(paint(dim, tail));
  return parts.join(' ');
}

/** The message with its link, escaped, as one line: also MESSAGE in the systemd journal. */
export function formatSentence(record: LogRecord): string {
  const tail = fieldTail(record, false);
  return tail === '' ? sentence(record) : `${sentence(record)} ${tail}`;
}

function sentence(record: LogRecord): string {
  const message = escapeControls(clip(record.message, limit));
  const link = record.fields.interface;
  if (link === undefined) return message;
  const name = escapeControls(clip(link, limit));
  return message === name || message.startsWith(`${name} `) || message.startsWith(`${name}:`)
    ? message
    : `${name}: ${message}`;
}

function fieldTail(record: LogRecord, details: boolean): string {
  const shown = fieldsOf(record).filter(([name]) => name !== 'interface' && (details || !quiet.has(name)));
  if (shown.length === 0) return '';
  return `[${shown.map(([name, value]) => `${name}=${formatValue(value)}`).join(' ')}]`;
}

/** Quotes a value that could be read as several fields. */
function formatValue(value: LogValue): string {
  const text = clip(typeof value === 'object' ? value.join(',') : String(value), limit);
  if (!/[\s"=[\]\\]|^$/.test(text)) return escapeControls(text);
  return `"${escapeControls(text.replace(/[\\"]/g, '\\$&'))}"`;
}

function localTime(at: number, withDate: boolean): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  if (!withDate) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}
