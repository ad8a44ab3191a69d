/** From the path of a value to the place in the file where it stands. */
import { words } from '../schema/values.ts';
import { type MapEntry, type Position, pathBelow, type TreeNode } from './tree.ts';

export type Path = readonly PropertyKey[];

export interface Place {
  readonly at: Position;
  /** The key as the operator wrote it, which the first schema spelled otherwise. */
  readonly path: string;
  /** The value there; undefined where there is none. */
  readonly value: unknown;
  /** Position of the key, where the value has one. */
  readonly keyAt: Position;
  /** Where the text of a scalar begins; see ScalarNode. */
  readonly textAt?: Position;
}

/** The value at `path`, or the nearest thing around it that the file has (then `value` is undefined). */
export function placeOf(root: TreeNode, path: Path): Place {
  let node = root;
  let keyAt = root.at;
  for (const [depth, key] of path.entries()) {
    const next = childOf(node, key);
    if (next === undefined) return missing(node, path.slice(depth), keyAt);
    keyAt = next.at;
    node = 'key' in next ? next.value : next;
  }
  const place = { at: node.at, path: node.path, value: toPlain(node), keyAt };
  return node.kind === 'scalar' && node.textAt !== undefined ? { ...place, textAt: node.textAt } : place;
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

/** One word of a space-separated string has a place of its own; anything else is what is not there. */
function missing(node: TreeNode, rest: Path, keyAt: Position): Place {
  const index = rest[0];
  if (node.kind === 'scalar' && typeof node.value === 'string' && typeof index === 'number') {
    const value = words(node.value)[index];
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

/** The value alone, as JSON has it. Maps have no prototype, so that every key is an own one. */
export function toPlain(node: TreeNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const map: Record<string, unknown> = Object.create(null);
  for (const { key, value } of node.entries) map[key] = toPlain(value);
  return map;
}
