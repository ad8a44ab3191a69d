/** Parses YAML text into a tree. Size, depth and aliases are bounded. */
import {
  Composer,
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
import { type ConfigCode, type ConfigProblem, oneLine, showValue } from '../problem.ts';
import { survey } from './survey.ts';
import { syntaxExpectation } from './syntax-errors.ts';
import {
  type MapEntry,
  type Position,
  pathBelow,
  type ScalarNode,
  type TreeNode,
  type YamlTree,
} from './tree.ts';

/** No real configuration has as many; more is an attack by aliases or nesting. */
const maxNodes = 20_000;
const maxDepth = 32;
const maxSyntaxProblems = 20;

/** Parses `text` (without byte order mark); never throws. */
export function parseYamlTree(text: string, file: string): YamlTree {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const { tooDeep, unclosed } = survey(tokens, maxDepth);
  const builder = new TreeBuilder(text, file, lines);
  if (tooDeep !== undefined) return builder.refuse(tooDeep, 'deeper nesting', `at most ${maxDepth} levels`);
  const options = { uniqueKeys: false, prettyErrors: false, version: '1.2' } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  return builder.build(documents as Document.Parsed[], unclosed);
}

class TreeBuilder {
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #problems: ConfigProblem[] = [];
  readonly #anchors = new Map<string, ParsedNode>();
  #nodes = 0;

  constructor(text: string, file: string, lines: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
  }

  refuse(offset: number, found: string, expected: string): YamlTree {
    this.#report(this.#at(offset), '', found, expected);
    return { problems: this.#problems };
  }

  build([document, second]: readonly Document.Parsed[], unclosed: readonly number[]): YamlTree {
    if (document === undefined) return this.refuse(0, 'no document', 'a map of sections');
    this.#reportSyntax(document, unclosed);
    if (second !== undefined) {
      this.#report(this.#at(second.range[0]), '', 'a second document', 'one document: no further "---"');
    }
    const { explicit, version } = document.directives.yaml;
    if (explicit === true && version !== '1.2')
      this.#report(this.#at(0), '', oneLine(`%YAML ${version}`), 'YAML 1.2');
    if (this.#problems.length > 0) return { problems: this.#problems };
    const root = this.#node(document.contents, '', 0, []);
    if (this.#nodes > maxNodes) {
      return this.refuse(0, `more than ${maxNodes} values`, 'fewer (an alias counts each time it is used)');
    }
    return root === undefined ? { problems: this.#problems } : { root, problems: this.#problems };
  }

  /** One problem for each line: later ones mostly follow from the first. */
  #reportSyntax(document: Document.Parsed, unclosed: readonly number[]): void {
    const seen = new Set<number>();
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      const { found, expected, offset } = syntaxExpectation(message, this.#text, pos[0], unclosed);
      const at = this.#at(offset);
      if (seen.has(at.line) || seen.size >= maxSyntaxProblems) continue;
      seen.add(at.line);
      this.#report(at, '', found, expected);
    }
  }

  /** Undefined where a problem has been reported: the value then counts as missing. */
  #node(
    node: ParsedNode | null,
    path: string,
    depth: number,
    open: readonly ParsedNode[],
  ): TreeNode | undefined {
    const at = this.#at(node?.range[0] ?? 0);
    if (node === null || ++this.#nodes > maxNodes) return { kind: 'scalar', path, at, value: null };
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target !== undefined && !open.includes(target) && depth < maxDepth) {
        return this.#node(target, path, depth + 1, open);
      }
      this.#report(
        at,
        path,
        `the alias ${showValue(`*${node.source}`)}`,
        'an anchor of that name above it, or quotes around a glob',
      );
      return undefined;
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node.value, node.range[0], path, at);
    const inside = [...open, node];
    const below = (child: ParsedNode | null, childPath: string): TreeNode | undefined =>
      this.#node(child, childPath, depth + 1, inside);
    if (isMap(node)) return { kind: 'map', path, at, entries: this.#entries(node.items, path, below) };
    if (!isSeq(node)) return undefined;
    const items = node.items.map((item, i) => below(item as ParsedNode, pathBelow(path, i)));
    const whole = items.filter((item) => item !== undefined);
    return whole.length === items.length ? { kind: 'list', path, at, items: whole } : undefined;
  }

  #scalar(value: unknown, offset: number, path: string, at: Position): ScalarNode {
    if (typeof value === 'string') {
      const quote = /["']/.test(this.#text[offset] ?? '') ? 1 : 0;
      if (!this.#text.startsWith(value, offset + quote)) return { kind: 'scalar', path, at, value };
      return { kind: 'scalar', path, at, value, textAt: this.#at(offset + quote) };
    }
    const plain = typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { kind: 'scalar', path, at, value: plain };
  }

  #entries(
    pairs: readonly Pair<ParsedNode, ParsedNode | null>[],
    path: string,
    below: (child: ParsedNode | null, childPath: string) => TreeNode | undefined,
  ): readonly MapEntry[] {
    const entries = new Map<string, MapEntry>();
    for (const { key: keyNode, value: valueNode } of pairs) {
      const at = this.#at(keyNode.range[0]);
      const key = this.#keyOf(keyNode, at, path);
      if (key === undefined) continue;
      const entryPath = pathBelow(path, key);
      const first = entries.get(key);
      if (first !== undefined) {
        const expected = `each key once (first on line ${first.at.line})`;
        this.#report(at, entryPath, 'the key again', expected, 'NETEVD_CONFIG_DUPLICATE_KEY');
      }
      const value = below(valueNode, entryPath);
      if (value === undefined) continue;
      entries.set(key, { key, path: entryPath, at, value: valueNode === null ? { ...value, at } : value });
    }
    return [...entries.values()];
  }

  #keyOf(node: ParsedNode, at: Position, path: string): string | undefined {
    if (isScalar(node) && node.value !== null) return node.source;
    this.#report(at, path, isScalar(node) ? 'an empty key' : 'a key that is not a word', 'a word, then ":"');
    return undefined;
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #report(
    at: Position,
    path: string,
    found: string,
    expected: string,
    code: ConfigCode = 'NETEVD_CONFIG_SYNTAX',
  ): void {
    const message = `found ${found}, expected ${expected}`;
    this.#problems.push({ code, severity: 'error', file: this.#file, ...at, path, found, expected, message });
  }
}
