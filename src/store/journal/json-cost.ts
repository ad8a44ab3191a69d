/** What it would cost to parse JSON, from its bytes alone: a few megabytes can name millions of values. */

/** Of the deepest entry that netevd writes, twice over. */
const maxDepth = 32;
/** Values that one byte in so many may begin: netevd's own entries have one in ten. */
const bytesPerValue = 6;
/** Below it, nothing can be dear. */
const smallJson = 4096;

const byte = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** Whether the text is nested no deeper, and has no more values for its length, than what netevd writes. It may be no JSON at all. */
export function isCheapJson(json: Uint8Array): boolean {
  const maxValues = Math.max(smallJson, json.length) / bytesPerValue;
  let depth = 0;
  let values = 1;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case byte.quote:
        i = endOfString(json, i);
        break;
      case byte.comma:
        values++;
        break;
      case byte.openBracket:
      case byte.openBrace:
        values++;
        depth++;
        if (depth > maxDepth) return false;
        break;
      case byte.closeBracket:
      case byte.closeBrace:
        depth--;
    }
  }
  return values <= maxValues;
}

/** The index of the quote that ends the string which begins at `start`; the end of the text where there is none. */
function endOfString(json: Uint8Array, start: number): number {
  for (let i = json.indexOf(byte.quote, start + 1); i >= 0; i = json.indexOf(byte.quote, i + 1)) {
    let backslashes = 0;
    while (json[i - 1 - backslashes] === byte.backslash) backslashes++;
    if (backslashes % 2 === 0) return i;
  }
  return json.length;
}
