/** A YAML document as plain nodes that know where they stand and what their key is called. */
import { type Problem, showValue } from '../problem.ts';

export interface Position {
  /** Both from 1; columns in UTF-16 units, as editors count. */
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

/** Path of an entry below `parent`. Keys that would not read back are quoted. */
export function pathBelow(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const word = /^[A-Za-z0-9_@-]+$/.test(key) ? key : showValue(key);
  return parent === '' ? word : `${parent}.${word}`;
}
