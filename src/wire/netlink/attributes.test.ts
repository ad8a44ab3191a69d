import { describe, expect, test } from 'bun:test';
import { AttributeTable, visitAttributes } from './attributes.ts';

const table = new AttributeTable({ 1: 0, 3: 4 });
const index = (...values: readonly number[]) => table.index(Uint8Array.from(values), 0, values.length);

describe('AttributeTable', () => {
  test('the table indexes the attributes of its policy and skips others', () => {
    expect(index(5, 0, 1, 0, 7, 0, 0, 0, 4, 0, 2, 0, 8, 0, 3, 0, 1, 2, 3, 4, 4, 0, 99, 0)).toBeUndefined();
    expect([table.at(1), table.length(1)]).toEqual([4, 1]);
    expect([table.at(3), table.length(3)]).toEqual([16, 4]);
    expect(table.at(2)).toBe(0);
  });

  test('the table forgets attributes of an earlier message', () => {
    expect(index(4, 0, 1, 0)).toBeUndefined();
    expect(index(8, 0, 3, 0, 1, 2, 3, 4)).toBeUndefined();
    expect([table.at(1), table.at(3)]).toEqual([0, 4]);
  });

  test('the last of several equal attributes wins, like in the kernel', () => {
    expect(index(4, 0, 1, 0, 4, 0, 1, 0)).toBeUndefined();
    expect(table.at(1)).toBe(8);
  });

  test('the nested and byte-order bits are not part of the number', () => {
    expect(index(4, 0, 1, 0x80, 8, 0, 3, 0x40, 1, 2, 3, 4)).toBeUndefined();
    expect([table.at(1), table.at(3)]).toEqual([4, 8]);
  });

  test('a last attribute without padding is accepted', () => {
    expect(index(5, 0, 1, 0, 7)).toBeUndefined();
    expect(table.length(1)).toBe(1);
  });

  test('an attribute that is too short for its type is reported', () => {
    expect(index(4, 0, 1, 0, 7, 0, 3, 0, 1, 2, 3, 0)).toMatchObject({
      ok: false,
      ignored: false,
      problem: { code: 'attribute-short', offset: 4 },
    });
  });
});

describe('visitAttributes', () => {
  test('repeated attributes are visited with their complete type', () => {
    const seen: (readonly number[])[] = [];
    const bytes = Uint8Array.of(5, 0, 1, 0x80, 9, 0, 0, 0, 4, 0, 1, 0);
    expect(visitAttributes(bytes, 0, bytes.length, (...args) => seen.push(args))).toBeUndefined();
    expect(seen).toEqual([
      [0x8001, 4, 1],
      [1, 12, 0],
    ]);
  });

  test('the visit stops at a malformed attribute', () => {
    const bytes = Uint8Array.of(4, 0, 1, 0, 3, 0, 1, 0);
    const broken = visitAttributes(bytes, 0, bytes.length, () => undefined);
    expect(broken).toMatchObject({ problem: { code: 'attribute-length', offset: 4 } });
  });
});
