/** Every key of the file, by level, from the schema. */
import { type JsonSchema, jsonSchema } from './json-schema.ts';

/** A level of the file: '' is the top, list items are `[]`: `filters[].match_rule`. */
export type Level = string;

let index: ReadonlyMap<Level, readonly string[]> | undefined;

/** Keys of each level, in the order of the schema. Built at the first call: only errors need it. */
export function keyIndex(): ReadonlyMap<Level, readonly string[]> {
  index ??= build();
  return index;
}

/** The level of a path: names joined by dots, indexes as `[]`. */
export function levelOf(path: readonly PropertyKey[]): Level {
  return path
    .map((key) => (typeof key === 'number' ? '[]' : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/**
 * The only key of this name on another level, as a full path, or as a relative one if it is below `level`.
 * Undefined where there is none, or several.
 */
export function elsewhere(key: string, level: Level): string | undefined {
  const wanted = bare(key);
  const found: string[] = [];
  for (const [other, keys] of keyIndex()) {
    if (other === level) continue;
    for (const candidate of keys) {
      if (bare(candidate) === wanted) found.push(other === '' ? candidate : `${other}.${candidate}`);
    }
  }
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return undefined;
  return level !== '' && only.startsWith(`${level}.`) ? only.slice(level.length + 1) : only;
}

const bare = (key: string): string => key.toLowerCase().replaceAll(/[-_]/g, '');

function build(): ReadonlyMap<Level, readonly string[]> {
  const levels = new Map<Level, readonly string[]>();
  const visit = (schema: JsonSchema, level: Level): void => {
    for (const variant of schema.anyOf ?? []) visit(variant, level);
    if (schema.items !== undefined) visit(schema.items, `${level}[]`);
    if (schema.properties === undefined) {
      if (schema.type === 'object' && schema.additionalProperties === false) levels.set(level, []);
      return;
    }
    levels.set(level, Object.keys(schema.properties));
    for (const [key, below] of Object.entries(schema.properties)) {
      visit(below, level === '' ? key : `${level}.${key}`);
    }
  };
  visit(jsonSchema(), '');
  return levels;
}
