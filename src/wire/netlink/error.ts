/**
 * Parses answers to requests: NLMSG_ERROR and NLMSG_DONE of linux/netlink.h, with extended acknowledgements.
 */
import { AttributeTable } from './attributes.ts';
import { readI32, readU16, readU32 } from './bytes.ts';
import { ErrorAttribute, HeaderFlag, StructSize } from './constants.ts';
import type { MessageHeader } from './message.ts';
import { checkStruct, type Malformed, malformed } from './problem.ts';
import { decodeText } from './text.ts';

/** Details of a failure (`NLMSGERR_ATTR_*`), if the socket has NETLINK_EXT_ACK. */
export interface ErrorDetails {
  /** The kernel's message. */
  readonly message?: string;
  /** Offset of the refused attribute from the header of the request. */
  readonly offset?: number;
  /** The number of a missing attribute. */
  readonly missingType?: number;
}

/** NLMSG_ERROR: the result of a request. */
export interface Acknowledgement extends ErrorDetails {
  /** The errno, positive; 0 means success, possibly with a message as a warning. */
  readonly errno: number;
  /** Type and sequence number of the request. */
  readonly requestType: number;
  readonly requestSequence: number;
}

/** NLMSG_DONE: the result of a dump. */
export interface DumpEnd extends ErrorDetails {
  /** The errno, positive; 0 means success. */
  readonly errno: number;
}

const details = new AttributeTable({
  [ErrorAttribute.message]: 0,
  [ErrorAttribute.offset]: 4,
  [ErrorAttribute.missingType]: 4,
});

/** Parses a message of type NLMSG_ERROR. */
export function parseError(
  bytes: Uint8Array,
  header: MessageHeader,
): { readonly ok: true; readonly acknowledgement: Acknowledgement } | Malformed {
  const { offset, length } = header;
  const size = 4 + StructSize.header;
  const short = checkStruct(bytes, offset, length, size, 'nlmsgerr');
  if (short !== undefined) return short;
  const request = offset + 4;
  let start = offset + size;
  if ((header.flags & HeaderFlag.capped) === 0) {
    const requestLength = readU32(bytes, request);
    if (requestLength < StructSize.header)
      return malformed('message-length', request, 'the length of a request');
    start = request + requestLength + (-requestLength & 3);
  }
  const found = readDetails(bytes, header, start);
  if (!found.ok) return found;
  const acknowledgement = {
    errno: errnoOf(readI32(bytes, offset)),
    requestType: readU16(bytes, request + 4),
    requestSequence: readU32(bytes, request + 8),
    ...found.details,
  };
  return { ok: true, acknowledgement };
}

/** Parses a message of type NLMSG_DONE. Kernels before 4.x may send no payload. */
export function parseDone(
  bytes: Uint8Array,
  header: MessageHeader,
): { readonly ok: true; readonly end: DumpEnd } | Malformed {
  const { offset, length } = header;
  if (length === 0) return { ok: true, end: { errno: 0 } };
  const short = checkStruct(bytes, offset, length, 4, 'nlmsghdr payload: int');
  if (short !== undefined) return short;
  const found = readDetails(bytes, header, offset + 4);
  if (!found.ok) return found;
  return { ok: true, end: { errno: errnoOf(readI32(bytes, offset)), ...found.details } };
}

/** Errors are negative errno values; a dump may end with a length instead, which means success. */
const errnoOf = (value: number): number => (value < 0 ? -value : 0);

function readDetails(
  bytes: Uint8Array,
  header: MessageHeader,
  start: number,
): { readonly ok: true; readonly details: ErrorDetails } | Malformed {
  if ((header.flags & HeaderFlag.ackAttributes) === 0) return { ok: true, details: {} };
  const end = header.offset + header.length;
  if (start > end) return malformed('message-length', header.offset, 'the request within the answer');
  const broken = details.index(bytes, start, end);
  if (broken !== undefined) return broken;
  const message = details.at(ErrorAttribute.message);
  const offset = details.at(ErrorAttribute.offset);
  const missing = details.at(ErrorAttribute.missingType);
  return {
    ok: true,
    details: {
      ...(message !== 0 && { message: decodeText(bytes, message, details.length(ErrorAttribute.message)) }),
      ...(offset !== 0 && { offset: readU32(bytes, offset) }),
      ...(missing !== 0 && { missingType: readU32(bytes, missing) }),
    },
  };
}
