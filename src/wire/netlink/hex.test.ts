import { expect, test } from 'bun:test';
import { decodeHex, encodeHex } from './hex.ts';

const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

test('encoding decoded hex restores the bytes, with and without separators', () => {
  const bytes = bytesOf(9, 0, 0x1f, 0xff, 9);
  expect(decodeHex(bytes, 1, 3, ':')).toBe('00:1f:ff');
  expect(decodeHex(bytes, 1, 3, '')).toBe('001fff');
  expect(decodeHex(bytes, 1, 0, ':')).toBe('');
  expect(encodeHex('00:1F:ff')).toEqual(bytesOf(0, 0x1f, 0xff));
  expect(encodeHex('001fff')).toEqual(bytesOf(0, 0x1f, 0xff));
});
