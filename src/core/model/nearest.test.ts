import { describe, expect, test } from 'bun:test';
import { editDistance, nearest } from './nearest.ts';

describe('nearest', () => {
  const keys = ['timeout_sec', 'kill_grace_sec', 'debounce_ms', 'port', 'path', 'bind_address', 'warn'];
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['timout_sec', 'timeout_sec'],
    ['timeoutSec', 'timeout_sec'],
    ['TIMEOUT-SEC', 'timeout_sec'],
    ['timeout', 'timeout_sec'],
    ['debuonce_ms', 'debounce_ms'],
    ['prot', 'port'],
    ['address', 'bind_address'],
    ['log_path', 'path'],
    ['warning', 'warn'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
    ['---', undefined],
  ];
  test.each(rows)('the suggestion for %p is %p', (word, expected) => {
    expect(nearest(word, keys)).toBe(expected as string);
  });

  test('a very long word yields no suggestion', () => {
    expect(nearest('a'.repeat(1_000_000), keys)).toBeUndefined();
  });
});

describe('editDistance', () => {
  const rows: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
  ];
  test.each(rows)('the edit distance from %p to %p is %d', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });
});
