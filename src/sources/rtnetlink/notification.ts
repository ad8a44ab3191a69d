/** Decodes notifications of the kernel into facts. */
import type { Family } from '../../core/model/address.ts';
import type { KernelFact, RouteNotification } from '../../core/model/fact.ts';
import { isTracked } from '../../core/model/route-kind.ts';
import { parseAddress } from '../../wire/netlink/address.ts';
import { readU32 } from '../../wire/netlink/bytes.ts';
import { HeaderFlag, MessageType, StructSize } from '../../wire/netlink/constants.ts';
import { familyOfNumber } from '../../wire/netlink/ip.ts';
import { parseLink } from '../../wire/netlink/link.ts';
import type { MessageHeader } from '../../wire/netlink/message.ts';
import { parseNextHop } from '../../wire/netlink/next-hop-object.ts';
import type { Malformed } from '../../wire/netlink/problem.ts';
import { parseRoute } from '../../wire/netlink/route.ts';
import { parseRule } from '../../wire/netlink/rule.ts';

/** The object kind of one dump. A notification belongs to the dump that its object would be in. */
export type DumpSubject = 'addresses' | 'links' | 'nextHops' | 'routes4' | 'routes6' | 'rules4' | 'rules6';

/** The dump that reads the routes of a family. */
export const routesSubject = (family: Family): DumpSubject => (family === 4 ? 'routes4' : 'routes6');

export interface Notification {
  readonly subject: DumpSubject;
  readonly fact: KernelFact;
}

/** `Malformed`: the bytes are not a valid message. Empty: netevd does not model what the message is about. */
export type DecodedNotification = readonly Notification[] | Malformed;

const none: DecodedNotification = Object.freeze([]);

/** Decodes an unsolicited message. */
export function decodeNotification(bytes: Uint8Array, header: MessageHeader): DecodedNotification {
  switch (header.type) {
    case MessageType.newLink:
    case MessageType.delLink:
      return decodeLink(bytes, header);
    case MessageType.newAddress:
    case MessageType.delAddress:
      return decodeAddress(bytes, header);
    case MessageType.newRoute:
    case MessageType.delRoute:
      return decodeRoute(bytes, header);
    case MessageType.newRule:
    case MessageType.delRule:
      return decodeRule(bytes, header);
    case MessageType.newNextHop:
    case MessageType.delNextHop:
      return decodeNextHop(bytes, header);
    default:
      return none;
  }
}

function decodeLink(bytes: Uint8Array, header: MessageHeader): DecodedNotification {
  const parsed = parseLink(bytes, header.offset, header.length);
  if (!parsed.ok) return parsed.ignored ? none : parsed;
  const { link, movedTo } = parsed;
  const fact: KernelFact =
    header.type === MessageType.newLink
      ? { kind: 'linkObserved', link }
      : { kind: 'linkVanished', index: link.index, ...(movedTo !== undefined && { movedTo }) };
  return [{ subject: 'links', fact }];
}

function decodeAddress(bytes: Uint8Array, header: MessageHeader): DecodedNotification {
  const parsed = parseAddress(bytes, header.offset, header.length);
  if (!parsed.ok) return parsed.ignored ? none : parsed;
  const kind = header.type === MessageType.newAddress ? 'addressObserved' : 'addressVanished';
  return [{ subject: 'addresses', fact: { kind, address: parsed.address } }];
}

function decodeRoute(bytes: Uint8Array, header: MessageHeader): DecodedNotification {
  const isNew = header.type === MessageType.newRoute;
  const how = routeNotification(header.flags);
  // Most routes are not kept. A message about one of them matters where it replaces a kept route.
  const matters = isNew && how === 'replace';
  if (!matters && header.length >= StructSize.route && !isTrackedRouteMessage(bytes, header.offset))
    return none;
  const parsed = parseRoute(bytes, header.offset, header.length);
  if (!parsed.ok) return parsed.ignored ? none : parsed;
  const { route } = parsed;
  const fact: KernelFact = isNew ? { kind: 'routeObserved', route, how } : { kind: 'routeVanished', route };
  return [{ subject: routesSubject(route.family), fact }];
}

/** Reads `rtm_type` and `rtm_flags` of struct rtmsg. */
export const isTrackedRouteMessage = (bytes: Uint8Array, offset: number): boolean =>
  isTracked({
    family: familyOfNumber(bytes[offset] as number) ?? 4,
    prefixLength: bytes[offset + 1] as number,
    type: bytes[offset + 7] as number,
    flags: readU32(bytes, offset + 8),
  });

/** What the kernel did, from the flags that fib_table_insert and fib6_add_rt2node set. */
function routeNotification(flags: number): RouteNotification {
  if ((flags & HeaderFlag.replace) !== 0) return 'replace';
  if ((flags & HeaderFlag.append) !== 0) return 'append';
  const created = flags & (HeaderFlag.create | HeaderFlag.exclusive);
  return created === HeaderFlag.create ? 'prepend' : 'add';
}

function decodeRule(bytes: Uint8Array, header: MessageHeader): DecodedNotification {
  const parsed = parseRule(bytes, header.offset, header.length);
  if (!parsed.ok) return parsed.ignored ? none : parsed;
  const { rule } = parsed;
  const kind = header.type === MessageType.newRule ? 'ruleObserved' : 'ruleVanished';
  return [{ subject: rule.family === 4 ? 'rules4' : 'rules6', fact: { kind, rule } }];
}

/** IPv4 routes vanish with their nexthop object without a message, and either family may use the object. */
function decodeNextHop(bytes: Uint8Array, header: MessageHeader): DecodedNotification {
  const parsed = parseNextHop(bytes, header.offset, header.length);
  if (!parsed.ok) return parsed;
  const { nextHop } = parsed;
  const isNew = header.type === MessageType.newNextHop;
  const fact: KernelFact = isNew
    ? { kind: 'nextHopObserved', nextHop }
    : { kind: 'nextHopVanished', id: nextHop.id };
  const observed: Notification = { subject: 'nextHops', fact };
  const isReplaced = (header.flags & HeaderFlag.replace) !== 0;
  if (isNew && !isReplaced) return [observed];
  return [
    observed,
    { subject: 'routes4', fact: { kind: 'routesInvalidated', family: 4, cause: 'nexthop-changed' } },
    { subject: 'routes6', fact: { kind: 'routesInvalidated', family: 6, cause: 'nexthop-changed' } },
  ];
}
