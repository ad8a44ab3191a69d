/** Decodes bytes into text that can be parsed as YAML. */
import type { ConfigProblem } from './problem.ts';

/** Largest file that is read, in bytes. */
export const maxFileSize: number = 256 * 1024;

export type TextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Decodes strict UTF-8; never throws. A byte order mark is dropped. */
export function decodeText(bytes: Uint8Array, file: string): TextResult {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) return { ok: false, problems: [encodingProblem(file, 1, 1, 'UTF-16', 'UTF-8')] };
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bad = invalidUtf8At(bytes, text);
  if (bad === undefined) return { ok: true, text };
  const before = text.slice(0, bad).split('\n');
  const found = 'bytes that are not UTF-8';
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { ok: false, problems: [encodingProblem(file, before.length, column, found, 'UTF-8')] };
}

/** Index of the first replacement character that is not in the bytes themselves. */
function invalidUtf8At(bytes: Uint8Array, text: string): number | undefined {
  const again = new TextEncoder().encode(text);
  if (again.length === bytes.length && again.every((byte, i) => byte === bytes[i])) return undefined;
  let offset = 0;
  for (const [index, char] of Array.from(text).entries()) {
    const spelled = new TextEncoder().encode(char);
    if (spelled.some((byte, i) => byte !== bytes[offset + i])) {
      return Array.from(text).slice(0, index).join('').length;
    }
    offset += spelled.length;
  }
  return text.length;
}

/** Characters that are reported at most: a binary file has thousands. */
const maxReported = 5;

/** Accepts printable characters only (YAML 1.2 section 5.1). Drops a byte order mark at the start. */
export function cleanText(text: string, file: string): TextResult {
  if (text.length > maxFileSize) {
    const found = `${text.length} characters`;
    return { ok: false, problems: [encodingProblem(file, 0, 0, found, `at most ${maxFileSize}`)] };
  }
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const problems: ConfigProblem[] = [];
  for (const match of body.matchAll(unprintable)) {
    if (problems.length === maxReported) break;
    const before = body.slice(0, match.index);
    const line = before.split('\n').length;
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const column = match.index - before.lastIndexOf('\n');
    problems.push(encodingProblem(file, line, column, `the character U+${code}`, 'printable text'));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, text: body };
}

const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udfff]/gu;

function encodingProblem(
  file: string,
  line: number,
  column: number,
  found: string,
  expected: string,
): ConfigProblem {
  const message = `found ${found}, expected ${expected}`;
  const code = 'NETEVD_CONFIG_ENCODING';
  return { code, severity: 'error', file, line, column, path: '', found, expected, message };
}
