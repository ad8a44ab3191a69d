/** What the YAML library says, in the words of the rest of this room. */
import { oneLine, showValue } from './problem.ts';

export interface SyntaxExpectation {
  readonly found: string;
  readonly expected: string;
}

/** By the library's code. What is not here is told in the library's own words. */
const expectations: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'spaces for indentation',
  BAD_INDENT: 'the indentation of the lines around it',
  BAD_ALIAS: 'an alias whose anchor stands above it',
  ALIAS_PROPS: 'an alias without anchor or tag',
  BAD_DIRECTIVE: 'a directive that YAML knows, such as %YAML 1.2',
  BAD_DQ_ESCAPE: 'an escape that YAML knows (single quotes keep backslashes as they are)',
  BAD_SCALAR_START: 'a value in quotes: this character cannot start a plain one',
  BLOCK_IN_FLOW: 'no block inside "[...]" or "{...}"',
  BLOCK_AS_IMPLICIT_KEY: 'one "key: value" on a line, or quotes around a value that holds ": "',
  MULTILINE_IMPLICIT_KEY: '"key: value": ":" is missing, or the line is not indented as its neighbours',
  KEY_OVER_1024_CHARS: 'a key of at most 1024 characters',
  MULTIPLE_ANCHORS: 'one anchor',
  MULTIPLE_TAGS: 'one tag',
  TAG_RESOLVE_FAILED: 'no tag: a configuration is plain YAML',
};

/** What was found and expected for an error of the library at `offset` of `text`. */
export function syntaxExpectation(
  code: string,
  message: string,
  text: string,
  offset: number,
): SyntaxExpectation {
  const found = foundAt(text, offset);
  const known = expectations[code];
  if (known !== undefined) return { found, expected: known };
  const missing = /^Missing (?:closing )?(\S+)/i.exec(message)?.[1];
  if (missing !== undefined) return { found, expected: `a closing ${missing}` };
  return { found, expected: `YAML: ${oneLine(message)}` };
}

function foundAt(text: string, offset: number): string {
  const char = text[offset];
  if (char === undefined) return 'the end of the file';
  if (char === '\n' || char === '\r') return 'the end of the line';
  if (char === '\t') return 'a tab';
  return showValue(/^[^\s,[\]{}]+/.exec(text.slice(offset, offset + 200))?.[0] ?? char);
}
