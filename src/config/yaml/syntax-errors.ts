/** Translates errors of the YAML library into our messages. */
import { oneLine, showValue } from '../problem.ts';

export interface SyntaxExpectation {
  readonly found: string;
  readonly expected: string;
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** By the library's message. An unknown message is shown as it is. */
const expectations: readonly (readonly [RegExp, string])[] = [
  [/^Tabs are not allowed/, 'spaces for indentation'],
  [/items must start at the same column/, 'the indentation of the lines above it'],
  [/must be sufficiently indented/, 'more indentation than the key above it'],
  [
    /^Nested mappings are not allowed/,
    'one "key: value" on a line, or quotes around a value that has ": " in it',
  ],
  [/^A block sequence may not/, 'list items in one column, below their key'],
  [
    /^Implicit keys? need|^Implicit map keys need/,
    '"key: value": is the ":" missing, or the indentation wrong?',
  ],
  [/^Sequence item without/, '"- " before each item of the list'],
  [/^Missing space after :/, 'a space after ":"'],
  [/^Missing , /, '"," between the items'],
  [/^Unexpected (, |empty item)/, 'an item'],
  [/^Unexpected \S+ (token|in|at)/, 'nothing more here, or quotes around the value'],
  [/^Unresolved tag/, 'no tag: a configuration is plain YAML'],
  [/^Plain value cannot start with/, 'a value in quotes: a plain one cannot start like this'],
  [/^Invalid escape sequence/, 'an escape that YAML knows (single quotes keep backslashes as they are)'],
  [/^The : indicator must be at most/, 'a key of at most 1024 characters'],
  [/^Missing directives-end/, '"---" after the directives'],
  [/^Comments must be separated/, 'a space before "#"'],
  [/^Alias cannot be an empty/, 'a name, or quotes around a glob'],
  [/^(Alias|Anchor|An alias|A node can have)/, 'an alias "*name" or an anchor "&name", one of them'],
];

const closers: Readonly<Record<string, string>> = { '[': ']', '{': '}', '"': '"', "'": "'" };

/**
 * What was found and expected for an error of the library at `offset` of `text`. `unclosed`: offsets of
 * brackets and quotes without an end. The library reports where it gave up; the operator needs the place
 * where it began.
 */
export function syntaxExpectation(
  message: string,
  text: string,
  offset: number,
  unclosed: readonly number[],
): SyntaxExpectation {
  const opening = /closing|end with a/.test(message) ? unclosed.findLast((at) => at <= offset) : undefined;
  if (opening !== undefined) {
    const char = text[opening] ?? '';
    return { found: `an opening ${char}`, expected: `its closing ${closers[char] ?? char}`, offset: opening };
  }
  const at = startOf(text, offset);
  const expected =
    expectations.find(([pattern]) => pattern.test(message))?.[1] ?? `YAML: ${oneLine(message)}`;
  return { found: foundAt(text, at), expected, offset: at };
}

/** Skips indentation, but not a tab. */
function startOf(text: string, offset: number): number {
  const spaces = /^ */.exec(text.slice(offset, offset + 200))?.[0].length ?? 0;
  return /^[\n\r]?$/.test(text[offset + spaces] ?? '') ? offset : offset + spaces;
}

function foundAt(text: string, offset: number): string {
  const char = text[offset];
  if (char === undefined) return 'the end of the file';
  if (char === '\n' || char === '\r') return 'the end of the line';
  if (char === '\t') return 'a tab';
  return showValue(/^[^\s,[\]{}]+/.exec(text.slice(offset, offset + 200))?.[0] ?? char);
}
