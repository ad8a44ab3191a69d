/** Environment variables that override keys of the file. */

import { type ConfigProblem, showValue } from './problem.ts';
import { problemsOf } from './schema/issues.ts';
import { listKeys } from './schema/key-list.ts';
import { checkFile } from './schema/schema.ts';
import type { TreeNode } from './yaml/tree.ts';

/** A process's environment, or any part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Section and key that each variable overrides. */
export const environmentOverrides: Readonly<Record<string, readonly [section: string, key: string]>> =
  Object.fromEntries(
    listKeys().flatMap(({ key: { environment }, path: [section = '', name = ''] }) =>
      environment === undefined ? [] : [[environment, [section, name] as const]],
    ),
  );

export interface Override {
  /** `NETEVD_…`. */
  readonly variable: string;
  readonly section: string;
  readonly key: string;
  readonly value: OverrideValue;
}

type OverrideValue = string | number | boolean;

export interface EnvironmentResult {
  readonly overrides: readonly Override[];
  readonly problems: readonly ConfigProblem[];
}

/** The name of an override's place in messages. */
export const placeName = (variable: string): string => `environment ${variable}`;

/** Reads and checks every override. An empty variable counts as not set. */
export function readEnvironment(env: Environment): EnvironmentResult {
  const overrides: Override[] = [];
  const problems: ConfigProblem[] = [];
  for (const [name, [section, key]] of Object.entries(environmentOverrides)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const override = { variable: name, section, key, value: typed(defaultOf(section, key), text) };
    const found = check(override, text);
    if (found.length === 0) overrides.push(override);
    problems.push(...found);
  }
  return { overrides, problems };
}

const defaultOf = (section: string, name: string): unknown =>
  listKeys().find(({ path }) => path[0] === section && path[1] === name)?.key.default;

/** Converts the text to the type of the key's default; other text stays, for the schema to refuse. */
function typed(standard: unknown, text: string): OverrideValue {
  if (typeof standard === 'number') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (typeof standard !== 'boolean') return text;
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  return /^(false|0|no|off)$/i.test(text) ? false : text;
}

function check({ variable, section, key, value }: Override, text: string): readonly ConfigProblem[] {
  const result = checkFile({ [section]: { [key]: value } });
  if (result.ok) return [];
  const at = { line: 0, column: 0 };
  const path = `${section}.${key}`;
  const leaf: TreeNode = { kind: 'scalar', path, at, value };
  const map: TreeNode = { kind: 'map', path: section, at, entries: [{ key, path, at, value: leaf }] };
  const root: TreeNode = {
    kind: 'map',
    path: '',
    at,
    entries: [{ key: section, path: section, at, value: map }],
  };
  return problemsOf(result.issues, root, placeName(variable)).map((problem) =>
    asText(problem, typeof defaultOf(section, key) === 'boolean', text),
  );
}

/** In the environment every value is text, and true and false have more spellings. */
function asText(problem: ConfigProblem, isTruth: boolean, text: string): ConfigProblem {
  const expected = isTruth ? 'true, false, yes, no, on, off, 1 or 0' : problem.expected;
  const found = showValue(text);
  return { ...problem, found, expected, message: `found ${found}, expected ${expected}` };
}
