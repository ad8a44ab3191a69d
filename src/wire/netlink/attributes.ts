/**
 * Attributes: the `struct nlattr` sequences of linux/netlink.h, indexed by number in one pass as the kernel's own
 * nla_parse does: the last one of a number wins, numbers past the table are skipped.
 */
import { readU16 } from './bytes.ts';
import { attributeTypeMask, StructSize } from './constants.ts';
import { type Malformed, malformed } from './problem.ts';

/** Least number of bytes by attribute number: what makes later reads safe. Numbers not listed are not indexed. */
export type AttributePolicy = Readonly<Record<number, number>>;

const headerSize = StructSize.attribute;

/**
 * An index over the attributes of one message at a time, made once and used for each: it allocates nothing
 * and keeps no bytes, only positions, which are valid until the next `index`.
 */
export class AttributeTable {
  /** Where the value of attribute n starts; 0 where it is absent (a value is never at 0: its header precedes it). */
  readonly offsets: Int32Array;
  /** Length of that value in bytes. */
  readonly lengths: Int32Array;
  /** Least length + 1 by number; 0 where the number is of no interest. */
  readonly #wanted: Int32Array;

  constructor(policy: AttributePolicy) {
    const size = Math.max(...Object.keys(policy).map(Number)) + 1;
    this.offsets = new Int32Array(size);
    this.lengths = new Int32Array(size);
    this.#wanted = new Int32Array(size);
    for (const [type, least] of Object.entries(policy)) this.#wanted[Number(type)] = least + 1;
  }

  /** Indexes the attributes in [start, end). The problem of the first one that is malformed, else undefined. */
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

  /** Where the value of `type` starts in the bytes last indexed, 0 where it is absent. */
  at(type: number): number {
    return this.offsets[type] as number;
  }

  length(type: number): number {
    return this.lengths[type] as number;
  }
}

/** Called with an attribute's whole type (flag bits too), where its value starts and its length. */
export type AttributeVisitor = (type: number, offset: number, length: number) => void;

/** Visits the attributes in [start, end) in order, repeated ones too. */
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
  malformed('attribute-length', at, 'an attribute of 4 bytes or more that ends within what holds it');

const tooShort = (at: number, type: number, least: number): Malformed =>
  malformed('attribute-short', at, `attribute ${type} with ${least} bytes or more`);
