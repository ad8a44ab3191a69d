/** Translates issues of the schema library into problems with position, found value and expected value. */
import type * as z from 'zod/mini';
import { parseIp } from '../../core/model/address.ts';
import { nearest } from '../../core/model/nearest.ts';
import { legacyKeys } from '../legacy/legacy-keys.ts';
import { type ConfigCode, type ConfigProblem, maxProblems, showValue } from '../problem.ts';
import type { Position, TreeNode } from '../yaml/tree.ts';
import { entryOf, locationOf, type Path, type SourceLocation } from '../yaml/tree-lookup.ts';
import { elsewhere, keyIndex, levelOf } from './key-index.ts';
import type { ConditionIssue } from './values.ts';

type Issue = z.core.$ZodIssue;

/** The problems of the first `maxProblems` issues. `root`: the tree that was checked. */
export function problemsOf(issues: readonly Issue[], root: TreeNode, file: string): readonly ConfigProblem[] {
  const single = flatten(issues, []).flatMap(splitKeys);
  return single.slice(0, maxProblems).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, issue.path, root, file);
    if (issue.code === 'invalid_key') return [badKey(issue, root, file)];
    return [badValue(issue, root, file)];
  });
}

/** One issue for each unknown key. */
function splitKeys(issue: Issue): readonly Issue[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue];
}

/**
 * Paths of invalid values, cut where a list begins: without the values at these paths, the rest can still be
 * checked as a whole.
 */
export function brokenPaths(issues: readonly Issue[]): readonly Path[] {
  return flatten(issues, []).flatMap((issue) => {
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const list = path.findIndex((key) => typeof key === 'number');
      return list < 0 ? path : path.slice(0, list);
    });
  });
}

/** Replaces the issue of a union by those of the variant whose type the value has, if there is one. */
function flatten(issues: readonly Issue[], above: Path): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code !== 'invalid_union') return [{ ...issue, path }];
    const branch = issue.errors.find((errors) => !errors.some(isWrongKind));
    return branch === undefined ? [{ ...issue, path }] : flatten(branch, path);
  });
}

const isWrongKind = (issue: Issue): boolean => issue.path.length === 0 && issue.code === 'invalid_type';

function unknownKeys(
  keys: readonly string[],
  path: Path,
  root: TreeNode,
  file: string,
): readonly ConfigProblem[] {
  const level = levelOf(path);
  const valid = keyIndex().get(level) ?? [];
  return keys.map((key) => {
    const entry = entryOf(root, path, key);
    const at = entry?.at ?? locationOf(root, path).at;
    const expected = valid.length === 0 ? 'no keys here' : `one of ${valid.join(', ')}`;
    const problem = {
      code: 'NETEVD_CONFIG_UNKNOWN_KEY',
      severity: 'error',
      file,
      line: at.line,
      column: at.column,
      path: entry?.path ?? key,
      found: key,
      expected,
      message: `unknown key, expected ${expected}`,
    } as const;
    const suggestion = nearest(key, valid) ?? elsewhere(key, level) ?? presentName(key, level);
    return suggestion === undefined ? problem : { ...problem, suggestion };
  });
}

/** For a misspelled key of the first schema, its present path; for a misspelled section, the section. */
function presentName(key: string, level: string): string | undefined {
  if (level === '') {
    return nearest(
      key,
      legacyKeys.map(({ section }) => section),
    );
  }
  const old = legacyKeys.filter(({ section }) => section === level);
  const meant = nearest(
    key,
    old.map((legacy) => legacy.key),
  );
  return old.find((legacy) => legacy.key === meant)?.to.join('.');
}

function badKey(
  issue: Issue & { readonly code: 'invalid_key' },
  root: TreeNode,
  file: string,
): ConfigProblem {
  const location = locationOf(root, issue.path);
  const expected = issue.issues[0]?.message ?? issue.message;
  const found = showValue(String(issue.path.at(-1)));
  return valueProblem('NETEVD_CONFIG_VALUE', file, location.keyAt, location.path, found, expected);
}

function badValue(issue: Issue, root: TreeNode, file: string): ConfigProblem {
  const location = locationOf(root, issue.path);
  const params = issue.code === 'custom' ? issue.params : undefined;
  if (isConditionIssue(params)) return badCondition(params, issue.message, location, file);
  if (location.value === undefined) {
    const { at, path } = location;
    const expected = issue.message;
    const message = `missing, expected ${expected}`;
    const code = 'NETEVD_CONFIG_MISSING_KEY';
    return { code, severity: 'error', file, ...at, path, found: '', expected, message };
  }
  const isType = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  const isOther = issue.code === 'invalid_value' && typeof location.value !== 'string';
  const code = isType || isOther ? 'NETEVD_CONFIG_TYPE' : 'NETEVD_CONFIG_VALUE';
  const at = location.value === null ? location.keyAt : location.at;
  const problem = valueProblem(code, file, at, location.path, showValue(location.value), issue.message);
  const suggestion = suggest(issue, location.value);
  return suggestion === undefined ? problem : { ...problem, suggestion };
}

function valueProblem(
  code: ConfigCode,
  file: string,
  at: Position,
  path: string,
  found: string,
  expected: string,
): ConfigProblem {
  const message = `found ${found}, expected ${expected}`;
  return { code, severity: 'error', file, ...at, path, found, expected, message };
}

function isConditionIssue(params: unknown): params is ConditionIssue {
  return typeof params === 'object' && params !== null && 'condition' in params;
}

/** The position is exact if the file has the condition letter for letter, that is on one line. */
function badCondition(
  issue: ConditionIssue,
  expected: string,
  location: SourceLocation,
  file: string,
): ConfigProblem {
  const { line, column } = issue.condition;
  const { textAt } = location;
  const at = textAt === undefined ? location.at : { ...textAt, column: textAt.column + column - 1 };
  const problem = {
    code: 'NETEVD_CONFIG_CONDITION',
    severity: 'error',
    file,
    ...at,
    path: location.path,
    found: issue.found,
    expected,
    message: `${line}:${column}: expected ${expected}`,
  } as const;
  return issue.suggestion === undefined ? problem : { ...problem, suggestion: issue.suggestion };
}

/** What was probably meant: the nearest allowed text, or the same value with or without quotes. */
function suggest(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value') {
    return typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined;
  }
  if (issue.code === 'invalid_type') return textOrList(issue, value) ?? otherType(issue.expected, value);
  if (issue.code === 'invalid_union' && isPlainScalar(value)) return `["${value}"]`;
  return typeof value === 'string' && issue.message.startsWith('an IP address')
    ? nearbyAddress(value)
    : undefined;
}

const isPlainScalar = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean';

/** For names that look like numbers, and for one text in location of a list. */
function textOrList({ message }: Issue, value: unknown): string | undefined {
  if (message === 'an interface name or a glob' && isPlainScalar(value)) return `"${value}"`;
  const isTexts = message === 'a list of paths' || message === 'a list of file names';
  return isTexts && typeof value === 'string' && value !== '' ? `["${value}"]` : undefined;
}

function otherType(expected: string, value: unknown): string | undefined {
  if (expected === 'boolean') return truthOf(value);
  if (typeof value !== 'string') return undefined;
  if (expected === 'number' || expected === 'int') return /^\d+(\.\d+)?$/.test(value) ? value : undefined;
  if (expected === 'object') return /^[a-z_]+:[\w./-]+$/.test(value) ? value.replace(':', ': ') : undefined;
  return undefined;
}

/** YAML 1.1 and other programs have more spellings of true and false. */
function truthOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).toLowerCase();
  if (['true', 'yes', 'on', 'y', '1', 'enable', 'enabled'].includes(text)) return 'true';
  return ['false', 'no', 'off', 'n', '0', 'disable', 'disabled'].includes(text) ? 'false' : undefined;
}

function nearbyAddress(value: string): string | undefined {
  if (value === 'localhost') return '127.0.0.1';
  if (value === '*') return '0.0.0.0';
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(value)?.[1] ?? /^([\d.]+)(?::\d+|\/\d+)$/.exec(value)?.[1];
  return bare !== undefined && parseIp(bare) !== undefined ? bare : undefined;
}
