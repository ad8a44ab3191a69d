import { describe, expect, test } from 'bun:test';
import { isCheapJson } from './json-cost.ts';

const rows: readonly [what: string, json: string, isCheap: boolean][] = [
  ['nothing', '', true],
  ['a short list of lists', '[[],[],[]]', true],
  ['brackets in a string', JSON.stringify('['.repeat(10_000)), true],
  ['brackets behind an escaped quote', `"\\"${'['.repeat(10_000)}"`, true],
  ['brackets behind an escaped backslash', `"\\\\",${'['.repeat(10_000)}`, false],
  ['deep lists', '['.repeat(1000), false],
  ['deep objects', '{"a":'.repeat(1000), false],
  ['many short values', `[${'1,'.repeat(10_000)}1]`, false],
  ['a string without an end', `"${'\\\\'.repeat(5000)}`, true],
];

describe('the cost of parsing JSON', () => {
  test.each(rows)('of %s', (_what, json, isCheap) => {
    expect(isCheapJson(new TextEncoder().encode(json))).toBe(isCheap);
  });
});
