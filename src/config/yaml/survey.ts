/** Surveys the tokens of a YAML text before anything recursive processes them. */
import { CST } from 'yaml';

export interface Survey {
  /** Offset of the first token that is nested too deeply. */
  readonly tooDeep?: number;
  /** Offsets of brackets and quotes without an end, in the order of the text. */
  readonly unclosed: readonly number[];
}

/** Iterative: the composer of the library recurses, and a text of brackets would overflow its stack. */
export function survey(tokens: readonly CST.Token[], maxDepth: number): Survey {
  const unclosed: number[] = [];
  const waiting = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) return { tooDeep: 'offset' in token ? token.offset : 0, unclosed };
    if (isUnclosed(token)) unclosed.push(token.offset);
    waiting.push(...partsOf(token).map((part) => ({ token: part, depth: depth + 1 })));
  }
  return { unclosed: unclosed.sort((a, b) => a - b) };
}

function partsOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!CST.isCollection(token)) return [];
  return token.items.flatMap(({ key, value }) =>
    [key, value].filter((part) => part !== undefined && part !== null),
  );
}

function isUnclosed(token: CST.Token): token is CST.Token & { readonly offset: number } {
  if (token.type === 'flow-collection') {
    return !token.end.some(({ type }) => type === 'flow-seq-end' || type === 'flow-map-end');
  }
  if (token.type !== 'double-quoted-scalar' && token.type !== 'single-quoted-scalar') return false;
  const { source } = token;
  return source.length < 2 || !source.endsWith(source[0] ?? '') || /[^\\](\\\\)*\\"$/.test(source);
}
