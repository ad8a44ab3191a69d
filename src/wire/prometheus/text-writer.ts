/**
 * A growing buffer of UTF-8. A scrape of a thousand links has about 20 000 lines; concatenated as strings
 * they are 240 000 objects each time.
 */
import { pushCodePoint } from '../utf8.ts';

export class TextWriter {
  #bytes = new Uint8Array(16_384);
  #length = 0;

  /** The text so far: a view, not a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Appends the text. Half of a surrogate pair becomes U+FFFD. */
  text(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let length = this.#length;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) {
        this.#length = length;
        this.#appendNonAscii(text.slice(at));
        return;
      }
      bytes[length++] = code;
    }
    this.#length = length;
  }

  #appendNonAscii(text: string): void {
    const points: number[] = [];
    for (const character of text) {
      const point = character.codePointAt(0) ?? 0;
      pushCodePoint(points, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
    }
    this.#reserve(points.length);
    this.#bytes.set(points, this.#length);
    this.#length += points.length;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
