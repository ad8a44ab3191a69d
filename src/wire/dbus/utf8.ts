/** UTF-8 as D-Bus demands it: well-formed, and without NUL (D-Bus Specification, "String-like types"). */

/** How many characters are made at once: more arguments than this a call may not take. */
const batch = 8_192;

/** Text of `length` bytes at `offset`; undefined where they are not well-formed or contain a NUL. */
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

/** Length of the well-formed sequence of two to four bytes at `at` (Unicode 15, table 3-7); 0 where there is none. */
function sequenceSize(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = bytes[at + 1] as number;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < size; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return size;
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  let value = (bytes[at] as number) & (0x7f >> size);
  for (let i = 1; i < size; i++) value = (value << 6) | ((bytes[at + i] as number) & 0x3f);
  return value;
}

/** UTF-8 of a text; half of a surrogate pair becomes U+FFFD. */
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
    const read = character.codePointAt(0) ?? 0;
    const point = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read;
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) out.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else out.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return Uint8Array.from(out);
}

const tail = (bits: number): number => 0x80 | (bits & 0x3f);
