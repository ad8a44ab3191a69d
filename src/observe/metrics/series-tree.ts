/**
 * The series of a metric by their label values: nested maps, one level for each label. There are no
 * composed keys, so a thousand links with nine states each cost little more than nine thousand numbers.
 */
type Branch<Leaf> = Map<string, Branch<Leaf> | Leaf>;

export class SeriesTree<Leaf extends number | object> {
  /** The label of each level. */
  readonly #places: readonly number[];
  readonly #root: Branch<Leaf> = new Map();
  #size = 0;

  /**
   * `wide`: labels with many values. They become the innermost maps: one large map costs less than many small
   * ones.
   */
  constructor(labels: readonly string[], wide: readonly string[] = []) {
    const isWide = (place: number): number => (wide.includes(labels[place] ?? '') ? 1 : 0);
    this.#places = [...labels.keys()].sort((a, b) => isWide(a) - isWide(b));
  }

  get size(): number {
    return this.#size;
  }

  get(values: readonly string[]): Leaf | undefined {
    let node: Branch<Leaf> | Leaf | undefined = this.#root;
    for (const place of this.#places) {
      if (!(node instanceof Map)) return undefined;
      node = node.get(values[place] ?? '');
    }
    // Without labels there is one series, with an empty key.
    if (this.#places.length === 0) node = this.#root.get('');
    return node instanceof Map ? undefined : node;
  }

  set(values: readonly string[], leaf: Leaf): void {
    let branch = this.#root;
    for (const place of this.#places.slice(0, -1)) {
      const value = values[place] ?? '';
      const known = branch.get(value);
      const next: Branch<Leaf> = known instanceof Map ? known : new Map();
      if (next !== known) branch.set(value, next);
      branch = next;
    }
    const last = this.#places.at(-1);
    const key = last === undefined ? '' : (values[last] ?? '');
    if (!branch.has(key)) this.#size++;
    branch.set(key, leaf);
  }

  /** Returns each series with its label values in order. */
  *entries(): Generator<readonly [readonly string[], Leaf]> {
    yield* this.#walk(this.#root, 0, new Array<string>(this.#places.length).fill(''));
  }

  /** Drops each series in which the label at `place` has one of these values. */
  delete(place: number, values: ReadonlySet<string>): void {
    this.#size -= prune(this.#root, this.#places.indexOf(place), values);
  }

  clear(): void {
    this.#root.clear();
    this.#size = 0;
  }

  *#walk(
    branch: Branch<Leaf>,
    level: number,
    values: string[],
  ): Generator<readonly [readonly string[], Leaf]> {
    for (const [value, node] of branch) {
      const place = this.#places[level];
      if (place !== undefined) values[place] = value;
      if (node instanceof Map) yield* this.#walk(node, level + 1, values);
      else yield [[...values], node];
    }
  }
}

/** Returns the number of dropped series. */
function prune<Leaf>(branch: Branch<Leaf>, level: number, values: ReadonlySet<string>): number {
  let gone = 0;
  for (const [value, node] of branch) {
    if (level > 0) {
      if (node instanceof Map) gone += prune(node, level - 1, values);
      if (node instanceof Map && node.size === 0) branch.delete(value);
    } else if (values.has(value)) {
      gone += countLeaves(node);
      branch.delete(value);
    }
  }
  return gone;
}

function countLeaves<Leaf>(node: Branch<Leaf> | Leaf): number {
  if (!(node instanceof Map)) return 1;
  let count = 0;
  for (const inner of node.values()) count += countLeaves(inner);
  return count;
}
