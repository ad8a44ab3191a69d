/** YAML text → a tree of plain nodes that know where they stand and what their key is called. */
import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  Parser,
} from 'yaml';
import { type ConfigCode, type Problem, showValue } from './problem.ts';
import { syntaxExpectation } from './yaml-errors.ts';

export interface Position {
  /** Both from 1, in characters. */
  readonly line: number;
  readonly column: number;
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly path: string;
  readonly at: Position;
  readonly value: string | number | boolean | null;
  /** Where the text begins that the value repeats letter for letter; absent where it is escaped or folded. */
  readonly textAt?: Position;
}

export interface ListNode {
  readonly kind: 'list';
  readonly path: string;
  readonly at: Position;
  readonly items: readonly TreeNode[];
}

export interface MapEntry {
  readonly key: string;
  /** The key as it is written, from the root: what a message calls it. */
  readonly path: string;
  readonly at: Position;
  readonly value: TreeNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly path: string;
  readonly at: Position;
  readonly entries: readonly MapEntry[];
}

export type TreeNode = ScalarNode | ListNode | MapNode;

export interface YamlTree {
  /** Absent where the text is not YAML. A document without content is a null scalar. */
  readonly root?: TreeNode;
  readonly problems: readonly Problem[];
}

/** No sane configuration comes near; more is an attack by aliases or nesting. */
const maxNodes = 20_000;
const maxDepth = 32;
const maxSyntaxProblems = 20;

/** Parses `text` (without byte order mark); never throws. */
export function parseYamlTree(text: string, file: string): YamlTree {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    const at = positionOf(lines, deep);
    const expected = `at most ${maxDepth} levels of nesting`;
    return { problems: [syntaxProblem(file, at, '', 'deeper nesting', expected)] };
  }
  const options = { uniqueKeys: false, prettyErrors: false, version: '1.2' } as const;
  const [first, second] = [...new Composer(options).compose(tokens, true, text.length)];
  if (first === undefined) return { problems: [] };
  return new TreeBuilder(text, file, lines).build(
    first as Document.Parsed,
    second as Document.Parsed | undefined,
  );
}

/** Offset of the first token past the allowed depth. Iterative: the composer is not, and would overflow. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const waiting: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) return 'offset' in token ? token.offset : 0;
    if (token.type === 'document' && token.value !== undefined) {
      waiting.push({ token: token.value, depth });
    } else if (CST.isCollection(token)) {
      for (const { key, value } of token.items) {
        if (key) waiting.push({ token: key, depth: depth + 1 });
        if (value) waiting.push({ token: value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function syntaxProblem(file: string, at: Position, path: string, found: string, expected: string): Problem {
  return treeProblem('NETEVD_CONFIG_SYNTAX', file, at, path, found, expected);
}

function treeProblem(
  code: ConfigCode,
  file: string,
  at: Position,
  path: string,
  found: string,
  expected: string,
): Problem {
  const message = `found ${found}, expected ${expected}`;
  return { code, severity: 'error', file, ...at, path, found, expected, message };
}

/** Path of an entry below `parent`. Keys that would not read back are quoted. */
export const pathBelow = (parent: string, key: string | number): string => {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const word = /^[A-Za-z0-9_@-]+$/.test(key) ? key : showValue(key);
  return parent === '' ? word : `${parent}.${word}`;
};

class TreeBuilder {
  private readonly text: string;
  private readonly file: string;
  private readonly lines: LineCounter;
  private readonly problems: Problem[] = [];
  private nodes = 0;

  constructor(text: string, file: string, lines: LineCounter) {
    this.text = text;
    this.file = file;
    this.lines = lines;
  }

  build(document: Document.Parsed, second: Document.Parsed | undefined): YamlTree {
    this.reportSyntax(document);
    if (second !== undefined) {
      const at = this.at(second.range[0]);
      this.report(at, '', 'a second document', 'one document: no further "---"');
    }
    const { explicit, version } = document.directives.yaml;
    if (explicit === true && version !== '1.2') {
      this.report({ line: 1, column: 1 }, '', `%YAML ${version}`, 'YAML 1.2');
    }
    if (this.problems.length > 0) return { problems: this.problems };
    const root = this.node(document, document.contents, '', 0, []);
    if (this.nodes > maxNodes) {
      this.report(
        { line: 1, column: 1 },
        '',
        'more',
        `at most ${maxNodes} values, aliases counted each time`,
      );
      return { problems: this.problems };
    }
    return { root, problems: this.problems };
  }

  /** One problem per line: the ones after it are mostly echoes. */
  private reportSyntax(document: Document.Parsed): void {
    const seen = new Set<number>();
    for (const error of [...document.errors, ...document.warnings]) {
      const at = this.at(error.pos[0]);
      if (seen.has(at.line) || seen.size >= maxSyntaxProblems) continue;
      seen.add(at.line);
      const { found, expected } = syntaxExpectation(error.code, error.message, this.text, error.pos[0]);
      this.report(at, '', found, expected);
    }
  }

  private node(
    document: Document.Parsed,
    node: ParsedNode | null,
    path: string,
    depth: number,
    open: readonly ParsedNode[],
  ): TreeNode {
    const at = this.at(node?.range[0] ?? 0);
    const nothing: ScalarNode = { kind: 'scalar', path, at, value: null };
    if (node === null || ++this.nodes > maxNodes) return nothing;
    if (isAlias(node)) {
      const target = node.resolve(document) as ParsedNode | undefined;
      if (target !== undefined && !open.includes(target) && depth < maxDepth) {
        return this.node(document, target, path, depth + 1, open);
      }
      this.report(at, path, `the alias "*${node.source}"`, 'an alias of something complete above it');
      return nothing;
    }
    if (isScalar(node)) return this.scalar(node.value, node.range[0], path, at);
    const inside = [...open, node];
    const below = (child: ParsedNode | null, childPath: string): TreeNode =>
      this.node(document, child, childPath, depth + 1, inside);
    if (isSeq(node)) {
      const items = node.items.map((item, i) => below(item as ParsedNode, pathBelow(path, i)));
      return { kind: 'list', path, at, items };
    }
    if (isMap(node)) return { kind: 'map', path, at, entries: this.entries(node.items, path, below) };
    return nothing;
  }

  private scalar(value: unknown, offset: number, path: string, at: Position): ScalarNode {
    if (typeof value === 'string') {
      const quote = /["']/.test(this.text[offset] ?? '') ? 1 : 0;
      if (!this.text.startsWith(value, offset + quote)) return { kind: 'scalar', path, at, value };
      return { kind: 'scalar', path, at, value, textAt: this.at(offset + quote) };
    }
    const plain = typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { kind: 'scalar', path, at, value: plain };
  }

  private entries(
    pairs: readonly Pair<ParsedNode, ParsedNode | null>[],
    path: string,
    below: (child: ParsedNode | null, childPath: string) => TreeNode,
  ): readonly MapEntry[] {
    const entries = new Map<string, MapEntry>();
    for (const { key: keyNode, value: valueNode } of pairs) {
      const at = this.at(keyNode.range[0]);
      const key = this.keyOf(keyNode, at, path);
      if (key === undefined) continue;
      const entryPath = pathBelow(path, key);
      const first = entries.get(key);
      if (first !== undefined) {
        const expected = `each key once (first on line ${first.at.line})`;
        this.problems.push(
          treeProblem('NETEVD_CONFIG_DUPLICATE_KEY', this.file, at, entryPath, 'the key again', expected),
        );
      }
      const value = below(valueNode, entryPath);
      entries.set(key, { key, path: entryPath, at, value: valueNode === null ? { ...value, at } : value });
    }
    return [...entries.values()];
  }

  private keyOf(node: ParsedNode, at: Position, path: string): string | undefined {
    if (isScalar(node) && node.value !== null) return node.source;
    this.report(at, path, isScalar(node) ? 'an empty key' : 'a key that is not a word', 'a word, then ":"');
    return undefined;
  }

  private at(offset: number): Position {
    return positionOf(this.lines, offset);
  }

  private report(at: Position, path: string, found: string, expected: string): void {
    this.problems.push(syntaxProblem(this.file, at, path, found, expected));
  }
}
