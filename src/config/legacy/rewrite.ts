/** Rewrites a file of the first schema with the present keys. */
import { stringify } from 'yaml';
import type { ConfigProblem } from '../problem.ts';
import { splitNames } from '../schema/values.ts';
import { cleanText } from '../text.ts';
import { parseYamlTree } from '../yaml/parse-tree.ts';
import { toPlain } from '../yaml/tree-lookup.ts';
import { legacyKeys, modernize } from './legacy-keys.ts';

export type Rewritten =
  /** `yaml`: the whole file with the present keys, without comments. `changed`: whether any key was moved. */
  | { readonly ok: true; readonly yaml: string; readonly changed: boolean }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Moves the keys and makes lists of space-separated strings. Does not check values: `parseConfig` does. */
export function rewriteLegacy(text: string, file: string): Rewritten {
  const clean = cleanText(text, file);
  if (!clean.ok) return clean;
  const { root, problems } = parseYamlTree(clean.text, file);
  if (root === undefined || problems.length > 0) return { ok: false, problems };
  const modern = modernize(root, file);
  if (modern.problems.length > 0) return { ok: false, problems: modern.problems };
  const plain = toPlain(modern.root);
  for (const [section, key] of nameLists) listWords(plain, section, key);
  return { ok: true, yaml: plain === null ? '' : stringify(plain), changed: modern.warnings.length > 0 };
}

const nameLists: readonly (readonly [string, string])[] = legacyKeys
  .filter(({ to }) => to[0] === 'monitoring' || to[0] === 'routing')
  .map(({ to }) => [to[0] ?? '', to[1] ?? '']);

function listWords(plain: unknown, section: string, key: string): void {
  const body = isObject(plain) ? Reflect.get(plain, section) : undefined;
  const value: unknown = isObject(body) ? Reflect.get(body, key) : undefined;
  if (isObject(body) && typeof value === 'string') Reflect.set(body, key, splitNames(value));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
