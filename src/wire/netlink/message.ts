/** Splits a datagram into messages: `struct nlmsghdr` of linux/netlink.h, netlink(7). */
import { readU16, readU32 } from './bytes.ts';
import { HeaderFlag, StructSize } from './constants.ts';
import { type Malformed, malformed } from './problem.ts';

export interface MessageHeader {
  /** See MessageType. */
  readonly type: number;
  /** See HeaderFlag. */
  readonly flags: number;
  readonly sequence: number;
  /** `nlmsg_pid`: the port of the request, 0 in notifications without a request. */
  readonly portId: number;
  /** Where the payload starts in the buffer, and its length without padding. */
  readonly offset: number;
  readonly length: number;
}

/** Receives each message in order. */
export type MessageVisitor = (header: MessageHeader) => void;

/**
 * Visits each message of the datagram at [offset, offset + length), up to a malformed header. Does not keep a
 * reference to the buffer.
 */
export function parseMessages(
  buffer: Uint8Array,
  offset: number,
  length: number,
  visit: MessageVisitor,
): { readonly ok: true } | Malformed {
  if (offset < 0 || length < 0 || offset + length > buffer.length) {
    return malformed('struct-truncated', offset, 'a datagram within the buffer');
  }
  const end = offset + length;
  let at = offset;
  while (at < end) {
    if (end - at < StructSize.header) return malformed('struct-truncated', at, 'struct nlmsghdr, 16 bytes');
    const size = readU32(buffer, at);
    if (size < StructSize.header || size > end - at) {
      return malformed('message-length', at, `a message of 16 to ${end - at} bytes`);
    }
    visit({
      type: readU16(buffer, at + 4),
      flags: readU16(buffer, at + 6),
      sequence: readU32(buffer, at + 8),
      portId: readU32(buffer, at + 12),
      offset: at + StructSize.header,
      length: size - StructSize.header,
    });
    at += (size + 3) & ~3;
  }
  return whole;
}

const whole = Object.freeze({ ok: true } as const);

/** Whether objects changed during the dump: it is inconsistent and must be repeated. */
export const isDumpInterrupted = (flags: number): boolean => (flags & HeaderFlag.dumpInterrupted) !== 0;
