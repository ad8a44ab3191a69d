/**
 * UTF-8, one character at a time (Unicode 15, section 3.9), for decoders that treat invalid bytes
 * differently.
 */

/**
 * Returns the length of the well-formed sequence of two to four bytes at `at` (table 3-7) before `end`; 0
 * without one.
 */
export function sequenceSize(bytes: Uint8Array, at: number, end: number): number {
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

/** Returns the code point of the well-formed sequence of `size` bytes at `at`. */
export function codePoint(bytes: Uint8Array, at: number, size: number): number {
  const lead = bytes[at] as number;
  if (size === 1) return lead;
  let value = lead & (0x7f >> size);
  for (let i = 1; i < size; i++) value = (value << 6) | ((bytes[at + i] as number) & 0x3f);
  return value;
}

/** Appends the bytes of a code point. */
export function pushCodePoint(out: number[], point: number): void {
  if (point < 0x80) out.push(point);
  else if (point < 0x800) out.push(0xc0 | (point >> 6), tail(point));
  else if (point < 0x10000) out.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
  else out.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
}

const tail = (bits: number): number => 0x80 | (bits & 0x3f);
