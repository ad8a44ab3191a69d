/**
 * Returns the length of `text` in UTF-8 bytes. A lone surrogate counts three bytes: it is encoded as U+FFFD.
 */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    const isPair = unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1));
    if (isPair) i++;
    bytes += unit < 0x800 ? 1 : 2;
  }
  return bytes;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Whether `text` has at most `limit` bytes in UTF-8. Most texts are so short that it need not count them. */
export const fitsUtf8 = (text: string, limit: number): boolean =>
  3 * text.length <= limit || (text.length <= limit && utf8Length(text) <= limit);
