/** Parses the text of a configuration file into a frozen `Config`, or into every problem in it. No I/O. */
import type { Config } from './config.ts';
import { completeConfig, readValues } from './config-values.ts';
import { type Environment, type Override, readEnvironment } from './environment-overrides.ts';
import { modernize } from './legacy/legacy-keys.ts';
import { byPosition, type ConfigProblem, capped, printable } from './problem.ts';
import { checkCombinations } from './schema/combinations.ts';
import { brokenPaths, problemsOf } from './schema/issues.ts';
import { checkFile } from './schema/schema.ts';
import { cleanText } from './text.ts';
import { parseYamlTree } from './yaml/parse-tree.ts';
import type { TreeNode } from './yaml/tree.ts';
import { type Path, toPlain } from './yaml/tree-lookup.ts';

export interface ParseContext {
  /** Name of the file in messages. */
  readonly file: string;
  /** Overrides (`NETEVD_…`) and `RUNTIME_DIRECTORY`. */
  readonly env: Environment;
}

export type ParsedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly ConfigProblem[];
      /** The file does not exist: these are the defaults. */
      readonly isAbsent?: true;
      /** The file has no content: these are the defaults. */
      readonly isEmpty?: true;
    }
  /** `problems`: every error, those of the environment first, then in the order of the file. */
  | {
      readonly ok: false;
      readonly problems: readonly ConfigProblem[];
      readonly warnings: readonly ConfigProblem[];
    };

/** Parses, checks and completes. Never throws. */
export function parseConfig(text: string, { file, env }: ParseContext): ParsedConfig {
  const environment = readEnvironment(env);
  const clean = cleanText(text, file);
  if (!clean.ok) return refuse([...environment.problems, ...clean.problems]);
  const yaml = parseYamlTree(clean.text, file);
  if (yaml.root === undefined) return refuse(capped([...environment.problems, ...yaml.problems], file));
  const { root, problems: legacyProblems, warnings: legacyWarnings } = modernize(orEmpty(yaml.root), file);
  const checked = checkTree(root, file, environment.overrides, env);
  const found = [...environment.problems, ...yaml.problems, ...legacyProblems, ...checked.problems];
  const errors = found.filter((problem) => problem.severity === 'error').sort(byPosition);
  const warnings = [...legacyWarnings, ...found.filter((problem) => problem.severity !== 'error')].sort(
    byPosition,
  );
  if (errors.length > 0 || checked.config === undefined) return refuse(capped(errors, file), warnings);
  return { ok: true, config: checked.config, warnings: warnings.map(printable) };
}

/** The configuration of a host without a file. */
export function defaultConfig(env: Environment = {}): Config {
  const parsed = parseConfig('', { file: '', env: { RUNTIME_DIRECTORY: env['RUNTIME_DIRECTORY'] } });
  if (!parsed.ok) throw new Error('the defaults do not pass their own schema');
  return parsed.config;
}

function refuse(problems: readonly ConfigProblem[], warnings: readonly ConfigProblem[] = []): ParsedConfig {
  return { ok: false, problems: problems.map(printable).sort(byPosition), warnings: warnings.map(printable) };
}

/** An empty file is a configuration without keys. */
function orEmpty(root: TreeNode): TreeNode {
  if (root.kind !== 'scalar' || root.value !== null) return root;
  return { kind: 'map', path: '', at: root.at, entries: [] };
}

interface Checked {
  readonly config?: Config;
  readonly problems: readonly ConfigProblem[];
}

function checkTree(root: TreeNode, file: string, overrides: readonly Override[], env: Environment): Checked {
  const plain = toPlain(root);
  const first = checkFile(plain);
  const problems = first.ok ? [] : problemsOf(first.issues, root, file);
  const rest = first.ok ? plain : without(plain, brokenPaths(first.issues));
  const whole = checkFile(withOverrides(rest, overrides));
  if (!whole.ok) return { problems };
  const values = readValues(whole.value);
  const contradictions = checkCombinations(values, whole.value, { root, file, overrides });
  return { config: completeConfig(values, env), problems: [...problems, ...contradictions] };
}

type Plain = Record<string, unknown>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy of `value` without the parts at `paths`. */
export function without(value: unknown, paths: readonly Path[]): unknown {
  if (!isPlain(value) || paths.some((path) => path.length === 0)) return {};
  const copy: Plain = Object.create(null);
  for (const [key, part] of Object.entries(value)) {
    const below = paths.filter((path) => path[0] === key).map((path) => path.slice(1));
    if (below.some((path) => path.length === 0)) continue;
    copy[key] = below.length === 0 ? part : without(part, below);
  }
  return copy;
}

function withOverrides(value: unknown, overrides: readonly Override[]): unknown {
  const copy: Plain = isPlain(value) ? { ...value } : {};
  for (const { section, key, value: override } of overrides) {
    const below = copy[section];
    copy[section] = { ...(isPlain(below) ? below : {}), [key]: override };
  }
  return copy;
}
