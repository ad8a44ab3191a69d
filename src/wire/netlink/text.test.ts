import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { decodeText, encodeText } from './text.ts';

const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

describe('decodeText', () => {
  const rows: readonly (readonly [string, readonly number[], string])[] = [
    ['ASCII', ascii('eth0'), 'eth0'],
    ['nothing', [], ''],
    ['the text before the first NUL', [...ascii('a'), 0, ...ascii('b')], 'a'],
    ['the text before a NUL with non-ASCII bytes', [0xc3, 0xbc, 0, 0x62], 'ü'],
    ['two, three and four bytes of UTF-8', [0xc3, 0xbc, 0xe2, 0x98, 0x83, 0xf0, 0x9f, 0x9a, 0x80], 'ü☃🚀'],
    ['a byte that is never in UTF-8', [0x61, 0xff], 'a\\xff'],
    ['a sequence cut short', [0xe2, 0x98], '\\xe2\\x98'],
    ['a sequence cut short by NUL', [0xe2, 0x98, 0], '\\xe2\\x98'],
    [
      'an overlong form',
      [0xc0, 0xaf, 0xe0, 0x80, 0xaf, 0xf0, 0x80, 0x80, 0xaf],
      '\\xc0\\xaf\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf',
    ],
    ['a surrogate', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\\xf4\\x90\\x80\\x80'],
    ['a lone continuation', [0x80], '\\x80'],
    ['a backslash', ascii('a\\b'), 'a\\b'],
    ['a backslash at the end', ascii('a\\'), 'a\\'],
    ['a text that looks like an escape', ascii('a\\xff'), 'a\\x5cxff'],
    ['a text that looks like an escape in upper case', ascii('a\\xFF'), 'a\\xFF'],
    ['a text that looks like half an escape', ascii('a\\xf'), 'a\\xf'],
  ];
  for (const [name, bytes, text] of rows) {
    test(`decodeText decodes ${name}`, () => {
      expect(decodeText(Uint8Array.from(bytes), 0, bytes.length)).toBe(text);
    });
  }

  const anyName = fc.oneof(
    fc.uint8Array({ min: 1 }),
    fc
      .array(fc.constantFrom(0x5c, 0x78, 0x66, 0x35, 0x63, 0xff, 0xe2, 0x98, 0x83), { maxLength: 20 })
      .map((values) => bytesOf(...values)),
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text.replaceAll('\0', ''))),
  );

  test('encoding a decoded text restores the bytes', () => {
    fc.assert(
      fc.property(anyName, (bytes) => {
        expect(encodeText(decodeText(bytes, 0, bytes.length))).toEqual(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  test('valid UTF-8 without escapes is decoded like by the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = text.replaceAll('\0', '').replaceAll('\\', '');
        const bytes = new TextEncoder().encode(plain);
        expect(decodeText(bytes, 0, bytes.length)).toBe(plain);
      }),
      { numRuns: 2000 },
    );
  });

  test('bytes are escaped exactly where the platform finds invalid UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 1, maxLength: 12 }), (bytes) => {
        fc.pre(!bytes.includes(0x5c));
        const valid = !new TextDecoder().decode(bytes).includes('\ufffd');
        expect(decodeText(bytes, 0, bytes.length).includes('\\x')).toBe(!valid);
      }),
      { numRuns: 3000 },
    );
  });
});
