/**
 * Converts names between bytes and text. The kernel accepts nearly all bytes in the name or alias of an
 * interface, so not every name is UTF-8. Valid UTF-8 is decoded; each other byte becomes `\xHH`; and a
 * backslash that would look like the start of such an escape becomes `\x5c`. So different names have
 * different texts, and ordinary names are unchanged.
 */

import { codePoint, pushCodePoint, sequenceSize } from '../utf8.ts';

const backslash = 0x5c;

/** Decodes at most `length` bytes at `offset`, up to the first NUL. `encodeText` restores the same bytes. */
export function decodeText(bytes: Uint8Array, offset: number, length: number): string {
  const limit = offset + length;
  let text = '';
  for (let at = offset; at < limit; at++) {
    const value = bytes[at] as number;
    if (value === 0) return text;
    if (value >= 0x80 || value === backslash) return text + decodeUnusual(bytes, at, limit);
    text += String.fromCharCode(value);
  }
  return text;
}

function decodeUnusual(bytes: Uint8Array, offset: number, limit: number): string {
  let text = '';
  let at = offset;
  while (at < limit && bytes[at] !== 0) {
    const value = bytes[at] as number;
    const size = value < 0x80 ? 1 : sequenceSize(bytes, at, limit);
    if (size === 0 || (value === backslash && looksEscaped(bytes, at, limit))) text += escapeByte(value);
    else text += String.fromCodePoint(codePoint(bytes, at, size));
    at += Math.max(1, size);
  }
  return text;
}

const escapeByte = (value: number): string => `\\x${value.toString(16).padStart(2, '0')}`;

const isHexDigit = (value: number): boolean =>
  (value >= 0x30 && value <= 0x39) || (value >= 0x61 && value <= 0x66);

/**
 * Whether the backslash at `at` looks like the start of an escape: x and two lower-case hex digits follow.
 */
function looksEscaped(bytes: Uint8Array, at: number, limit: number): boolean {
  return (
    at + 3 < limit &&
    bytes[at + 1] === 0x78 &&
    isHexDigit(bytes[at + 2] as number) &&
    isHexDigit(bytes[at + 3] as number)
  );
}

/** Encodes a text of `decodeText`, without a closing NUL. */
export function encodeText(text: string): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < text.length; ) {
    const escaped = /^\\x[0-9a-f]{2}/.exec(text.slice(i, i + 4));
    if (escaped !== null) {
      out.push(Number.parseInt(text.slice(i + 2, i + 4), 16));
      i += 4;
    } else {
      const point = text.codePointAt(i) as number;
      pushCodePoint(out, point);
      i += point > 0xffff ? 2 : 1;
    }
  }
  return Uint8Array.from(out);
}
