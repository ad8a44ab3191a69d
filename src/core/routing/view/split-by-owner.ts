/**
 * Splits objects into those of netevd and those of other programs, so that a change of one part keeps the
 * other.
 */
import { emptyMap, type PersistentMap } from '../../model/persistent-map.ts';

/** Objects by key. */
export type Grouped<T> = PersistentMap<string, readonly T[]>;

export interface OwnerSplit<T> {
  readonly own: Grouped<T>;
  readonly foreign: Grouped<T>;
  /** The same as a list: they change rarely and are searched often. */
  readonly foreignList: readonly T[];
}

const noItems: OwnerSplit<never> = { own: emptyMap(), foreign: emptyMap(), foreignList: [] };

export const emptySplit = <T>(): OwnerSplit<T> => noItems;

/** Calls `visit` for each changed key with its current objects. */
export type Changes<T> = (visit: (key: string, items: readonly T[]) => void) => void;

/** Applies `changes` to `base`; unchanged parts stay the same objects. */
export function updateSplit<T>(
  base: OwnerSplit<T>,
  changes: Changes<T>,
  isOwn: (item: T) => boolean,
): OwnerSplit<T> {
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

/** Iterates over all objects. */
export function* itemsOf<T>(groups: Grouped<T>): Iterable<T> {
  for (const items of groups.values()) yield* items;
}

/** Groups items by `keyOf`. */
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
  const previous = groups.get(key);
  const same = previous?.length === items.length && previous.every((item, i) => item === items[i]);
  return same ? groups : groups.set(key, items);
}
