/** Splits the condition of a filter into tokens. */

export type ConditionTokenKind = 'word' | 'number' | 'string' | 'operator' | 'end' | 'invalid';

export interface ConditionToken {
  readonly kind: ConditionTokenKind;
  /** As written; for a string its contents. */
  readonly text: string;
  /** Where it starts, in UTF-16 units from the start of the condition. */
  readonly offset: number;
  /** Of an invalid token: what should be there instead. */
  readonly expected?: string;
}

const patterns: readonly (readonly [ConditionTokenKind, RegExp])[] = [
  ['word', /[A-Za-z_][A-Za-z0-9_-]*/y],
  ['number', /\d+(?![\w.])/y],
  ['operator', /==|!=|>=|<=|&&|\|\||[><!()]/y],
];

/** Splits `text`. The last token has kind `end`, or `invalid` at the first text that is not a token. */
export function tokenize(text: string): readonly ConditionToken[] {
  const tokens: ConditionToken[] = [];
  let offset = 0;
  for (;;) {
    offset += /^\s*/.exec(text.slice(offset))?.[0].length ?? 0;
    const { token, end } = tokenAt(text, offset);
    tokens.push(token);
    if (token.kind === 'end' || token.kind === 'invalid') return tokens;
    offset = end;
  }
}

function tokenAt(text: string, offset: number): { readonly token: ConditionToken; readonly end: number } {
  const char = text[offset];
  if (char === undefined) return { token: { kind: 'end', text: '', offset }, end: offset };
  if (char === '"' || char === "'") return stringAt(text, offset, char);
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) return { token: { kind, text: match, offset }, end: offset + match.length };
  }
  const invalid = /^[^\s()"']+/.exec(text.slice(offset))?.[0] ?? char;
  const token: ConditionToken = {
    kind: 'invalid',
    text: invalid,
    offset,
    expected: expectationFor(invalid),
  };
  return { token, end: offset };
}

function stringAt(
  text: string,
  offset: number,
  quote: string,
): { readonly token: ConditionToken; readonly end: number } {
  const close = text.indexOf(quote, offset + 1);
  if (close < 0) {
    const token: ConditionToken = {
      kind: 'invalid',
      text: text.slice(offset),
      offset,
      expected: `a closing ${quote}`,
    };
    return { token, end: offset };
  }
  return { token: { kind: 'string', text: text.slice(offset + 1, close), offset }, end: close + 1 };
}

function expectationFor(text: string): string {
  if (text.startsWith('=')) return '"==" to compare';
  if (text.startsWith('&')) return '"&&"';
  if (text.startsWith('|')) return '"||"';
  if (/^[-+]?\d/.test(text)) return 'a whole number';
  return 'a field, a comparison, "&&", "||", "!" or a parenthesis';
}
