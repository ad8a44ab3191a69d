/** Environment variables that override keys of the file. */

import { type Problem, showValue } from './problem.ts';
import { problemsOf } from './schema/issues.ts';
import { checkFile } from './schema/schema.ts';
import type { TreeNode } from './yaml/tree.ts';

/** A process's environment, or any part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables, and the section and key that each overrides. */
export const environmentOverrides: Readonly<Record<string, readonly [string, string]>> = {
  NETEVD_LOG_LEVEL: ['system', 'log_level'],
  NETEVD_BACKEND: ['system', 'backend'],
  NETEVD_API_ENABLED: ['api', 'enabled'],
  NETEVD_API_BIND_ADDRESS: ['api', 'bind_address'],
  NETEVD_API_PORT: ['api', 'port'],
  NETEVD_METRICS_ENABLED: ['metrics', 'enabled'],
  NETEVD_AUDIT_ENABLED: ['audit', 'enabled'],
};

export interface Override {
  /** `NETEVD_…`. */
  readonly variable: string;
  readonly section: string;
  readonly key: string;
  readonly value: string | number | boolean;
}

export interface EnvironmentResult {
  readonly overrides: readonly Override[];
  readonly problems: readonly Problem[];
}

/** What messages call the place of an override. */
export const placeName = (variable: string): string => `environment ${variable}`;

/** Reads and checks every override. A variable that is empty counts as not set. */
export function readEnvironment(env: Environment): EnvironmentResult {
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  for (const [name, [section, key]] of Object.entries(environmentOverrides)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const override = { variable: name, section, key, value: typed(key, text) };
    const found = check(override, text);
    if (found.length === 0) overrides.push(override);
    problems.push(...found);
  }
  return { overrides, problems };
}

/** The text as the type of its key, or as it is where it is none; the schema then says what is wrong. */
function typed(key: string, text: string): string | number | boolean {
  if (key === 'port') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (key !== 'enabled') return text;
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  return /^(false|0|no|off)$/i.test(text) ? false : text;
}

function check({ variable, section, key, value }: Override, text: string): readonly Problem[] {
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
  return problemsOf(result.issues, root, placeName(variable)).map((problem) => inWords(problem, key, text));
}

/** In the environment everything is text, and there are more words for true and false. */
function inWords(problem: Problem, key: string, text: string): Problem {
  const expected = key === 'enabled' ? 'true, false, yes, no, on, off, 1 or 0' : problem.expected;
  const found = showValue(text);
  return { ...problem, found, expected, message: `found ${found}, expected ${expected}` };
}
