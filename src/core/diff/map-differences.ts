import { diffMaps, type PersistentMap } from '../model/persistent-map.ts';

/** A key whose value is another object before and after; undefined where it is not there. */
export interface Difference<V> {
  readonly key: string;
  readonly was: V | undefined;
  readonly is: V | undefined;
}

/** What differs between two maps, in the order of the keys, whatever the order of the maps is. */
export function differences<V>(
  before: PersistentMap<string, V>,
  after: PersistentMap<string, V>,
): readonly Difference<V>[] {
  const found: Difference<V>[] = [];
  diffMaps(before, after, (key, was, is) => {
    found.push({ key, was, is });
  });
  return found.length < 2 ? found : found.sort((a, b) => (a.key < b.key ? -1 : 1));
}
