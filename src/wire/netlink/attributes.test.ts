import { describe, expect, test } from 'bun:test';
import { AttributeTable, visitAttributes } from './attributes.ts';

const table = new AttributeTable({ 1: 0, 3: 4 });
const index = (...values: readonly number[]) => table.index(Uint8Array.from(values), 0, values.length);

describe('AttributeTable', () => {
  test('finds the attributes of its policy and skips the others', () => {
    expect(index(5, 0, 1, 0, 7, 0, 0, 0, 4, 0, 2, 0, 8, 0, 3, 0, 1, 2, 3, 4, 4, 0, 99, 0)).toBeUndefined();
    expect([table.at(1), table.length(1)]).toEqual([4, 1]);
    expect([table.at(3), table.length(3)]).toEqual([16, 4]);
    expect(table.at(2)).toBe(0);
  });

  test('forgets what it found before', () => {
    expect(index(4, 0, 1, 0)).toBeUndefined();
    expect(index(8, 0, 3, 0, 1, 2, 3, 4)).toBeUndefined();
    expect([table.at(1), table.at(3)]).toEqual([0, 4]);
  });

  test('takes the last of several, as the kernel does', () => {
    expect(index(4, 0, 1, 0, 4, 0, 1, 0)).toBeUndefined();
    expect(table.at(1)).toBe(8);
  });

  test('does not count the nested and byte-order bits into the number', () => {
    expect(index(4, 0, 1, 0x80, 8, 0, 3, 0x40, 1, 2, 3, 4)).toBeUndefined();
    expect([table.at(1), table.at(3)]).toEqual([4, 8]);
  });

  test('accepts a last attribute without its padding', () => {
    expect(index(5, 0, 1, 0, 7)).toBeUndefined();
    expect(table.length(1)).toBe(1);
  });

  test('says which attribute is shorter than its type', () => {
    expect(index(4, 0, 1, 0, 7, 0, 3, 0, 1, 2, 3, 0)).toEqual({
      ok: false,
      ignored: false,
      problem: { code: 'attribute-short', offset: 4, expected: 'attribute 3 with 4 bytes or more' },
    });
  });
});

describe('visitAttributes', () => {
  test('visits repeated ones, with the whole of their type', () => {
    const seen: (readonly number[])[] = [];
    const bytes = Uint8Array.of(5, 0, 1, 0x80, 9, 0, 0, 0, 4, 0, 1, 0);
    expect(visitAttributes(bytes, 0, bytes.length, (...args) => seen.push(args))).toBeUndefined();
    expect(seen).toEqual([
      [0x8001, 4, 1],
      [1, 12, 0],
    ]);
  });

  test('stops at one that is malformed', () => {
    const bytes = Uint8Array.of(4, 0, 1, 0, 3, 0, 1, 0);
    const broken = visitAttributes(bytes, 0, bytes.length, () => undefined);
    expect(broken).toMatchObject({ problem: { code: 'attribute-length', offset: 4 } });
  });
});
