/**
 * An immutable map for strings and numbers: `set` and `delete` share what did not change, and two versions are compared
 * in the time of what differs.
 */

/** Reads of one version; every version stays valid for ever. Iteration order is unspecified but stable. */
export interface PersistentMap<K extends string | number, V> extends Iterable<readonly [K, V]> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  /** The same map where `key` holds this very value already. */
  set(key: K, value: V): PersistentMap<K, V>;
  /** The same map where `key` is not there. */
  delete(key: K): PersistentMap<K, V>;
  keys(): Iterable<K>;
  values(): Iterable<V>;
}
