/** What netevd made and what others made, apart and up to date: a change of the one leaves the lists of the other as they are. */
import { emptyMap, type PersistentMap } from '../../model/persistent-map.ts';

/** Objects by their key in the state. */
export type Grouped<T> = PersistentMap<string, readonly T[]>;

export interface Split<T> {
  readonly own: Grouped<T>;
  readonly foreign: Grouped<T>;
  /** The same, flat: they change seldom, and are looked through often. */
  readonly foreignList: readonly T[];
}

const nothing: Split<never> = { own: emptyMap(), foreign: emptyMap(), foreignList: [] };

export const emptySplit = <T>(): Split<T> => nothing;

/** Calls back for each key with what it holds now. */
export type Changes<T> = (visit: (key: string, items: readonly T[]) => void) => void;

/** `base` after `changes`; lists in which nothing changed are the same objects. */
export function resplit<T>(base: Split<T>, changes: Changes<T>, isOwn: (item: T) => boolean): Split<T> {
  let { own, foreign } = base;
  changes((key, items) => {
    own = put(own, key, items.filter(isOwn));
    foreign = put(
      foreign,
      key,
      items.filter((item) => !isOwn(item)),
    );
  });
  if (own === base.own && foreign === base.foreign) return base;
  return {
    own,
    foreign,
    foreignList: foreign === base.foreign ? base.foreignList : [...foreign.values()].flat(),
  };
}

/** Everything in it. */
export function* itemsOf<T>(groups: Grouped<T>): Iterable<T> {
  for (const items of groups.values()) yield* items;
}

/** Items by the keys that `keyOf` gives them. */
export function group<T>(items: Iterable<T>, keyOf: (item: T) => string): Grouped<T> {
  let groups: Grouped<T> = emptyMap();
  for (const item of items) {
    const key = keyOf(item);
    groups = groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

function put<T>(groups: Grouped<T>, key: string, items: readonly T[]): Grouped<T> {
  if (items.length === 0) return groups.delete(key);
  const held = groups.get(key);
  const same = held?.length === items.length && held.every((item, i) => item === items[i]);
  return same ? groups : groups.set(key, items);
}
