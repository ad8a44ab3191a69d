/** Log lines in the JSON format, found by their fields: what a message says may be reworded. */
import { messageIds } from '../observe/log/message-ids.ts';

/** One line of the log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Fields of a log line by their JSON keys; a regular expression fits any text that it matches. */
export interface LogPattern {
  readonly messageId?: keyof typeof messageIds;
  readonly [field: string]: string | number | boolean | RegExp | readonly string[] | undefined;
}

/** The lines of `text`, in their order; what is no whole line of JSON is passed over. */
export const parseLogLines = (text: string): LogLine[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);

/** Those of the lines of `text` that have these fields. */
export const logLinesLike = (text: string, pattern: LogPattern): LogLine[] =>
  parseLogLines(text).filter((line) => fits(line, pattern));

function fits(line: LogLine, { messageId, ...fields }: LogPattern): boolean {
  if (messageId !== undefined && line['message_id'] !== messageIds[messageId]) return false;
  return Object.entries(fields).every(([name, expected]) => {
    const value = line[name];
    if (expected instanceof RegExp) return typeof value === 'string' && expected.test(value);
    return JSON.stringify(value) === JSON.stringify(expected);
  });
}
