import { describe, expect, test } from 'bun:test';
import { endianness } from 'node:os';
import fc from 'fast-check';
import { bigEndian, littleEndian, littleEndianHost, readU32 } from './bytes.ts';

test('the detected byte order is that of the machine', () => {
  expect(littleEndianHost).toBe(endianness() === 'LE');
  expect(readU32(new Uint8Array(Uint32Array.of(0xfedcba98).buffer), 0)).toBe(0xfedcba98);
});

for (const [name, codec, little] of [
  ['little', littleEndian, true],
  ['big', bigEndian, false],
] as const) {
  describe(`${name}-endian integers`, () => {
    test(`${name}-endian integers are read like by a DataView`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
          const view = new DataView(bytes.buffer, bytes.byteOffset);
          expect(codec.u16(bytes, 1)).toBe(view.getUint16(1, little));
          expect(codec.u32(bytes, 3)).toBe(view.getUint32(3, little));
          expect(codec.i32(bytes, 3)).toBe(view.getInt32(3, little));
          expect(codec.u64(bytes, 0)).toBe(Number(view.getBigUint64(0, little)));
        }),
      );
    });

    test(`${name}-endian integers are written like by a DataView`, () => {
      fc.assert(
        fc.property(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }), (small, large) => {
          const bytes = new Uint8Array(8);
          codec.setU16(bytes, 1, small);
          codec.setU32(bytes, 3, large);
          const view = new DataView(bytes.buffer);
          expect([view.getUint16(1, little), view.getUint32(3, little)]).toEqual([small, large]);
          expect([bytes[0], bytes[7]]).toEqual([0, 0]);
        }),
      );
    });
  });
}
