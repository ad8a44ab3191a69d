/** UTF-8 for D-Bus: well-formed and without NUL (D-Bus Specification, "String-like types"). */

import { codePoint, pushCodePoint, sequenceSize } from '../utf8.ts';

/** Number of characters in one call: calls have a limited number of arguments. */
const batch = 8_192;

/** Decodes `length` bytes at `offset`; returns undefined if they are not well-formed or contain a NUL. */
export function decodeUtf8(bytes: Uint8Array, offset: number, length: number): string | undefined {
  const end = offset + length;
  let text = '';
  let start = offset;
  for (let at = offset; at < end; at++) {
    const value = bytes[at] as number;
    if (value === 0) return undefined;
    if (value < 0x80) continue;
    const size = sequenceSize(bytes, at, end);
    if (size === 0) return undefined;
    text += ascii(bytes, start, at) + String.fromCodePoint(codePoint(bytes, at, size));
    at += size - 1;
    start = at + 1;
  }
  return text + ascii(bytes, start, end);
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += batch) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(to, at + batch)));
  }
  return text;
}

/** Encodes a text as UTF-8; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) return encodeBeyondAscii(text);
    bytes[at] = code;
  }
  return bytes;
}

function encodeBeyondAscii(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    pushCodePoint(out, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return Uint8Array.from(out);
}
