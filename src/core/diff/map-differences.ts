import { diffMaps, type PersistentMap } from '../model/persistent-map.ts';

/** A key whose value is another object in the later map; undefined for a map without the key. */
export interface MapDifference<V> {
  readonly key: string;
  readonly was: V | undefined;
  readonly is: V | undefined;
}

/** Returns the differences between two maps, sorted by key. */
export function mapDifferences<V>(
  before: PersistentMap<string, V>,
  after: PersistentMap<string, V>,
): readonly MapDifference<V>[] {
  const found: MapDifference<V>[] = [];
  diffMaps(before, after, (key, was, is) => {
    found.push({ key, was, is });
  });
  return found.length < 2 ? found : found.sort((a, b) => (a.key < b.key ? -1 : 1));
}
