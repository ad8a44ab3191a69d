/** Finds the place in the file for the path of a value. */
import { splitNames } from '../schema/values.ts';
import { type MapEntry, type Position, pathBelow, type TreeNode } from './tree.ts';

export type Path = readonly PropertyKey[];

export interface SourceLocation {
  readonly at: Position;
  /** The key as the operator wrote it; the first schema spells it differently. */
  readonly path: string;
  /** The value there; undefined if there is none. */
  readonly value: unknown;
  /** Position of the key, if the value has one. */
  readonly keyAt: Position;
  /** Where the text of a scalar begins; see ScalarNode. */
  readonly textAt?: Position;
}

/**
 * The location of the value at `path`, or of the nearest enclosing value that the file has (`value` is then
 * undefined).
 */
export function locationOf(root: TreeNode, path: Path): SourceLocation {
  let node = root;
  let keyAt = root.at;
  for (const [depth, key] of path.entries()) {
    const next = childOf(node, key);
    if (next === undefined) return missing(node, path.slice(depth), keyAt);
    keyAt = next.at;
    node = 'key' in next ? next.value : next;
  }
  const location = { at: node.at, path: node.path, value: toPlain(node), keyAt };
  return node.kind === 'scalar' && node.textAt !== undefined
    ? { ...location, textAt: node.textAt }
    : location;
}

/** The entry of `key` in the map at `path`. */
export function entryOf(root: TreeNode, path: Path, key: string): MapEntry | undefined {
  let node: TreeNode | undefined = root;
  for (const part of path) {
    const next: MapEntry | TreeNode | undefined = node === undefined ? undefined : childOf(node, part);
    node = next !== undefined && 'key' in next ? next.value : next;
  }
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

function childOf(node: TreeNode, key: PropertyKey): MapEntry | TreeNode | undefined {
  if (node.kind === 'list') return node.items[Number(key)];
  if (node.kind === 'map') return node.entries.find((entry) => entry.key === key);
  return undefined;
}

/** A name in a space-separated string has its own location; anything else is missing. */
function missing(node: TreeNode, rest: Path, keyAt: Position): SourceLocation {
  const index = rest[0];
  if (node.kind === 'scalar' && typeof node.value === 'string' && typeof index === 'number') {
    const value = splitNames(node.value)[index];
    const path = pathBelow(node.path, index);
    if (node.textAt === undefined) return { at: node.at, path, value, keyAt };
    const column = node.textAt.column + offsetOfWord(node.value, index);
    return { at: { line: node.textAt.line, column }, path, value, keyAt };
  }
  const path = rest.reduce<string>((above, key) => pathBelow(above, asKey(key)), node.path);
  return { at: node.at, path, value: undefined, keyAt };
}

const asKey = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key));

function offsetOfWord(text: string, index: number): number {
  return [...text.matchAll(/\S+/g)][index]?.index ?? 0;
}

/** The value as JSON has it. Maps have no prototype, so that every key is an own one. */
export function toPlain(node: TreeNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const map: Record<string, unknown> = Object.create(null);
  for (const { key, value } of node.entries) map[key] = toPlain(value);
  return map;
}
