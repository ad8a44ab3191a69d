/** Finds the lines of keys in a configuration of two levels: the TOML parser reports lines for errors only. */
import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';

/**
 * Returns the line, from 1, of each key, by its path in lower case: `network.links`. Follows tables, bare and quoted keys;
 * keys in other forms (dotted keys, inline tables) have no line.
 */
export function tomlLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table = '';
  let fence: string | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const isInside = fence !== undefined;
    fence = fenceAfter(line, fence);
    if (isInside) continue;
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1];
    if (header !== undefined) {
      table = bare(header);
      lines.set(table, i + 1);
      continue;
    }
    const key = /^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=/.exec(line)?.[1];
    if (key === undefined) continue;
    const path = table === '' ? bare(key) : `${table}.${bare(key)}`;
    if (!lines.has(path)) lines.set(path, i + 1);
  }
  return lines;
}

const bare = (key: string): string => key.replaceAll(/["'\s]/g, '').toLowerCase();

/** Returns the quotes of the multi-line string that contains the end of `line`; undefined outside of one. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  let fence = open;
  for (const [quotes] of line.matchAll(/"""|'''/g)) {
    if (fence === undefined) fence = quotes;
    else if (fence === quotes) fence = undefined;
  }
  return fence;
}

/** The same for a YAML or JSON text, which need not be valid. */
export function yamlLines(text: string): ReadonlyMap<string, number> {
  const counter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: counter, logLevel: 'silent' });
  const lines = new Map<string, number>();
  const visit = (node: unknown, above: string): void => {
    if (!isMap<Node, Node | null>(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key) || key.range === undefined || key.range === null) continue;
      const name = String(key.value).toLowerCase();
      const path = above === '' ? name : `${above}.${name}`;
      if (!lines.has(path)) lines.set(path, counter.linePos(key.range[0]).line);
      if (above === '') visit(value, path);
    }
  };
  visit(contents, '');
  return lines;
}
