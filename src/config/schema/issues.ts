/** Issues of the schema library → problems that say where, what and what instead. */
import type * as z from 'zod/mini';
import { parseIp } from '../../core/model/address.ts';
import { nearest } from '../../core/model/nearest.ts';
import { legacyKeys } from '../legacy/legacy-keys.ts';
import { type ConfigCode, maxProblems, type Problem, showValue } from '../problem.ts';
import type { Position, TreeNode } from '../yaml/tree.ts';
import { entryOf, type Path, type Place, placeOf } from '../yaml/tree-lookup.ts';
import { elsewhere, keyIndex, levelOf } from './key-index.ts';
import type { ConditionIssue } from './values.ts';

type Issue = z.core.$ZodIssue;

/** The problems that `issues` stand for, the first `maxProblems`; `root` is the tree that was checked. */
export function problemsOf(issues: readonly Issue[], root: TreeNode, file: string): readonly Problem[] {
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
 * Paths of what is wrong, cut where a list begins, so that what stands there can be taken out and the rest still be
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

/** A value that could be one of several kinds is told by the kind that it is; where it is none, by all of them. */
function flatten(issues: readonly Issue[], above: Path): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code !== 'invalid_union') return [{ ...issue, path }];
    const branch = issue.errors.find((errors) => !errors.some(isWrongKind));
    return branch === undefined ? [{ ...issue, path }] : flatten(branch, path);
  });
}

const isWrongKind = (issue: Issue): boolean => issue.path.length === 0 && issue.code === 'invalid_type';

function unknownKeys(keys: readonly string[], path: Path, root: TreeNode, file: string): readonly Problem[] {
  const level = levelOf(path);
  const valid = keyIndex().get(level) ?? [];
  return keys.map((key) => {
    const entry = entryOf(root, path, key);
    const at = entry?.at ?? placeOf(root, path).at;
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

/** A misspelled key of the first schema leads to where it went, a misspelled section of it to itself. */
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

function badKey(issue: Issue & { readonly code: 'invalid_key' }, root: TreeNode, file: string): Problem {
  const place = placeOf(root, issue.path);
  const expected = issue.issues[0]?.message ?? issue.message;
  const found = showValue(String(issue.path.at(-1)));
  return valueProblem('NETEVD_CONFIG_VALUE', file, place.keyAt, place.path, found, expected);
}

function badValue(issue: Issue, root: TreeNode, file: string): Problem {
  const place = placeOf(root, issue.path);
  const params = issue.code === 'custom' ? issue.params : undefined;
  if (isConditionIssue(params)) return badCondition(params, issue.message, place, file);
  if (place.value === undefined) {
    const { at, path } = place;
    const expected = issue.message;
    const message = `missing, expected ${expected}`;
    const code = 'NETEVD_CONFIG_MISSING_KEY';
    return { code, severity: 'error', file, ...at, path, found: '', expected, message };
  }
  const isType = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  const isOther = issue.code === 'invalid_value' && typeof place.value !== 'string';
  const code = isType || isOther ? 'NETEVD_CONFIG_TYPE' : 'NETEVD_CONFIG_VALUE';
  const at = place.value === null ? place.keyAt : place.at;
  const problem = valueProblem(code, file, at, place.path, showValue(place.value), issue.message);
  const suggestion = suggest(issue, place.value);
  return suggestion === undefined ? problem : { ...problem, suggestion };
}

function valueProblem(
  code: ConfigCode,
  file: string,
  at: Position,
  path: string,
  found: string,
  expected: string,
): Problem {
  const message = `found ${found}, expected ${expected}`;
  return { code, severity: 'error', file, ...at, path, found, expected, message };
}

function isConditionIssue(params: unknown): params is ConditionIssue {
  return typeof params === 'object' && params !== null && 'condition' in params;
}

/** The position in the file is exact where the condition stands there letter for letter, which is on one line. */
function badCondition(issue: ConditionIssue, expected: string, place: Place, file: string): Problem {
  const { line, column } = issue.condition;
  const { textAt } = place;
  const at = textAt === undefined ? place.at : { ...textAt, column: textAt.column + column - 1 };
  const problem = {
    code: 'NETEVD_CONFIG_CONDITION',
    severity: 'error',
    file,
    ...at,
    path: place.path,
    found: issue.found,
    expected,
    message: `${line}:${column}: expected ${expected}`,
  } as const;
  return issue.suggestion === undefined ? problem : { ...problem, suggestion: issue.suggestion };
}

/** What was probably meant: the nearest word, or the same value without or with its quotes. */
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

/** Names that look like numbers, and one text where a list of texts belongs. */
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

/** YAML 1.1 and other programs have more words for it. */
function truthOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const word = String(value).toLowerCase();
  if (['true', 'yes', 'on', 'y', '1', 'enable', 'enabled'].includes(word)) return 'true';
  return ['false', 'no', 'off', 'n', '0', 'disable', 'disabled'].includes(word) ? 'false' : undefined;
}

function nearbyAddress(value: string): string | undefined {
  if (value === 'localhost') return '127.0.0.1';
  if (value === '*') return '0.0.0.0';
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(value)?.[1] ?? /^([\d.]+)(?::\d+|\/\d+)$/.exec(value)?.[1];
  return bare !== undefined && parseIp(bare) !== undefined ? bare : undefined;
}
