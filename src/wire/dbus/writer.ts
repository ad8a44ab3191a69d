/** Marshals values. Throws on a value that does not match its signature, which is a bug. */
import { isObjectPath } from './names.ts';
import { alignmentOf, type BusType, parseSignature } from './signature.ts';
import { encodeUtf8 } from './utf8.ts';
import { type BusValue, isVariant } from './value.ts';

/** A growing buffer: little-endian, aligned relative to its start. */
export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get size(): number {
    return this.#length;
  }

  align(boundary: number): void {
    this.#advance((boundary - (this.#length % boundary)) % boundary);
  }

  uint8(value: number): void {
    this.#bytes[this.#advance(1)] = value;
  }

  uint32(value: number): void {
    this.align(4);
    this.#view.setUint32(this.#advance(4), value, true);
  }

  /** Overwrites a number that `uint32` wrote. */
  patch(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Writes a scalar of 16 or 64 bits. */
  number(code: string, value: number | bigint): void {
    const size = alignmentOf(code);
    this.align(size);
    const at = this.#advance(size);
    if (code === 'n') this.#view.setInt16(at, Number(value), true);
    else if (code === 'q') this.#view.setUint16(at, Number(value), true);
    else if (code === 'x') this.#view.setBigInt64(at, BigInt(value), true);
    else if (code === 't') this.#view.setBigUint64(at, BigInt(value), true);
    else this.#view.setFloat64(at, Number(value), true);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  text(text: string): void {
    const bytes = encodeUtf8(text);
    if (bytes.includes(0)) throw new TypeError('a text for the bus contains a NUL');
    this.uint32(bytes.length);
    this.raw(bytes);
    this.uint8(0);
  }

  signature(text: string): void {
    this.uint8(text.length);
    this.raw(encodeUtf8(text));
    this.uint8(0);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Appends `count` zero bytes; returns where they start. */
  #advance(count: number): number {
    const at = this.#length;
    if (at + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(at + count, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = at + count;
    return at;
  }
}

/** Writes `values` with the types of `signature`. */
export function writeValues(writer: Writer, signature: string, values: readonly BusValue[]): void {
  const types = parseSignature(signature);
  if (types === undefined || types.length !== values.length) {
    throw new TypeError(`${values.length} values do not fit the signature '${signature}'`);
  }
  for (const [i, type] of types.entries()) writeValue(writer, type, values[i] as BusValue);
}

function writeValue(writer: Writer, type: BusType, value: BusValue): void {
  if (type.code === 'a') writeArray(writer, type.inner[0] as BusType, value);
  else if (type.code === '(') writeStruct(writer, type.inner, value);
  else if (type.code === 'v') writeVariant(writer, value);
  else writeBasic(writer, type.code, value);
}

function writeBasic(writer: Writer, code: string, value: BusValue): void {
  if (typeof value === 'string') writeText(writer, code, value);
  else if (typeof value === 'boolean' && code === 'b') writer.uint32(value ? 1 : 0);
  else if (typeof value === 'number' && code === 'y') writer.uint8(value);
  else if (typeof value === 'number' && 'uih'.includes(code)) writer.uint32(value);
  else if ((typeof value === 'number' || typeof value === 'bigint') && 'nqxtd'.includes(code)) {
    writer.number(code, value);
  } else mismatch(code);
}

function writeText(writer: Writer, code: string, value: string): void {
  if (code === 'g' && parseSignature(value) !== undefined) writer.signature(value);
  else if (code === 's' || (code === 'o' && isObjectPath(value))) writer.text(value);
  else mismatch(code);
}

function mismatch(code: string): never {
  throw new TypeError(`a value does not fit the type '${code}'`);
}

function writeVariant(writer: Writer, value: BusValue): void {
  if (!isVariant(value)) mismatch('v');
  writer.signature(value.signature);
  writeValues(writer, value.signature, [value.value]);
}

function writeStruct(writer: Writer, members: readonly BusType[], value: BusValue): void {
  if (!Array.isArray(value) || value.length !== members.length) mismatch('(');
  writer.align(8);
  for (const [i, member] of members.entries()) writeValue(writer, member, value[i] as BusValue);
}

function writeArray(writer: Writer, element: BusType, value: BusValue): void {
  writer.uint32(0);
  const lengthAt = writer.size - 4;
  writer.align(alignmentOf(element.code));
  const start = writer.size;
  if (element.code === 'y' && value instanceof Uint8Array) writer.raw(value);
  else if (element.code === '{' && value instanceof Map) writeEntries(writer, element, value);
  else if (element.code !== '{' && Array.isArray(value))
    for (const each of value) writeValue(writer, element, each);
  else mismatch(`a${element.code}`);
  writer.patch(lengthAt, writer.size - start);
}

function writeEntries(writer: Writer, entry: BusType, entries: ReadonlyMap<BusValue, BusValue>): void {
  for (const [key, value] of entries) {
    writer.align(8);
    writeValue(writer, entry.inner[0] as BusType, key);
    writeValue(writer, entry.inner[1] as BusType, value);
  }
}
