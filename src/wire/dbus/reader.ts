/**
 * Reads marshalled values. The bytes come from a peer: for any bytes, reading ends, uses memory in proportion
 * to them, and reports a problem instead of throwing.
 */
import { isObjectPath } from './names.ts';
import { alignmentOf, type BusType, parseSignature } from './signature.ts';
import { decodeUtf8 } from './utf8.ts';
import type { BusKey, BusValue } from './value.ts';

/** Maximum depth of nested containers, including variants (D-Bus Specification, "Message Format"). */
const maxDepth = 64;
/** 64 MiB (D-Bus Specification, "Marshaling", array). */
const maxArrayLength = 2 ** 26;

/** A position in marshalled bytes. Once `problem` is set, results are meaningless. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The start of the message: alignment is relative to it. */
  readonly origin: number;
  readonly end: number;
  readonly isLittle: boolean;
  at: number;
  problem: string | undefined;

  constructor(bytes: Uint8Array, range: { origin: number; from: number; to: number }, isLittle: boolean) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.origin = range.origin;
    this.at = range.from;
    this.end = range.to;
    this.isLittle = isLittle;
  }

  fail(problem: string): void {
    this.problem ??= `${problem} at byte ${this.at - this.origin}`;
  }

  align(boundary: number): void {
    const beyond = (this.at - this.origin) % boundary;
    if (beyond !== 0) this.skip(boundary - beyond);
  }

  skip(count: number): void {
    if (this.has(count)) this.at += count;
  }

  has(count: number): boolean {
    if (this.problem !== undefined) return false;
    if (this.at + count <= this.end) return true;
    this.fail(`${count} bytes are missing`);
    return false;
  }

  uint8(): number {
    if (!this.has(1)) return 0;
    const value = this.bytes[this.at] as number;
    this.at += 1;
    return value;
  }

  uint32(): number {
    this.align(4);
    if (!this.has(4)) return 0;
    const value = this.view.getUint32(this.at, this.isLittle);
    this.at += 4;
    return value;
  }

  /** Reads `s` and `o`: a length, the text, a NUL. */
  text(): string {
    return this.#characters(this.uint32());
  }

  /** Reads `g`: like `s`, with a length of one byte. */
  signature(): string {
    return this.#characters(this.uint8());
  }

  #characters(length: number): string {
    if (!this.has(length + 1)) return '';
    const text = decodeUtf8(this.bytes, this.at, length);
    if (text === undefined || this.bytes[this.at + length] !== 0) {
      this.fail('a string is not UTF-8 with a NUL at its end');
      return '';
    }
    this.at += length + 1;
    return text;
  }
}

/** Reads a value of this type; `depth` is the number of containers around it. */
export function readValue(reader: Reader, type: BusType, depth: number): BusValue {
  if (depth > maxDepth) {
    reader.fail(`containers are nested more than ${maxDepth} deep`);
    return 0;
  }
  switch (type.code) {
    case 'a':
      return readArray(reader, type, depth);
    case '(':
      reader.align(8);
      return type.inner.map((member) => readValue(reader, member, depth + 1));
    case 'v':
      return readVariant(reader, depth);
    default:
      return readBasic(reader, type.code);
  }
}

function readBasic(reader: Reader, code: string): BusKey {
  switch (code) {
    case 'y':
      return reader.uint8();
    case 's':
      return reader.text();
    case 'o':
      return readPath(reader);
    case 'g':
      return readSignature(reader);
    case 'b':
      return readBoolean(reader);
    case 'u':
    case 'h':
      return reader.uint32();
    case 'i':
      return reader.uint32() | 0;
    default:
      return readNumber(reader, code);
  }
}

/** Reads the rare sizes: 16 and 64 bits. */
function readNumber(reader: Reader, code: string): number | bigint {
  const size = alignmentOf(code);
  reader.align(size);
  if (!reader.has(size)) return 0;
  const at = reader.at;
  reader.at += size;
  const { view, isLittle } = reader;
  if (code === 'n') return view.getInt16(at, isLittle);
  if (code === 'q') return view.getUint16(at, isLittle);
  if (code === 'x') return view.getBigInt64(at, isLittle);
  return code === 't' ? view.getBigUint64(at, isLittle) : view.getFloat64(at, isLittle);
}

function readBoolean(reader: Reader): boolean {
  const value = reader.uint32();
  if (value > 1) reader.fail('a boolean is neither 0 nor 1');
  return value === 1;
}

function readPath(reader: Reader): string {
  const path = reader.text();
  if (reader.problem === undefined && !isObjectPath(path)) reader.fail('an object path is not one');
  return path;
}

function readSignature(reader: Reader): string {
  const signature = reader.signature();
  if (reader.problem === undefined && parseSignature(signature) === undefined) {
    reader.fail('a signature is not one');
  }
  return signature;
}

function readVariant(reader: Reader, depth: number): BusValue {
  const signature = reader.signature();
  const types = reader.problem === undefined ? parseSignature(signature) : undefined;
  const type = types?.[0];
  if (type === undefined || types?.length !== 1) {
    reader.fail('a variant has not one complete type');
    return 0;
  }
  return { signature, value: readValue(reader, type, depth + 1) };
}

function readArray(reader: Reader, type: BusType, depth: number): BusValue {
  const element = type.inner[0] as BusType;
  const length = reader.uint32();
  reader.align(alignmentOf(element.code));
  if (length > maxArrayLength) reader.fail('an array is longer than 64 MiB');
  if (!reader.has(length)) return [];
  const end = reader.at + length;
  if (element.code === 'y') {
    reader.at = end;
    return new Uint8Array(reader.bytes.subarray(end - length, end));
  }
  const value =
    element.code === '{'
      ? readEntries(reader, element, end, depth)
      : readElements(reader, element, end, depth);
  if (reader.problem === undefined && reader.at !== end) reader.fail('an array ends within an element');
  return value;
}

function readElements(reader: Reader, element: BusType, end: number, depth: number): BusValue[] {
  const list: BusValue[] = [];
  while (reader.problem === undefined && reader.at < end) list.push(readValue(reader, element, depth + 1));
  return list;
}

function readEntries(reader: Reader, entry: BusType, end: number, depth: number): Map<BusKey, BusValue> {
  const [key, value] = entry.inner as readonly [BusType, BusType];
  const entries = new Map<BusKey, BusValue>();
  while (reader.problem === undefined && reader.at < end) {
    reader.align(8);
    const name = readBasic(reader, key.code);
    entries.set(name, readValue(reader, value, depth + 2));
  }
  return entries;
}
