/**
 * Reads and writes integers in a byte array. Netlink uses the byte order of the machine (netlink(7)), which
 * is determined once. The caller guarantees that the bytes exist.
 */

/** Whether this machine stores the least significant byte first. */
export const littleEndianHost: boolean = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

type Read = (bytes: Uint8Array, at: number) => number;
type Write = (bytes: Uint8Array, at: number, value: number) => void;

export interface IntegerCodec {
  readonly u16: Read;
  readonly u32: Read;
  readonly i32: Read;
  /** Exact up to 2^53, rounded above. */
  readonly u64: Read;
  readonly setU16: Write;
  readonly setU32: Write;
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] as number;

const littleI32: Read = (bytes, at) =>
  byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
const littleU32: Read = (bytes, at) => littleI32(bytes, at) >>> 0;

export const littleEndian: IntegerCodec = {
  u16: (bytes, at) => byte(bytes, at) | (byte(bytes, at + 1) << 8),
  i32: littleI32,
  u32: littleU32,
  u64: (bytes, at) => littleU32(bytes, at) + littleU32(bytes, at + 4) * 0x1_0000_0000,
  setU16: (bytes, at, value) => {
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
  },
  setU32: (bytes, at, value) => {
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  },
};

const bigI32: Read = (bytes, at) =>
  byte(bytes, at + 3) | (byte(bytes, at + 2) << 8) | (byte(bytes, at + 1) << 16) | (byte(bytes, at) << 24);
const bigU32: Read = (bytes, at) => bigI32(bytes, at) >>> 0;

export const bigEndian: IntegerCodec = {
  u16: (bytes, at) => byte(bytes, at + 1) | (byte(bytes, at) << 8),
  i32: bigI32,
  u32: bigU32,
  u64: (bytes, at) => bigU32(bytes, at + 4) + bigU32(bytes, at) * 0x1_0000_0000,
  setU16: (bytes, at, value) => {
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
  },
  setU32: (bytes, at, value) => {
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  },
};

const host = littleEndianHost ? littleEndian : bigEndian;

export const readU16: Read = host.u16;
export const readU32: Read = host.u32;
export const readI32: Read = host.i32;
export const readU64: Read = host.u64;
export const writeU16: Write = host.setU16;
export const writeU32: Write = host.setU32;
