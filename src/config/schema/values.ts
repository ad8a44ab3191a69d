/**
 * The types of configuration values. The text of each check is the "expected …" of its message, so that
 * schema and message always agree.
 */
import * as z from 'zod/mini';
import { parseCondition } from '../../core/filters/condition-parser.ts';
import { type IpAddress, parseIp } from '../../core/model/address.ts';
import { parseGlob } from '../../core/model/glob.ts';
import { type TableId, tableId } from '../../core/model/ids.ts';
import type { Unit } from './key.ts';

/** Marks an issue of `condition`: its message has a position within the condition. */
export interface ConditionIssue {
  readonly condition: { readonly line: number; readonly column: number; readonly offset: number };
  readonly found: string;
  readonly suggestion?: string;
}

const text = (expected: string, pattern: RegExp): z.ZodMiniType<string, string> =>
  z.string(expected).check(z.regex(pattern, expected));

/** A further check, for values that have passed the earlier ones. */
const also = (
  schema: z.ZodMiniType<string, string>,
  expected: string,
  isValid: (value: string) => boolean,
): z.ZodMiniType<string, string> =>
  schema.check(z.refine(isValid, { message: expected, when: ({ issues }) => issues.length === 0 }));

export const flag = (): z.ZodMiniType<boolean, boolean> => z.boolean('true or false');

export const choice = <const T extends string>(values: readonly T[]): z.ZodMiniType<T, T> =>
  z.enum(values, `one of ${values.join(', ')}`);

export const whole = (what: string, min: number, max: number): z.ZodMiniType<number, number> => {
  const expected = `${what}, ${min} to ${max}`;
  return z.int(expected).check(z.minimum(min, expected), z.maximum(max, expected));
};

const priorityExpected = 'auto, or a rule priority, 1 to 31766';

/** `routing.rule_priority`. The band ends before the rule of the main table, 32766. */
export const rulePriority = (): z.ZodMiniType<number | 'auto', number | 'auto'> =>
  z.union([z.literal('auto'), whole('a rule priority', 1, 31_766)], priorityExpected);

export const seconds = (what: string, max: number): z.ZodMiniType<number, number> => {
  const expected = `${what}, up to ${max}`;
  return z.number(expected).check(z.minimum(0, expected), z.maximum(max, expected));
};

/** 0 to 65535; `zero`: the meaning of 0. */
export const port = (zero: string): z.ZodMiniType<number, number> => {
  const expected = `a port number, 1 to 65535 (0 = ${zero})`;
  return z.int(expected).check(z.minimum(0, expected), z.maximum(65535, expected));
};

/** PATH_MAX of linux/limits.h with its NUL is 4096; no `..`, so that what is checked is what is opened. */
const pathBody = '(?!.*\\/\\.\\.(?:\\/|$))\\/[^\\p{Cc}]{0,4094}';

export const path = (): z.ZodMiniType<string, string> =>
  text('an absolute path without ".."', new RegExp(`^${pathBody}$`, 'u'));

export const databasePath = (): z.ZodMiniType<string, string> =>
  text('an absolute path without "..", or "" for none', new RegExp(`^(?:${pathBody})?$`, 'u'));

export const databaseUnit: Unit<string, string | undefined> = {
  read: (path) => (path === '' ? undefined : path),
  write: (path) => path ?? '',
};

/** `sun_path` of unix(7) has 108 bytes with its NUL. */
export const socketPath = (): z.ZodMiniType<string, string> => {
  const expected = 'an absolute path of at most 107 bytes, or "" for none';
  const shape = text(expected, /^(?:(?!.*\/\.\.(?:\/|$))\/[^\p{Cc}]{0,106})?$/u);
  return also(shape, expected, (value) => new TextEncoder().encode(value).length <= 107);
};

/** The directory is watched; only the file name can be a glob. */
const leaseGlob = (): z.ZodMiniType<string, string> => {
  const expected = 'an absolute path; "*", "?" and "[...]" only in the file name';
  const shape = text(expected, /^(?:\/(?!\.\.?\/)[^/*?[\]\p{Cc}]+)*\/(?!\.\.?$)[^/\p{Cc}]+$/u);
  return also(shape, expected, (value) => parseGlob(value.slice(value.lastIndexOf('/') + 1)).ok);
};

export const leaseGlobs = (): z.ZodMiniType<string[], unknown> => z.array(leaseGlob(), 'a list of paths');

export const address = (): z.ZodMiniType<string, string> => {
  const expected = 'an IP address, such as 127.0.0.1 or ::1';
  return also(text(expected, /^[0-9A-Fa-f:.]+$/), expected, (value) => parseIp(value) !== undefined);
};

export const addressUnit: Unit<string, IpAddress> = {
  read: (text) => {
    const parsed = parseIp(text);
    if (parsed === undefined) throw new Error(`an address was not validated: ${text}`);
    return parsed;
  },
  write: (value) => value,
};

export const days = (): z.ZodMiniType<number, number> => whole('a number of days', 1, 36_500);

/** Named tables: 253 default, 254 main, 255 local (linux/rtnetlink.h). */
const tableExpected = 'a table id, 1 to 4294967295, but not 253 to 255 (default, main, local)';
const table = (): z.ZodMiniType<number, number> =>
  z.int(tableExpected).check(
    z.minimum(1, tableExpected),
    z.maximum(4_294_967_295, tableExpected),
    z.refine((id) => id < 253 || id > 255, tableExpected),
  );

export const tables = (): z.ZodMiniType<Record<string, number>, unknown> =>
  z.record(linkName(), table(), 'a map of interface names to table ids');

/** A map without a prototype, so that any name can be looked up. */
export const tablesUnit: Unit<Record<string, number>, Readonly<Record<string, TableId>>> = {
  read: (ids) => {
    const tables: Record<string, TableId> = Object.create(null);
    for (const [name, id] of Object.entries(ids)) tables[name] = tableId(id);
    return tables;
  },
  write: (ids) => ids,
};

/** User names of useradd(8) and of directory services: dots and capitals are allowed. */
export const user = (): z.ZodMiniType<string, string> =>
  text('a user name', /^[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?$/);

const scriptName = (): z.ZodMiniType<string, string> =>
  text('the name of a file (letters, digits, ".", "_", "-"; no directory)', /^[A-Za-z0-9][A-Za-z0-9._-]*$/);

export const scriptNames = (): z.ZodMiniType<string[], unknown> =>
  z
    .array(scriptName(), 'a list of file names')
    .check(z.minLength(1, 'at least one file name (leave it out for all)'));

/** `dev_valid_name()` of the kernel: 1 to 15 bytes, no slash, colon or white space, not "." or "..". */
const nameExpected = 'an interface name, 1 to 15 bytes without "/", ":" and spaces';
const nameCharacters = /^[^\s/:\p{Cc}]+$/u;

export const linkName = (): z.ZodMiniType<string, string> =>
  also(text(nameExpected, nameCharacters), nameExpected, isLinkName);

const isLinkName = (name: string): boolean =>
  name !== '.' && name !== '..' && new TextEncoder().encode(name).length <= 15;

/** One name or glob. The message names the error in the pattern. */
export const linkPattern = (): z.ZodMiniType<string, string> => {
  const expected = 'an interface name or a glob';
  return z.string(expected).check(z.minLength(1, expected), (context) => {
    const problem = patternProblem(context.value);
    if (problem === undefined) return;
    const message = `${expected} (${problem})`;
    context.issues.push({ code: 'custom', input: context.value, message });
  });
};

function patternProblem(pattern: string): string | undefined {
  if (pattern === '') return undefined;
  if (pattern.startsWith('!')) return 'what to leave out belongs in monitoring.exclude, without "!"';
  if (!nameCharacters.test(pattern)) return 'names have no "/", ":" or spaces';
  const parsed = parseGlob(pattern);
  if (!parsed.ok) return parsed.problem;
  const isPlain = !/[*?[]/.test(pattern);
  return isPlain && !isLinkName(pattern) ? 'names have 1 to 15 bytes' : undefined;
}

const listExpected = 'a list of names or globs, or one string of them with spaces between';

/** A list, or one space-separated string as in the first schema. */
export const linkPatterns = (): z.ZodMiniType<string[], string | string[]> =>
  z.union(
    [
      z.array(linkPattern(), listExpected),
      z.pipe(z.pipe(z.string(listExpected), z.transform(splitNames)), z.array(linkPattern())),
    ],
    listExpected,
  );

/** Splits a space-separated string. */
export const splitNames = (value: string): string[] => value.split(/\s+/).filter((name) => name !== '');

/** Checked by parsing; the issue has the position within the condition. */
export const condition = (): z.ZodMiniType<string, string> =>
  z.string('a condition, such as "has_gateway && dns_count > 0"').check((context) => {
    const parsed = parseCondition(context.value);
    if (parsed.ok) return;
    const { line, column, offset, found, expected, suggestion } = parsed.problem;
    const params: ConditionIssue = {
      condition: { line, column, offset },
      found,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    context.issues.push({ code: 'custom', input: context.value, message: expected, params: { ...params } });
  });
