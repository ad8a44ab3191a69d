/** Lines for programs: one JSON object each. */
import type { LogValue } from '../../ports/logger.ts';
import { clip, escapeJson } from './escape.ts';
import { fieldsOf, type LogRecord, snakeCase } from './log-record.ts';
import { messageIds } from './message-ids.ts';

/** Maximum length of a string, in UTF-16 units. */
const limit = 16384;

/** Keys of the line itself. A field with such a name gets `_` appended. */
const own: ReadonlySet<string> = new Set(['ts', 'level', 'message', 'message_id']);

/** `{"ts","level","message",…fields}` without its line feed. `ts` is RFC 3339 in UTC with milliseconds. */
export function formatJson(record: LogRecord): string {
  const line: Record<string, LogValue> = {
    ts: new Date(record.at).toISOString(),
    level: record.level,
    message: clip(record.message, limit).toWellFormed(),
  };
  if (record.fields.messageId !== undefined) line['message_id'] = messageIds[record.fields.messageId];
  for (const [name, value] of fieldsOf(record)) {
    const key = snakeCase(name);
    line[own.has(key) ? `${key}_` : key] = jsonValue(value);
  }
  return escapeJson(JSON.stringify(line));
}

/** Numbers that JSON cannot carry exactly become strings. */
function jsonValue(value: LogValue): LogValue {
  switch (typeof value) {
    case 'string':
      return clip(value, limit).toWellFormed();
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'boolean':
      return value;
    default:
      return value.map((item) => (typeof item === 'string' ? clip(item, limit).toWellFormed() : item));
  }
}
