/** Where each value of the effective configuration comes from: a line of the file, the environment, or the defaults. */
import type { ConfigOrigin, ConfigValue } from '../core/view/types/config.ts';
import type { Json } from '../core/view/types/vocabulary.ts';
import type { Config } from './config.ts';
import { describeConfig } from './config-values.ts';
import { type Environment, environmentOverrides } from './environment-overrides.ts';
import { modernize } from './legacy/legacy-keys.ts';
import { cleanText } from './text.ts';
import { parseYamlTree } from './yaml/parse-tree.ts';
import type { TreeNode } from './yaml/tree.ts';
import { entryOf } from './yaml/tree-lookup.ts';

export interface OriginContext {
  /** Text of the file that `config` was read from; '' where there is none. */
  readonly text: string;
  readonly file: string;
  readonly env: Environment;
  /** `--verbose`: it decides about `system.log_level`. */
  readonly isVerbose: boolean;
}

/** Every value, in the order of the documentation; a list is one value. */
export function configValues(config: Config, context: OriginContext): readonly ConfigValue[] {
  const root = treeOf(context);
  const variables = new Map<string, string>(
    Object.entries(environmentOverrides).map(([name, [section, key]]) => [`${section}.${key}`, name]),
  );
  const originOf = (path: readonly string[]): ConfigOrigin => {
    const key = path.join('.');
    if (context.isVerbose && key === 'system.log_level') return { kind: 'option', option: '--verbose' };
    const variable = variables.get(key);
    if (variable !== undefined && (context.env[variable] ?? '') !== '')
      return { kind: 'environment', variable };
    const entry = root === undefined ? undefined : entryOf(root, path.slice(0, -1), path.at(-1) ?? '');
    if (entry === undefined) return { kind: 'default' };
    return { kind: 'file', file: context.file, line: entry.at.line };
  };
  return leavesOf(describeConfig(config), []).map(({ path, value }) => ({
    key: path.join('.'),
    value,
    origin: originOf(path),
  }));
}

function treeOf({ text, file }: OriginContext): TreeNode | undefined {
  const clean = cleanText(text, file);
  const tree = clean.ok ? parseYamlTree(clean.text, file).root : undefined;
  return tree === undefined ? undefined : modernize(tree, file).root;
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: Json;
}

/** Sections are maps; everything else is a value. */
function leavesOf(value: unknown, path: readonly string[]): readonly Leaf[] {
  const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isSection || isMapValue(path)) return [{ path, value: value as Json }];
  return Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, key]));
}

/** Keys of these are the operator's. */
const isMapValue = (path: readonly string[]): boolean =>
  ['routing.tables', 'backends.networkmanager'].includes(path.join('.'));
