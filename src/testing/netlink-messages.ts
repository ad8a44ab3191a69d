/** Messages as the kernel sends them; the test decides what they answer and what is in them. */
import type { AddressObject, LinkObject, RouteObject } from '../core/model/kernel-objects.ts';
import { encodeAddressChange } from '../wire/netlink/address-request.ts';
import { writeU32 } from '../wire/netlink/bytes.ts';
import { HeaderFlag, LinkAttribute, MessageType, StructSize } from '../wire/netlink/constants.ts';
import { encodeRouteChange } from '../wire/netlink/route-request.ts';
import { MessageWriter } from '../wire/netlink/writer.ts';

/** The request that a message answers; absent in notifications. */
export interface Answers {
  readonly sequence: number;
  readonly portId: number;
  readonly interrupted?: boolean;
}

export interface MessageOptions {
  readonly answers?: Answers;
  /** `NLM_F_*` of a notification. */
  readonly flags?: number;
}

function start(type: number, { answers, flags = 0 }: MessageOptions): MessageWriter {
  if (answers === undefined) return new MessageWriter(type, flags, 1);
  const interrupted = answers.interrupted === true ? HeaderFlag.dumpInterrupted : 0;
  return new MessageWriter(type, flags | HeaderFlag.multi | interrupted, answers.sequence);
}

function addressed(message: Uint8Array, answers: Answers | undefined): Uint8Array {
  writeU32(message, 12, answers?.portId ?? 4321);
  return message;
}

export function linkMessage(
  link: Pick<LinkObject, 'index' | 'name' | 'flags' | 'mtu' | 'operStatus'>,
  options: MessageOptions = {},
  type: number = MessageType.newLink,
): Uint8Array {
  const writer = start(type, options);
  const struct = writer.reserve(StructSize.link);
  writer.setU32(struct + 4, link.index);
  writer.setU32(struct + 8, link.flags);
  writer.addText(LinkAttribute.name, link.name);
  writer.addU32(LinkAttribute.mtu, link.mtu);
  writer.addU8(LinkAttribute.operStatus, link.operStatus);
  return addressed(writer.finish(), options.answers);
}

/** The payload is that of a request that creates the object: the kernel answers with the same. */
function withHeader(type: number, request: Uint8Array, options: MessageOptions): Uint8Array {
  const writer = start(type, options);
  const payload = request.subarray(StructSize.header);
  writer.setBytes(writer.reserve(payload.length), payload);
  return addressed(writer.finish(), options.answers);
}

export const addressMessage = (
  address: AddressObject,
  options: MessageOptions = {},
  type: number = MessageType.newAddress,
): Uint8Array => withHeader(type, encodeAddressChange('replace', address, 1), options);

export const routeMessage = (
  route: RouteObject,
  options: MessageOptions = {},
  type: number = MessageType.newRoute,
): Uint8Array => withHeader(type, encodeRouteChange('replace', route, 1), options);

/** The end of a dump. */
export function doneMessage(answers: Answers): Uint8Array {
  const writer = start(MessageType.done, { answers });
  writer.reserve(4);
  return addressed(writer.finish(), answers);
}

/** An acknowledgement; `errno` 0 is success. */
export function errorMessage(answers: Answers, errno: number = 0): Uint8Array {
  const writer = new MessageWriter(MessageType.error, HeaderFlag.capped, answers.sequence);
  const struct = writer.reserve(4 + StructSize.header);
  writer.setU32(struct, -errno >>> 0);
  writer.setU32(struct + 4, StructSize.header);
  return addressed(writer.finish(), answers);
}

/** Joins several messages into one datagram. */
export function datagram(...messages: readonly Uint8Array[]): Uint8Array {
  const padded = messages.map((message) => {
    const whole = new Uint8Array((message.length + 3) & ~3);
    whole.set(message);
    return whole;
  });
  const joined = new Uint8Array(padded.reduce((sum, message) => sum + message.length, 0));
  let at = 0;
  for (const message of padded) {
    joined.set(message, at);
    at += message.length;
  }
  return joined;
}
