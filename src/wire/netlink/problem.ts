/** Results of parsing bytes that are not a valid message of the kernel, or not one that netevd models. */

export type NetlinkProblemCode =
  /** The datagram or payload is shorter than its leading struct. */
  | 'struct-truncated'
  /** The length of a message is less than its header or more than the datagram. */
  | 'message-length'
  /** The length of an attribute is less than its header or more than its container. */
  | 'attribute-length'
  /** The value of an attribute is too short for its type. */
  | 'attribute-short'
  /** An attribute that identifies the object is missing. */
  | 'attribute-missing'
  /** A value that the field cannot have. */
  | 'value-range';

export interface NetlinkProblem {
  readonly code: NetlinkProblemCode;
  /** Position in the given bytes. */
  readonly offset: number;
  /** What the parser expected there. */
  readonly expected: string;
}

/** The bytes are not a valid message: the state must be dumped again. */
export interface Malformed {
  readonly ok: false;
  readonly ignored: false;
  readonly problem: NetlinkProblem;
}

/**
 * A valid message that netevd ignores. `family`: another address family (AF_BRIDGE ports, AF_MPLS routes,
 * RTNL_FAMILY_IPMR). `partial`: an RTM_NEWLINK with a wireless event instead of the link
 * (net/wireless/wext-core.c).
 */
export interface Ignored {
  readonly ok: false;
  readonly ignored: true;
  readonly reason: 'family' | 'partial';
}

export type Rejected = Malformed | Ignored;

/** Makes a problem: the bytes at `offset` are not what the parser `expected`. */
export const malformed = (code: NetlinkProblemCode, offset: number, expected: string): Malformed => ({
  ok: false,
  ignored: false,
  problem: { code, offset, expected },
});

/** A message about neither IPv4 nor IPv6. */
export const otherFamily: Ignored = Object.freeze({ ok: false, ignored: true, reason: 'family' });
/** A message about a part of an object. */
export const partialMessage: Ignored = Object.freeze({ ok: false, ignored: true, reason: 'partial' });

/** Returns a problem if a payload is shorter than its leading struct. */
export function checkStruct(
  bytes: Uint8Array,
  offset: number,
  length: number,
  size: number,
  name: string,
): Malformed | undefined {
  if (length >= size && offset >= 0 && offset + length <= bytes.length) return undefined;
  return malformed('struct-truncated', offset, `struct ${name}, ${size} bytes`);
}
