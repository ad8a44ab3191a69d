/** The keys of the table as a flat list. */
import type { AnyEntries, Key } from './key.ts';
import { configKeys } from './keys.ts';

export interface ListedKey {
  /** As it is written in messages: `api.tls.enabled`. */
  readonly path: readonly string[];
  /** The property in `ConfigValues`: `['api', 'tls', 'enabled']`. */
  readonly property: readonly string[];
  readonly key: Key<unknown>;
}

/** Every key, in the order of the file. */
export const listKeys = (): readonly ListedKey[] => below(configKeys as AnyEntries, [], []);

function below(
  entries: AnyEntries,
  path: readonly string[],
  property: readonly string[],
): readonly ListedKey[] {
  return Object.entries(entries).flatMap(([name, one]): readonly ListedKey[] => {
    const here = { path: [...path, one.name], property: [...property, name] };
    return one.kind === 'group'
      ? below(one.keys as AnyEntries, here.path, here.property)
      : [{ ...here, key: one }];
  });
}

/** The value at a path of properties; undefined where there is none. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (above, name) => (typeof above === 'object' && above !== null ? Reflect.get(above, name) : undefined),
    value,
  );
