/**
 * The systemd journal's native protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/. A sequence of fields, each
 * `NAME=value\n`, or, if the value contains a line feed, `NAME\n`, its length as 64 bits little-endian, the value, `\n`.
 */
import type { LogValue } from '../../ports/logger.ts';
import { clip, escapeControls, escapeControlsExceptLines } from './escape.ts';
import { formatSentence } from './format-text.ts';
import { fieldsOf, type LogRecord, priorityOf, snakeCase } from './log-record.ts';
import { messageIds } from './message-ids.ts';

/** Maximum length of a value, in UTF-16 units. A dozen such values fit the default `net.core.wmem_max` (212 992). */
const ordinaryLimit = 8192;
/** Maximum number of items of a list that become fields. */
const maxItems = 64;

/** Names of the line itself, and names that journald or its readers interpret. */
const own: ReadonlySet<string> = new Set([
  'MESSAGE',
  'MESSAGE_ID',
  'PRIORITY',
  'CODE_FILE',
  'CODE_LINE',
  'CODE_FUNC',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_FACILITY',
  'SYSLOG_PID',
  'UNIT',
  'USER_UNIT',
  'INVOCATION_ID',
  'LEVEL',
]);

/** LOG_DAEMON of syslog(3), not shifted. */
const facility = '3';

/** Encodes one datagram. After EMSGSIZE it is encoded again with a lower `limit` (UTF-16 units of each value). */
export function encodeSystemdJournal(record: LogRecord, limit: number = ordinaryLimit): Uint8Array {
  const fields: [string, string][] = [
    ['MESSAGE', clip(formatSentence(record), limit)],
    ['PRIORITY', String(priorityOf(record.level))],
    ['SYSLOG_IDENTIFIER', 'netevd'],
    ['SYSLOG_FACILITY', facility],
    ['LEVEL', record.level],
  ];
  if (record.fields.messageId !== undefined) fields.push(['MESSAGE_ID', messageIds[record.fields.messageId]]);
  if (record.site !== undefined) {
    fields.push(['CODE_FILE', escapeControls(record.site.file)], ['CODE_LINE', String(record.site.line)]);
    if (record.site.function !== undefined) fields.push(['CODE_FUNC', escapeControls(record.site.function)]);
  }
  for (const [name, value] of fieldsOf(record)) {
    for (const text of valuesOf(value, limit)) fields.push([journalName(name), text]);
  }
  return join(fields.map(([name, value]) => encodeField(name, value)));
}

/** A list is several fields with the same name: this is how the systemd journal represents lists. */
function valuesOf(value: LogValue, limit: number): string[] {
  const items = typeof value === 'object' ? value.slice(0, limit < ordinaryLimit ? 1 : maxItems) : [value];
  return items.map((item) => escapeControlsExceptLines(clip(String(item), limit)));
}

/** Upper-case letters, digits and `_`, at most 64, starting with a letter: journald drops other names. */
function journalName(name: string): string {
  const upper = snakeCase(name).toUpperCase();
  const valid = /^[A-Z]/.test(upper) && !own.has(upper) ? upper : `NETEVD_${upper}`;
  return valid.slice(0, 64);
}

const utf8 = new TextEncoder();

function encodeField(name: string, value: string): Uint8Array {
  if (!value.includes('\n')) return utf8.encode(`${name}=${value}\n`);
  const bytes = utf8.encode(value);
  const head = utf8.encode(`${name}\n`);
  const field = new Uint8Array(head.length + 8 + bytes.length + 1);
  field.set(head);
  new DataView(field.buffer).setBigUint64(head.length, BigInt(bytes.length), true);
  field.set(bytes, head.length + 8);
  field[field.length - 1] = 0x0a;
  return field;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
