/**
 * Writes one netlink message: header, leading struct, attributes padded to four bytes, nested ones by
 * callback.
 */
import { writeU16, writeU32 } from './bytes.ts';
import { StructSize } from './constants.ts';
import { encodeText } from './text.ts';

export class MessageWriter {
  #bytes = new Uint8Array(256);
  #size: number = StructSize.header;

  constructor(type: number, flags: number, sequence: number) {
    writeU16(this.#bytes, 4, type);
    writeU16(this.#bytes, 6, flags);
    writeU32(this.#bytes, 8, sequence);
  }

  /** Returns the message with its length. Do not use the writer afterwards. */
  finish(): Uint8Array {
    writeU32(this.#bytes, 0, this.#size);
    return this.#bytes.slice(0, this.#size);
  }

  /** Adds `length` zero bytes, padded to four; returns where they start, for the setters. */
  reserve(length: number): number {
    const at = this.#size;
    const end = at + ((length + 3) & ~3);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#size = end;
    return at;
  }

  setU8(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  setU16(at: number, value: number): void {
    writeU16(this.#bytes, at, value);
  }

  setU32(at: number, value: number): void {
    writeU32(this.#bytes, at, value);
  }

  setBytes(at: number, value: Uint8Array): void {
    this.#bytes.set(value, at);
  }

  addBytes(type: number, value: Uint8Array): void {
    const at = this.addZeros(type, value.length);
    this.setBytes(at, value);
  }

  addU8(type: number, value: number): void {
    const at = this.addZeros(type, 1);
    this.setU8(at, value);
  }

  addU32(type: number, value: number): void {
    const at = this.addZeros(type, 4);
    this.setU32(at, value);
  }

  /** Adds a string with its closing NUL. */
  addText(type: number, value: string): void {
    const text = encodeText(value);
    const at = this.addZeros(type, text.length + 1);
    this.setBytes(at, text);
  }

  /** Adds an attribute with the content that `fill` writes. */
  addNested(type: number, fill: () => void): void {
    const at = this.addZeros(type, 0);
    fill();
    this.setU16(at - StructSize.attribute, this.#size - at + StructSize.attribute);
  }

  /** The number of bytes so far. */
  position(): number {
    return this.#size;
  }

  /** Adds an attribute of `length` zero bytes; returns where its value starts, for the setters. */
  addZeros(type: number, length: number): number {
    const at = this.reserve(StructSize.attribute + length);
    this.setU16(at, StructSize.attribute + length);
    this.setU16(at + 2, type);
    return at + StructSize.attribute;
  }
}
