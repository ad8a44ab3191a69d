import { expect, test } from 'bun:test';
import { keyLimit, orderOf, recordKey, seqOf } from './record-key.ts';

const edges: readonly [order: number, seq: number][] = [
  [0, 0],
  [0, 2 ** 36 - 1],
  [1, 0],
  [77, 123_456],
  [2 ** 17 - 1, 2 ** 36 - 1],
];

test('a key contains epoch and number, and keys have the order of the records', () => {
  expect(edges.map(([order, seq]) => recordKey(order, seq)).map((key) => [orderOf(key), seqOf(key)])).toEqual(
    edges.map((pair) => [...pair]),
  );
  const keys = edges.map(([order, seq]) => recordKey(order, seq));
  expect(keys.toSorted((a, b) => a - b)).toEqual(keys);
  expect(keys.every((key) => Number.isSafeInteger(key) && key < keyLimit)).toBe(true);
});

test.each([
  [-1, 0],
  [2 ** 17, 0],
  [0.5, 0],
  [0, -1],
  [0, 2 ** 36],
])('there is no key for epoch %p, record %p', (order, seq) => {
  expect(() => recordKey(order, seq)).toThrow(RangeError);
});
