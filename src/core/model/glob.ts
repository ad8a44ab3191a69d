/**
 * Globs over interface names, as in glob(7): `*`, `?` and `[...]` (with ranges; a leading `!` or `^`
 * negates), anchored at both ends. A backslash is an ordinary character, because a name may contain one.
 */

/** A compiled glob. Immutable. */
export interface Glob {
  readonly pattern: string;
  /** Whether the whole `name` matches. */
  matches(name: string): boolean;
}

export type GlobResult =
  | { readonly ok: true; readonly glob: Glob }
  /** `problem` is a phrase; `offset` is its place in the pattern, in UTF-16 units. */
  | { readonly ok: false; readonly problem: string; readonly offset: number };

interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [number, number])[];
}

/** A code point, one character of a class, any one character, or any run of characters. */
type GlobToken = number | CharacterClass | 'one' | 'many';

/** Whether `pattern` is more than a literal name. */
export const isGlob = (pattern: string): boolean => /[*?[]/.test(pattern);

/** Parses `pattern`; never throws. */
export function parseGlob(pattern: string): GlobResult {
  const chars = Array.from(pattern);
  const tokens: GlobToken[] = [];
  for (let i = 0; i < chars.length; ) {
    const char = chars[i] ?? '';
    if (char === '[') {
      const parsed = parseClass(chars, i);
      if (typeof parsed === 'string') return { ok: false, problem: parsed, offset: unitsBefore(chars, i) };
      tokens.push(parsed.token);
      i = parsed.next;
      continue;
    }
    if (char !== '*') tokens.push(char === '?' ? 'one' : codeOf(char));
    else if (tokens.at(-1) !== 'many') tokens.push('many');
    i++;
  }
  return { ok: true, glob: { pattern, matches: matcherOf(pattern, tokens) } };
}

/**
 * Compiles a list of patterns into one predicate. Throws on an invalid pattern: the configuration validates
 * them first.
 */
export function matchAny(patterns: readonly string[]): (name: string) => boolean {
  const globs = patterns.map((pattern) => {
    const parsed = parseGlob(pattern);
    if (!parsed.ok)
      throw new Error(`pattern ${JSON.stringify(pattern)} was not validated: ${parsed.problem}`);
    return parsed.glob;
  });
  return (name) => globs.some((glob) => glob.matches(name));
}

const codeOf = (char: string): number => char.codePointAt(0) ?? 0;

const unitsBefore = (chars: readonly string[], index: number): number =>
  chars.slice(0, index).join('').length;

function parseClass(
  chars: readonly string[],
  start: number,
): { readonly token: CharacterClass; readonly next: number } | string {
  const negated = chars[start + 1] === '!' || chars[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const close = chars.indexOf(']', first + 1);
  if (close < 0) return '"[" is never closed by "]"';
  const ranges: [number, number][] = [];
  for (let i = first; i < close; i++) {
    const low = chars[i] ?? '';
    const high = chars[i + 1] === '-' && i + 2 < close ? (chars[i + 2] ?? low) : low;
    if (codeOf(low) > codeOf(high)) return `the range "${low}-${high}" is empty`;
    ranges.push([codeOf(low), codeOf(high)]);
    if (chars[i + 1] === '-' && i + 2 < close) i += 2;
  }
  return { token: { negated, ranges }, next: close + 1 };
}

/** Returns the cheapest predicate for the tokens: most patterns are a literal or a prefix. */
function matcherOf(pattern: string, tokens: readonly GlobToken[]): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern;
  if (tokens.length === 1 && tokens[0] === 'many') return () => true;
  const literal = tokens.slice(0, -1).every((token) => typeof token === 'number');
  if (literal && tokens.at(-1) === 'many') {
    const prefix = tokens.slice(0, -1).map((token) => String.fromCodePoint(Number(token)));
    const text = prefix.join('');
    return (name) => name.startsWith(text);
  }
  return (name) => walk(tokens, Array.from(name, codeOf));
}

/** Matches with one backtracking point, the last `*`: linear for common patterns, never exponential. */
function walk(tokens: readonly GlobToken[], name: readonly number[]): boolean {
  let token = 0;
  let at = 0;
  let lastMany = -1;
  let resume = 0;
  while (at < name.length) {
    const wanted = tokens[token];
    if (wanted === 'many') {
      lastMany = token++;
      resume = at;
    } else if (wanted !== undefined && accepts(wanted, name[at] ?? 0)) {
      token++;
      at++;
    } else if (lastMany >= 0) {
      token = lastMany + 1;
      at = ++resume;
    } else return false;
  }
  while (tokens[token] === 'many') token++;
  return token === tokens.length;
}

function accepts(token: Exclude<GlobToken, 'many'>, code: number): boolean {
  if (token === 'one') return true;
  if (typeof token === 'number') return token === code;
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.negated;
}
