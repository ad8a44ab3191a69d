/** A YAML document as plain nodes that know their position and the path of their key. */
import { type ConfigProblem, showValue } from '../problem.ts';

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
  /**
   * Where the text begins, if the file has the value letter for letter; absent if it is escaped or folded.
   */
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
  /** The key as it is written, from the root, as messages name it. */
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
  /** Absent if the text is not YAML. A document without content is a null scalar. */
  readonly root?: TreeNode;
  readonly problems: readonly ConfigProblem[];
}

/** The path of an entry below `parent`. A key that would not read back is quoted. */
export function pathBelow(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const word = /^[A-Za-z0-9_@-]+$/.test(key) ? key : showValue(key);
  return parent === '' ? word : `${parent}.${word}`;
}
