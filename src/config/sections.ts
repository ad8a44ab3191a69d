/** What a reload changed. */
import type { Config, Section } from './config.ts';

const sections: readonly Section[] = [
  'system',
  'monitoring',
  'hooks',
  'routing',
  'backends',
  'api',
  'metrics',
  'audit',
  'events',
  'filters',
];

/** The sections in which two configurations differ, in the order of the file. */
export function sectionsChanged(before: Config, after: Config): readonly Section[] {
  return sections.filter((section) => !isSame(before[section], after[section]));
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
