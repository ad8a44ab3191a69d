/**
 * An immutable map with string or number keys: `set` and `delete` share what did not change, and comparing
 * two versions costs what differs. A hash array mapped trie (Bagwell 2001) with 16 slots at each level, one
 * bit of a bitmap for each used slot.
 */

/** One version of a map; every version stays valid. Iteration order is unspecified but stable. */
export interface PersistentMap<K extends string | number, V> extends Iterable<readonly [K, V]> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  /** Returns the same map if `key` has this very value already. */
  set(key: K, value: V): PersistentMap<K, V>;
  /** Returns the same map if it does not have `key`. */
  delete(key: K): PersistentMap<K, V>;
  keys(): Iterable<K>;
  values(): Iterable<V>;
}

type Key = string | number;

class Leaf<K extends Key, V> {
  readonly hash: number;
  readonly key: K;
  readonly value: V;
  /** Another leaf whose key has the same hash. */
  readonly next: Leaf<K, V> | undefined;

  constructor(hash: number, key: K, value: V, next: Leaf<K, V> | undefined) {
    this.hash = hash;
    this.key = key;
    this.value = value;
    this.next = next;
  }
}

/** Never modified once a map refers to it. */
class Branch<K extends Key, V> {
  readonly bitmap: number;
  readonly slots: Node<K, V>[];

  constructor(bitmap: number, slots: Node<K, V>[]) {
    this.bitmap = bitmap;
    this.slots = slots;
  }
}

type Node<K extends Key, V> = Leaf<K, V> | Branch<K, V>;

const bitsPerLevel = 4;

/** Whole numbers are their own hash: neighbouring indexes share their upper levels. */
const hashOf = (key: Key): number => (typeof key === 'number' ? key | 0 : hashOfText(key));

/**
 * The hash of the last key: callers usually look up a key right before they set it. No result depends on it.
 */
let lastText: string | undefined;
let lastHash = 0;

/** FNV-1a, with the upper bits folded into the lower ones, which choose the first slots. */
function hashOfText(key: string): number {
  if (key === lastText) return lastHash;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  lastText = key;
  lastHash = hash ^ (hash >>> 15);
  return lastHash;
}

const bitAt = (hash: number, shift: number): number => 1 << ((hash >>> shift) & 15);

function countBits(bitmap: number): number {
  let bits = bitmap - ((bitmap >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const slotOf = (bitmap: number, bit: number): number => countBits(bitmap & (bit - 1));

function find<K extends Key, V>(root: Node<K, V> | undefined, key: K): Leaf<K, V> | undefined {
  if (root === undefined) return undefined;
  const hash = hashOf(key);
  let node = root;
  for (let shift = 0; node instanceof Branch; shift += bitsPerLevel) {
    const bit = bitAt(hash, shift);
    if ((node.bitmap & bit) === 0) return undefined;
    node = node.slots[slotOf(node.bitmap, bit)] as Node<K, V>;
  }
  return findInChain(node, key);
}

function findInChain<K extends Key, V>(chain: Leaf<K, V>, key: K): Leaf<K, V> | undefined {
  let leaf: Leaf<K, V> | undefined = chain;
  while (leaf !== undefined && leaf.key !== key) leaf = leaf.next;
  return leaf;
}

/**
 * Whether the current `insert` added a key. `Trie.set` resets and reads it: this saves a second search for
 * the size.
 */
let inserted = false;

/** Returns `node` with the entry; the same node if it has this very value already. */
function insert<K extends Key, V>(
  node: Node<K, V>,
  shift: number,
  hash: number,
  key: K,
  value: V,
): Node<K, V> {
  if (node instanceof Leaf) return insertAtLeaf(node, shift, hash, key, value);
  const bit = bitAt(hash, shift);
  const slot = slotOf(node.bitmap, bit);
  const slots = node.slots;
  if ((node.bitmap & bit) === 0) {
    const grown = new Array<Node<K, V>>(slots.length + 1);
    for (let i = 0; i < slot; i++) grown[i] = slots[i] as Node<K, V>;
    grown[slot] = new Leaf(hash, key, value, undefined);
    inserted = true;
    for (let i = slot; i < slots.length; i++) grown[i + 1] = slots[i] as Node<K, V>;
    return new Branch(node.bitmap | bit, grown);
  }
  const child = slots[slot] as Node<K, V>;
  const next = insert(child, shift + bitsPerLevel, hash, key, value);
  return next === child ? node : withSlot(node, slot, next);
}

function insertAtLeaf<K extends Key, V>(
  leaf: Leaf<K, V>,
  shift: number,
  hash: number,
  key: K,
  value: V,
): Node<K, V> {
  if (leaf.hash !== hash) {
    inserted = true;
    return split(leaf, new Leaf(hash, key, value, undefined), shift);
  }
  if (leaf.key === key && leaf.next === undefined) {
    return leaf.value === value ? leaf : new Leaf(hash, key, value, undefined);
  }
  const previous = findInChain(leaf, key);
  if (previous !== undefined && previous.value === value) return leaf;
  inserted = previous === undefined;
  return new Leaf(hash, key, value, previous === undefined ? leaf : withoutKey(leaf, key));
}

/** Returns a branch, as deep as necessary, with two leaves of different hashes. */
function split<K extends Key, V>(one: Leaf<K, V>, other: Leaf<K, V>, shift: number): Branch<K, V> {
  const bit = bitAt(one.hash, shift);
  const otherBit = bitAt(other.hash, shift);
  if (bit === otherBit) return new Branch(bit, [split(one, other, shift + bitsPerLevel)]);
  return new Branch(bit | otherBit, bit >>> 0 < otherBit >>> 0 ? [one, other] : [other, one]);
}

function withSlot<K extends Key, V>(branch: Branch<K, V>, slot: number, node: Node<K, V>): Branch<K, V> {
  const slots = branch.slots.slice();
  slots[slot] = node;
  return new Branch(branch.bitmap, slots);
}

function withoutKey<K extends Key, V>(chain: Leaf<K, V>, key: K): Leaf<K, V> | undefined {
  if (chain.key === key) return chain.next;
  return new Leaf(
    chain.hash,
    chain.key,
    chain.value,
    chain.next === undefined ? undefined : withoutKey(chain.next, key),
  );
}

/** Returns `node` without `key`. The caller guarantees that `node` has it. */
function remove<K extends Key, V>(
  node: Node<K, V>,
  shift: number,
  hash: number,
  key: K,
): Node<K, V> | undefined {
  if (node instanceof Leaf) return withoutKey(node, key);
  const bit = bitAt(hash, shift);
  const slot = slotOf(node.bitmap, bit);
  const next = remove(node.slots[slot] as Node<K, V>, shift + bitsPerLevel, hash, key);
  if (next === undefined) {
    if (node.slots.length === 1) return undefined;
    if (node.slots.length === 2 && node.slots[1 - slot] instanceof Leaf) return node.slots[1 - slot];
    return new Branch(node.bitmap & ~bit, node.slots.toSpliced(slot, 1));
  }
  // A single leaf moves up, so that equal maps have the same shape.
  return node.slots.length === 1 && next instanceof Leaf ? next : withSlot(node, slot, next);
}

class Trie<K extends Key, V> implements PersistentMap<K, V> {
  readonly size: number;
  readonly root: Node<K, V> | undefined;

  constructor(root: Node<K, V> | undefined, size: number) {
    this.root = root;
    this.size = size;
  }

  get(key: K): V | undefined {
    return find(this.root, key)?.value;
  }

  has(key: K): boolean {
    return find(this.root, key) !== undefined;
  }

  set(key: K, value: V): PersistentMap<K, V> {
    const hash = hashOf(key);
    if (this.root === undefined) return new Trie(new Leaf<K, V>(hash, key, value, undefined), 1);
    inserted = false;
    const root = insert(this.root, 0, hash, key, value);
    if (root === this.root) return this;
    return new Trie(root, inserted ? this.size + 1 : this.size);
  }

  delete(key: K): PersistentMap<K, V> {
    if (this.root === undefined || find(this.root, key) === undefined) return this;
    return new Trie(remove(this.root, 0, hashOf(key), key), this.size - 1);
  }

  *[Symbol.iterator](): Iterator<readonly [K, V]> {
    for (const leaf of leavesOf(this.root)) yield [leaf.key, leaf.value];
  }

  *keys(): Iterable<K> {
    for (const leaf of leavesOf(this.root)) yield leaf.key;
  }

  *values(): Iterable<V> {
    for (const leaf of leavesOf(this.root)) yield leaf.value;
  }
}

function* leavesOf<K extends Key, V>(root: Node<K, V> | undefined): Generator<Leaf<K, V>> {
  const pending: Node<K, V>[] = root === undefined ? [] : [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node instanceof Branch) {
      for (let i = node.slots.length - 1; i >= 0; i--) pending.push(node.slots[i] as Node<K, V>);
    } else {
      for (let leaf: Leaf<K, V> | undefined = node; leaf !== undefined; leaf = leaf.next) yield leaf;
    }
  }
}

const empty = new Trie<never, never>(undefined, 0);

/** The empty map: always the same object. */
export const emptyMap = <K extends string | number, V>(): PersistentMap<K, V> =>
  empty as unknown as PersistentMap<K, V>;

/** Creates a map; the last entry of a key wins. */
export function mapOf<K extends string | number, V>(entries: Iterable<readonly [K, V]>): PersistentMap<K, V> {
  let map = emptyMap<K, V>();
  for (const [key, value] of entries) map = map.set(key, value);
  return map;
}

/** Receives each key whose value is not the same object in both maps; undefined for a map without the key. */
export type DifferenceVisitor<K, V> = (key: K, before: V | undefined, after: V | undefined) => void;

/**
 * Visits the keys whose values differ, in an order that depends on the keys alone. Takes time proportional to
 * the nodes that the maps do not share. Both maps must come from this module.
 */
export function diffMaps<K extends string | number, V>(
  before: PersistentMap<K, V>,
  after: PersistentMap<K, V>,
  visit: DifferenceVisitor<K, V>,
): void {
  if (before === after) return;
  diffNodes((before as Trie<K, V>).root, (after as Trie<K, V>).root, 0, visit);
}

function diffNodes<K extends Key, V>(
  before: Node<K, V> | undefined,
  after: Node<K, V> | undefined,
  shift: number,
  visit: DifferenceVisitor<K, V>,
): void {
  if (before === after) return;
  if (before instanceof Branch || after instanceof Branch) {
    diffBranches(asBranch(before, shift), asBranch(after, shift), shift, visit);
  } else if (before === undefined || after === undefined || before.hash === after.hash) {
    diffChains(before, after, visit);
  } else {
    diffChains(before, undefined, visit);
    diffChains(undefined, after, visit);
  }
}

/** Wraps a leaf in a branch of this level. */
function asBranch<K extends Key, V>(node: Node<K, V> | undefined, shift: number): Branch<K, V> | undefined {
  return node instanceof Leaf ? new Branch(bitAt(node.hash, shift), [node]) : node;
}

function diffBranches<K extends Key, V>(
  before: Branch<K, V> | undefined,
  after: Branch<K, V> | undefined,
  shift: number,
  visit: DifferenceVisitor<K, V>,
): void {
  const was = before?.bitmap ?? 0;
  const is = after?.bitmap ?? 0;
  if (was === is && before !== undefined && after !== undefined) {
    for (let i = 0; i < before.slots.length; i++) {
      const one = before.slots[i];
      if (one !== after.slots[i]) diffNodes(one, after.slots[i], shift + bitsPerLevel, visit);
    }
    return;
  }
  for (let rest = was | is; rest !== 0; rest &= rest - 1) {
    const bit = rest & -rest;
    const one = (was & bit) === 0 ? undefined : before?.slots[slotOf(was, bit)];
    const other = (is & bit) === 0 ? undefined : after?.slots[slotOf(is, bit)];
    diffNodes(one, other, shift + bitsPerLevel, visit);
  }
}

/** Compares leaves of one hash: nearly always at most one on each side. */
function diffChains<K extends Key, V>(
  before: Leaf<K, V> | undefined,
  after: Leaf<K, V> | undefined,
  visit: DifferenceVisitor<K, V>,
): void {
  for (let leaf = before; leaf !== undefined; leaf = leaf.next) {
    const value = after === undefined ? undefined : findInChain(after, leaf.key)?.value;
    if (value !== leaf.value) visit(leaf.key, leaf.value, value);
  }
  for (let leaf = after; leaf !== undefined; leaf = leaf.next) {
    const isKnown = before !== undefined && findInChain(before, leaf.key) !== undefined;
    if (!isKnown) visit(leaf.key, undefined, leaf.value);
  }
}
