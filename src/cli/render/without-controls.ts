/** Makes values safe to print: whoever can name a link or a file chooses the characters in the name. */
import { escapeControls } from '../../observe/log/escape.ts';

/** Keys whose text has several lines. */
const outputs: ReadonlySet<string> = new Set(['stdout', 'stderr']);

/** The JSON value with the control characters of every string escaped; line breaks of output stay. */
export const withoutControls = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (key, inner: unknown) => {
    if (typeof inner !== 'string') return inner;
    return outputs.has(key) ? inner.split('\n').map(escapeControls).join('\n') : escapeControls(inner);
  }) as T;
