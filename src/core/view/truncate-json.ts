/** Truncates the lists of a JSON object to fit a limit, all to the same length, and marks the object. */

import { fitsUtf8, utf8Length } from '../model/utf8-length.ts';
import type { JsonObject, JsonValue } from './json.ts';

/**
 * Returns `whole` if it has at most `limit` bytes; else the text of `object` with the lists of `keys` cut to
 * the greatest common length that fits, and `truncated: true`. Everything except the lists must fit.
 */
export function fitLists(object: JsonObject, whole: string, limit: number, keys: readonly string[]): string {
  if (fitsUtf8(whole, limit)) return whole;
  const lists = keys.map((key) => measure(key, object[key], limit));
  const empty = { ...object, truncated: true, ...Object.fromEntries(keys.map((key) => [key, []])) };
  const room = limit - utf8Length(JSON.stringify(empty));
  const length = greatestFitting(lists, room);
  const cut = lists.map(({ key, items }) => [key, items.slice(0, length)] as const);
  return JSON.stringify({ ...object, truncated: true, ...Object.fromEntries(cut) });
}

interface MeasuredList {
  readonly key: string;
  readonly items: readonly JsonValue[];
  /** Bytes of the first n items with their commas, by n, up to the first n that does not fit. */
  readonly sums: readonly number[];
}

function measure(key: string, value: JsonValue | undefined, limit: number): MeasuredList {
  const items: readonly JsonValue[] = isList(value) ? value : [];
  const sums = [0];
  let sum = 0;
  for (const item of items) {
    sum += utf8Length(JSON.stringify(item)) + 1;
    sums.push(sum);
    if (sum > limit) break;
  }
  return { key, items, sums };
}

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

function greatestFitting(lists: readonly MeasuredList[], room: number): number {
  const bytes = (length: number): number =>
    lists.reduce((sum, { sums }) => sum + (sums[Math.min(length, sums.length - 1)] ?? 0), 0);
  let low = 0;
  let high = Math.max(0, ...lists.map(({ sums }) => sums.length - 1));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (bytes(middle) <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}
