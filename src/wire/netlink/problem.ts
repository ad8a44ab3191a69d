/** What is said of bytes that are not a message as the kernel writes it, or not one that netevd models. */

export type ProblemCode =
  /** The datagram or payload ends before the struct that it must start with. */
  | 'struct-truncated'
  /** A message says that it is shorter than its header or longer than the datagram. */
  | 'message-length'
  /** An attribute says that it is shorter than its header or longer than what holds it. */
  | 'attribute-length'
  /** An attribute's value is shorter than its type. */
  | 'attribute-short'
  /** An attribute without which the object has no identity is not there. */
  | 'attribute-missing'
  /** A value that the field cannot have. */
  | 'value-range';

export interface Problem {
  readonly code: ProblemCode;
  /** Where, in the bytes that were given. */
  readonly offset: number;
  /** What should have been there. */
  readonly expected: string;
}

/** The bytes are not what the kernel sends: the picture that rests on them is in doubt. */
export interface Malformed {
  readonly ok: false;
  readonly ignored: false;
  readonly problem: Problem;
}

/**
 * A well-formed message about something else. `family`: of another address family (AF_BRIDGE ports, AF_MPLS routes,
 * RTNL_FAMILY_IPMR). `partial`: an RTM_NEWLINK that carries a wireless event and not the link (net/wireless/wext-core.c).
 */
export interface Ignored {
  readonly ok: false;
  readonly ignored: true;
  readonly reason: 'family' | 'partial';
}

export type Rejected = Malformed | Ignored;

/** The bytes at `offset` are not what the kernel sends; `expected` says what would be. */
export const malformed = (code: ProblemCode, offset: number, expected: string): Malformed => ({
  ok: false,
  ignored: false,
  problem: { code, offset, expected },
});

/** About neither IPv4 nor IPv6. */
export const otherFamily: Ignored = Object.freeze({ ok: false, ignored: true, reason: 'family' });
/** About a part of an object, which says nothing about the whole. */
export const partialMessage: Ignored = Object.freeze({ ok: false, ignored: true, reason: 'partial' });

/** The problem of a payload that does not hold its leading struct; undefined where it does. */
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
