/** Extracts the valid parts of a configuration that was written for another program, and reports the rest. */
import { stringify } from 'yaml';
import { modernize } from './legacy/legacy-keys.ts';
import { rewriteLegacy } from './legacy/rewrite.ts';
import { parseConfig, without } from './load.ts';
import { byPosition, type ConfigProblem, printable } from './problem.ts';
import { brokenPaths, problemsOf } from './schema/issues.ts';
import { checkFile } from './schema/schema.ts';
import { cleanText } from './text.ts';
import { parseYamlTree } from './yaml/parse-tree.ts';
import { type Path, toPlain } from './yaml/tree-lookup.ts';

export type Salvaged =
  | {
      readonly ok: true;
      /** A file that `parseConfig` accepts, in the new spelling, without comments; '' if nothing is left. */
      readonly yaml: string;
      /** One for each key or value that was left out, with its position in the text. */
      readonly dropped: readonly ConfigProblem[];
      /** Whether the text used keys of the first schema. */
      readonly isLegacy: boolean;
    }
  /** The text is not YAML, or uses features of YAML that configurations do not support. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Keeps the valid parts, in the order of the text. Pure; never throws on any text. */
export function salvageConfig(text: string, file: string): Salvaged {
  const clean = cleanText(text, file);
  if (!clean.ok) return clean;
  const tree = parseYamlTree(clean.text, file);
  if (tree.root === undefined || tree.problems.length > 0) return { ok: false, problems: tree.problems };
  const { root, problems, warnings } = modernize(tree.root, file);
  const plain = toPlain(root);
  if (plain === null) return { ok: true, yaml: '', dropped: problems, isLegacy: false };
  const checked = checkFile(plain);
  const broken = checked.ok ? [] : problemsOf(checked.issues, root, file);
  const rest = checked.ok ? plain : without(plain, brokenPaths(checked.issues));
  const { yaml, clashes } = withoutClashes(rest, file);
  const dropped = [...problems, ...broken].sort(byPosition).map(printable);
  return { ok: true, yaml, dropped: [...dropped, ...clashes], isLegacy: warnings.length > 0 };
}

/** Removes values that contradict each other until the rest is valid. Each round removes something. */
function withoutClashes(value: unknown, file: string): { yaml: string; clashes: readonly ConfigProblem[] } {
  const clashes: ConfigProblem[] = [];
  let rest = value;
  for (;;) {
    const yaml = modernText(rest, file);
    const parsed = parseConfig(yaml, { file, env: {} });
    if (parsed.ok) return { yaml, clashes };
    // Their positions refer to the generated text, which is never shown.
    clashes.push(...parsed.problems.map((problem) => ({ ...problem, line: 0, column: 0 })));
    const paths = parsed.problems.map(({ path }) => pathOf(path));
    const next = without(rest, paths);
    const isSmaller = modernText(next, file) !== yaml;
    rest = isSmaller
      ? next
      : without(
          rest,
          paths.map((path) => path.slice(0, 1)),
        );
    if (!isSmaller && modernText(rest, file) === yaml) rest = {};
  }
}

/** For a value in a list: the list. For the file as a whole: everything. */
const pathOf = (path: string): Path => (path === '' ? [] : path.replace(/\[.*/, '').split('.'));

/** Writes lists instead of strings with several values; returns '' for an empty map. */
function modernText(value: unknown, file: string): string {
  const bare = pruned(value);
  if (bare === undefined) return '';
  const rewritten = rewriteLegacy(stringify(bare), file);
  return rewritten.ok ? rewritten.yaml : '';
}

/** Removes maps and keys without values. */
function pruned(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).flatMap(([key, below]) => {
    const kept = pruned(below);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
