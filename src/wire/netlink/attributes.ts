/**
 * Attributes: the `struct nlattr` sequences of linux/netlink.h, indexed by number in one pass like nla_parse
 * of the kernel: the last one of a number wins, and numbers beyond the table are skipped.
 */
import { readU16 } from './bytes.ts';
import { attributeTypeMask, StructSize } from './constants.ts';
import { type Malformed, malformed } from './problem.ts';

/**
 * Minimum number of bytes by attribute number, which makes later reads safe. Other numbers are not indexed.
 */
export type AttributePolicy = Readonly<Record<number, number>>;

const headerSize = StructSize.attribute;

/**
 * An index over the attributes of one message at a time, created once and reused: it allocates nothing and
 * stores only positions, which are valid until the next `index`.
 */
export class AttributeTable {
  /**
   * Where the value of attribute n starts; 0 if it is absent (a value is never at 0, because its header
   * precedes it).
   */
  readonly offsets: Int32Array;
  /** Length of that value in bytes. */
  readonly lengths: Int32Array;
  /** Minimum length + 1 by number; 0 for numbers outside the policy. */
  readonly #wanted: Int32Array;

  constructor(policy: AttributePolicy) {
    const size = Math.max(...Object.keys(policy).map(Number)) + 1;
    this.offsets = new Int32Array(size);
    this.lengths = new Int32Array(size);
    this.#wanted = new Int32Array(size);
    for (const [type, least] of Object.entries(policy)) this.#wanted[Number(type)] = least + 1;
  }

  /**
   * Indexes the attributes in [start, end). Returns the problem of the first malformed one, else undefined.
   */
  index(bytes: Uint8Array, start: number, end: number): Malformed | undefined {
    const { offsets, lengths } = this;
    const wanted = this.#wanted;
    const size = wanted.length;
    for (let i = 0; i < size; i++) offsets[i] = 0;
    let at = start;
    while (at < end) {
      const length = end - at < headerSize ? 0 : readU16(bytes, at);
      if (length < headerSize || length > end - at) return badLength(at);
      const type = readU16(bytes, at + 2) & attributeTypeMask;
      const least = type < size ? (wanted[type] as number) : 0;
      if (least > 0) {
        if (length - headerSize < least - 1) return tooShort(at, type, least - 1);
        offsets[type] = at + headerSize;
        lengths[type] = length - headerSize;
      }
      at += (length + 3) & ~3;
    }
    return undefined;
  }

  /** Returns where the value of `type` starts in the bytes last indexed; 0 if it is absent. */
  at(type: number): number {
    return this.offsets[type] as number;
  }

  length(type: number): number {
    return this.lengths[type] as number;
  }
}

/** Receives the type of an attribute with its flag bits, where its value starts, and its length. */
export type AttributeVisitor = (type: number, offset: number, length: number) => void;

/** Visits the attributes in [start, end) in order, including repeated ones. */
export function visitAttributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: AttributeVisitor,
): Malformed | undefined {
  let at = start;
  while (at < end) {
    const length = end - at < headerSize ? 0 : readU16(bytes, at);
    if (length < headerSize || length > end - at) return badLength(at);
    visit(readU16(bytes, at + 2), at + headerSize, length - headerSize);
    at += (length + 3) & ~3;
  }
  return undefined;
}

const badLength = (at: number): Malformed =>
  malformed('attribute-length', at, 'an attribute of 4 bytes or more that ends within its container');

const tooShort = (at: number, type: number, least: number): Malformed =>
  malformed('attribute-short', at, `attribute ${type} with ${least} bytes or more`);
