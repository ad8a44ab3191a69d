/** The words of a filter's condition. */

export type TokenKind = 'word' | 'number' | 'string' | 'operator' | 'end' | 'bad';

export interface Token {
  readonly kind: TokenKind;
  /** As written; for a string its contents. */
  readonly text: string;
  /** Where it starts, in UTF-16 units from the start of the condition. */
  readonly offset: number;
  /** Of a bad token: what should stand there. */
  readonly expected?: string;
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', /[A-Za-z_][A-Za-z0-9_-]*/y],
  ['number', /\d+(?![\w.])/y],
  ['operator', /==|!=|>=|<=|&&|\|\||[><!()]/y],
];

/** Splits `text`; ends with a token of kind `end`, or of kind `bad` at the first thing that is no token. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  for (;;) {
    offset += /^\s*/.exec(text.slice(offset))?.[0].length ?? 0;
    const { token, end } = tokenAt(text, offset);
    tokens.push(token);
    if (token.kind === 'end' || token.kind === 'bad') return tokens;
    offset = end;
  }
}

function tokenAt(text: string, offset: number): { readonly token: Token; readonly end: number } {
  const char = text[offset];
  if (char === undefined) return { token: { kind: 'end', text: '', offset }, end: offset };
  if (char === '"' || char === "'") return stringAt(text, offset, char);
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { token: { kind, text: found, offset }, end: offset + found.length };
  }
  const run = /^[^\s()"']+/.exec(text.slice(offset))?.[0] ?? char;
  return { token: { kind: 'bad', text: run, offset, expected: insteadOf(run) }, end: offset };
}

function stringAt(
  text: string,
  offset: number,
  quote: string,
): { readonly token: Token; readonly end: number } {
  const close = text.indexOf(quote, offset + 1);
  if (close < 0) {
    const token: Token = { kind: 'bad', text: text.slice(offset), offset, expected: `a closing ${quote}` };
    return { token, end: offset };
  }
  return { token: { kind: 'string', text: text.slice(offset + 1, close), offset }, end: close + 1 };
}

function insteadOf(run: string): string {
  if (run.startsWith('=')) return '"==" to compare';
  if (run.startsWith('&')) return '"&&"';
  if (run.startsWith('|')) return '"||"';
  if (/^[-+]?\d/.test(run)) return 'a whole number';
  return 'a field, a comparison, "&&", "||", "!" or a parenthesis';
}
