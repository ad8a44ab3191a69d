/** Differences between two configurations. */
import type { Config, Section } from './config.ts';
import { valuesOf } from './config-values.ts';
import { listKeys, valueAt } from './schema/key-list.ts';
import { configKeys } from './schema/keys.ts';

/** The sections in which two configurations differ, in the order of the file. */
export function sectionsChanged(before: Config, after: Config): readonly Section[] {
  return (Object.keys(configKeys) as Section[]).filter((section) => !isSame(before[section], after[section]));
}

/** Paths of the keys that differ and take effect at the next start only. */
export function keysThatNeedRestart(before: Config, after: Config): readonly string[] {
  const [old, present] = [valuesOf(before), valuesOf(after)];
  return listKeys()
    .filter(({ key, property }) => {
      return key.needsRestart === true && !isSame(valueAt(old, property), valueAt(present, property));
    })
    .map(({ path }) => path.join('.'));
}

/** Deep equality of plain data; the order of keys does not count, the order of lists does. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(Reflect.get(a, key), Reflect.get(b, key)));
}
