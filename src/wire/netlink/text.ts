/**
 * Names between bytes and text. The kernel takes any bytes but a few as an interface's name or alias, so not every name
 * is UTF-8. Valid UTF-8 is decoded; each byte that is not part of it becomes `\xHH`; and a backslash that would
 * read as the start of such an escape becomes `\x5c`. So no two names have the same text, and every ordinary name is itself.
 */

const backslash = 0x5c;

/** Text of the bytes at `offset` up to the first NUL, `length` at most. `encodeText` gives the same bytes back. */
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
    const size = value < 0x80 ? 1 : sequenceLength(bytes, at, limit);
    if (size === 0 || (value === backslash && looksEscaped(bytes, at, limit))) text += escapeByte(value);
    else text += String.fromCodePoint(codePoint(bytes, at, size));
    at += Math.max(1, size);
  }
  return text;
}

const escapeByte = (value: number): string => `\\x${value.toString(16).padStart(2, '0')}`;

const isHexDigit = (value: number): boolean =>
  (value >= 0x30 && value <= 0x39) || (value >= 0x61 && value <= 0x66);

/** Whether the backslash at `at` is followed by what would make it an escape: x and two lower-case hex digits. */
function looksEscaped(bytes: Uint8Array, at: number, limit: number): boolean {
  return (
    at + 3 < limit &&
    bytes[at + 1] === 0x78 &&
    isHexDigit(bytes[at + 2] as number) &&
    isHexDigit(bytes[at + 3] as number)
  );
}

/** Length of the well-formed UTF-8 sequence of two to four bytes at `at` (Unicode 15, table 3-7); 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number, limit: number): number {
  const lead = bytes[at] as number;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > limit) return 0;
  const second = bytes[at + 1] as number;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < size; i++) {
    if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  const lead = bytes[at] as number;
  if (size === 1) return lead;
  let value = lead & (0x7f >> size);
  for (let i = 1; i < size; i++) value = (value << 6) | ((bytes[at + i] as number) & 0x3f);
  return value;
}

/** The bytes whose text this is, without a closing NUL. */
export function encodeText(text: string): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < text.length; ) {
    const escaped = /^\\x[0-9a-f]{2}/.exec(text.slice(i, i + 4));
    if (escaped !== null) {
      out.push(Number.parseInt(text.slice(i + 2, i + 4), 16));
      i += 4;
    } else {
      const point = text.codePointAt(i) as number;
      pushUtf8(out, point);
      i += point > 0xffff ? 2 : 1;
    }
  }
  return Uint8Array.from(out);
}

function pushUtf8(out: number[], point: number): void {
  if (point < 0x80) out.push(point);
  else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  else if (point < 0x10000)
    out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  else {
    out.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f));
    out.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  }
}

const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, '0'),
);

/** Lower-case hex of `length` bytes, with `separator` between them. */
export function decodeHex(bytes: Uint8Array, offset: number, length: number, separator: string): string {
  if (length === 0) return '';
  let text = hexBytes[bytes[offset] as number] as string;
  for (let i = 1; i < length; i++) text += separator + (hexBytes[bytes[offset + i] as number] as string);
  return text;
}

/** A hardware address: lower-case hex joined by colons, '' for none. */
export function decodeHardwareAddress(bytes: Uint8Array, offset: number, length: number): string {
  if (length !== 6) return decodeHex(bytes, offset, length, ':');
  return isEthernetBroadcast(bytes, offset) ? 'ff:ff:ff:ff:ff:ff' : decodeEthernet(bytes, offset);
}

function isEthernetBroadcast(bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < 6; i++) if (bytes[offset + i] !== 0xff) return false;
  return true;
}

const digits: Uint8Array = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const high = (value: number | undefined): number => digits[(value as number) >> 4] as number;
const low = (value: number | undefined): number => digits[(value as number) & 15] as number;

/** In one step, and not by joining: half the time, and no chain of eleven strings that the state would keep. */
function decodeEthernet(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    high(bytes[at]),
    low(bytes[at]),
    0x3a,
    high(bytes[at + 1]),
    low(bytes[at + 1]),
    0x3a,
    high(bytes[at + 2]),
    low(bytes[at + 2]),
    0x3a,
    high(bytes[at + 3]),
    low(bytes[at + 3]),
    0x3a,
    high(bytes[at + 4]),
    low(bytes[at + 4]),
    0x3a,
    high(bytes[at + 5]),
    low(bytes[at + 5]),
  );
}

/** The bytes of hex digits, with or without a separator of one character that is not a digit. */
export function encodeHex(text: string): Uint8Array {
  const digits = text.match(/[0-9a-fA-F]{2}/g) ?? [];
  return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
}
