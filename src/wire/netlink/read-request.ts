/**
 * Encodes requests that read: dumps and single links. Every header struct is complete and zero except for
 * filters, as NETLINK_GET_STRICT_CHK requires. No request asks for an acknowledgement: a dump ends with
 * NLMSG_DONE, a single read with the object, and both with NLMSG_ERROR on failure.
 */
import type { Family } from '../../core/model/address.ts';
import type { IfIndex, TableId } from '../../core/model/ids.ts';
import {
  AddressFamily,
  HeaderFlag,
  LinkAttribute,
  MessageType,
  RouteAttribute,
  StructSize,
} from './constants.ts';
import { familyNumber } from './ip.ts';
import { MessageWriter } from './writer.ts';

/** What to dump. Without a family: all families, including those that the parsers ignore. */
export type DumpRequest =
  | { readonly kind: 'links' }
  | { readonly kind: 'addresses'; readonly family?: Family; readonly ifindex?: IfIndex }
  /** With a family, a missing table ends the dump with ENOENT. */
  | {
      readonly kind: 'routes';
      readonly family?: Family;
      readonly table?: TableId;
      readonly ifindex?: IfIndex;
    }
  | { readonly kind: 'rules'; readonly family?: Family }
  | { readonly kind: 'nextHops' };

/** Encodes a request for a dump. Filters only apply on a socket with NETLINK_GET_STRICT_CHK. */
export function encodeDumpRequest(request: DumpRequest, sequence: number): Uint8Array {
  const family = 'family' in request ? request.family : undefined;
  const number = family === undefined ? AddressFamily.unspec : familyNumber(family);
  const flags = HeaderFlag.request | HeaderFlag.dump;
  const writer = new MessageWriter(dumpTypes[request.kind], flags, sequence);
  const struct = writer.reserve(structSizes[request.kind]);
  writer.setU8(struct, number);
  if (request.kind === 'links') addLinkDetail(writer);
  if (request.kind === 'addresses' && request.ifindex !== undefined) {
    writer.setU32(struct + 4, request.ifindex);
  }
  if (request.kind === 'routes') {
    if (request.table !== undefined) writer.addU32(RouteAttribute.table, request.table);
    if (request.ifindex !== undefined) writer.addU32(RouteAttribute.outputInterface, request.ifindex);
  }
  return writer.finish();
}

const dumpTypes = {
  links: MessageType.getLink,
  addresses: MessageType.getAddress,
  routes: MessageType.getRoute,
  rules: MessageType.getRule,
  nextHops: MessageType.getNextHop,
} as const;

const structSizes = {
  links: StructSize.link,
  addresses: StructSize.address,
  routes: StructSize.route,
  rules: StructSize.rule,
  nextHops: StructSize.nextHopObject,
} as const;

/**
 * `RTEXT_FILTER_SKIP_STATS` of linux/rtnetlink.h: leaves out the counters of IPv4 and IPv6, which are half of
 * a message and most of the work to create it. The kernel still sends those of the link, but no virtual
 * functions.
 */
const skipProtocolStatistics = 8;

function addLinkDetail(writer: MessageWriter): void {
  writer.addU32(LinkAttribute.extMask, skipProtocolStatistics);
}

/** Encodes a request for one link. The kernel answers with RTM_NEWLINK or ENODEV. */
export function encodeGetLink(ifindex: IfIndex, sequence: number): Uint8Array {
  const writer = new MessageWriter(MessageType.getLink, HeaderFlag.request, sequence);
  const struct = writer.reserve(StructSize.link);
  writer.setU32(struct + 4, ifindex);
  addLinkDetail(writer);
  return writer.finish();
}
