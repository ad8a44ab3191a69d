/** Kinds of query parameters. */
import { parsePosition } from '../core/records/stored-record.ts';
import type { Parameter } from './query.ts';

/** One of these words. */
export const word = <const T extends string>(...words: readonly T[]): Parameter<T> => ({
  expected: words.length === 1 ? `'${words[0]}'` : `one of ${words.join(', ')}`,
  parse: (text) => words.find((known) => known === text),
});

/** A whole number in decimal. */
export const whole = (least: number, most: number): Parameter<number> => ({
  expected: `${least} to ${most}`,
  parse: (text) => {
    const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});

/** A number in decimal or, behind `0x`, hexadecimal, of 32 bits: a firewall mark. */
export const mark: Parameter<number> = {
  expected: '0 to 0xffffffff',
  parse: (text) => {
    const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : Number.NaN;
    return value <= 0xffff_ffff ? value : undefined;
  },
};

export const yesNo: Parameter<boolean> = {
  expected: "'true' or 'false'",
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

/** A switch that is on where it is there. */
export const one: Parameter<1> = { expected: "'1'", parse: (text) => (text === '1' ? 1 : undefined) };

/** Any text that is not empty, and not longer than what it is compared with can be. */
export const text: Parameter<string> = {
  expected: '1 to 256 characters',
  parse: (value) => (value !== '' && value.length <= 256 ? value : undefined),
};

export const required = <T>(parameter: Parameter<T>): Parameter<T> => ({ ...parameter, isRequired: true });

/** Where in the records, or when. */
export type Bound =
  | { readonly kind: 'position'; readonly epoch: string; readonly seq: number }
  | { readonly kind: 'seq'; readonly seq: number }
  | { readonly kind: 'time'; readonly at: number }
  | { readonly kind: 'age'; readonly ms: number };

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const ageLimit = 10_000 * units.d;

/** `<epoch>.<seq>`, `<seq>`, RFC 3339, or an age (`10m`). Undefined where it is none of them. */
export function parseBound(value: string): Bound | undefined {
  const position = parsePosition(value);
  if (position !== undefined) return { kind: 'position', ...position };
  if (/^(0|[1-9]\d{0,15})$/.test(value) && Number.isSafeInteger(Number(value)))
    return { kind: 'seq', seq: Number(value) };
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(value) ?? [];
  if (unit !== undefined) {
    const ms = Number(count) * units[unit as keyof typeof units];
    return ms <= ageLimit ? { kind: 'age', ms } : undefined;
  }
  return parseTime(value);
}

/** RFC 3339, section 5.6, with any offset. */
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$/;

function parseTime(value: string): Bound | undefined {
  const at = rfc3339.test(value) ? Date.parse(value.replace(' ', 'T').toUpperCase()) : Number.NaN;
  return Number.isFinite(at) ? { kind: 'time', at } : undefined;
}

/** A bound as its text; `parseBound` reads it. */
export const bound: Parameter<string> = {
  expected: 'a record (<epoch>.<seq> or <seq>), a time (RFC 3339) or an age (10m, 2h, 7d)',
  parse: (value) => (parseBound(value) === undefined ? undefined : value),
};
