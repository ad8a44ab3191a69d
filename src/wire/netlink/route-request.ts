/** Encodes requests that add, replace and remove routes: `struct rtmsg` and `RTA_*` of linux/rtnetlink.h. */
import { type Family, familyOf, type IpAddress } from '../../core/model/address.ts';
import { type NextHop, RouteFlag, type RouteObject } from '../../core/model/kernel-objects.ts';
import { HeaderFlag, MessageType, RouteAttribute as RTA, StructSize } from './constants.ts';
import { familyNumber, ipBytes } from './ip.ts';
import { MessageWriter } from './writer.ts';

const { request, ack, create, exclusive, replace } = HeaderFlag;
const headers = {
  add: { type: MessageType.newRoute, flags: request | ack | create | exclusive },
  replace: { type: MessageType.newRoute, flags: request | ack | create | replace },
  remove: { type: MessageType.delRoute, flags: request | ack },
} as const;

/**
 * The flags that a request may set; the kernel sets the others and refuses them in requests
 * (fib_create_info).
 */
const settableFlags = RouteFlag.onlink;

/**
 * Encodes the request to add a route (EEXIST if there is one with the same destination, table and priority),
 * to replace that one, or to remove it (ESRCH if there is none). The kernel acknowledges it. A next-hop
 * object replaces the next hops: the kernel accepts one or the other.
 */
export function encodeRouteChange(
  change: 'add' | 'replace' | 'remove',
  route: RouteObject,
  sequence: number,
): Uint8Array {
  const { type, flags } = headers[change];
  const writer = new MessageWriter(type, flags, sequence);
  const struct = writer.reserve(StructSize.route);
  writer.setU8(struct, familyNumber(route.family));
  writer.setU8(struct + 1, route.prefixLength);
  writer.setU8(struct + 2, route.sourceLength);
  writer.setU8(struct + 3, route.tos);
  writer.setU8(struct + 4, route.table < 256 ? route.table : 0);
  writer.setU8(struct + 5, route.protocol);
  writer.setU8(struct + 6, route.scope);
  writer.setU8(struct + 7, route.type);
  writer.setU32(struct + 8, (route.flags | (plainHop(route)?.flags ?? 0)) & settableFlags);
  addIdentity(writer, route);
  addNextHops(writer, route);
  addMetrics(writer, route);
  return writer.finish();
}

function addIdentity(writer: MessageWriter, route: RouteObject): void {
  writer.addU32(RTA.table, route.table);
  if (route.prefixLength > 0) writer.addBytes(RTA.destination, ipBytes(route.destination));
  if (route.source !== undefined) writer.addBytes(RTA.source, ipBytes(route.source));
  if (route.priority !== 0) writer.addU32(RTA.priority, route.priority);
  if (route.preferredSource !== undefined)
    writer.addBytes(RTA.preferredSource, ipBytes(route.preferredSource));
  if (route.preference !== undefined) writer.addU8(RTA.preference, route.preference);
}

/** Returns the single next hop of a route that needs no `RTA_MULTIPATH`. */
function plainHop(route: RouteObject): NextHop | undefined {
  const [first, ...others] = route.nextHops;
  const plain = first !== undefined && others.length === 0 && first.weight === 1;
  return plain && route.nextHopId === undefined ? first : undefined;
}

function addNextHops(writer: MessageWriter, route: RouteObject): void {
  const plain = plainHop(route);
  if (route.nextHopId !== undefined) {
    writer.addU32(RTA.nextHopId, route.nextHopId);
  } else if (plain !== undefined) {
    if (plain.ifindex !== 0) writer.addU32(RTA.outputInterface, plain.ifindex);
    if (plain.gateway !== undefined) addGateway(writer, plain.gateway, route.family);
  } else if (route.nextHops.length > 0) {
    writer.addNested(RTA.multipath, () => {
      for (const hop of route.nextHops) addHop(writer, hop, route.family);
    });
  }
}

/** Adds a `struct rtnexthop` with its attributes. */
function addHop(writer: MessageWriter, hop: NextHop, family: Family): void {
  const at = writer.reserve(StructSize.nextHop);
  writer.setU8(at + 2, hop.flags & settableFlags);
  writer.setU8(at + 3, hop.weight - 1);
  writer.setU32(at + 4, hop.ifindex);
  if (hop.gateway !== undefined) addGateway(writer, hop.gateway, family);
  writer.setU16(at, writer.position() - at);
}

function addGateway(writer: MessageWriter, gateway: IpAddress, family: Family): void {
  const bytes = ipBytes(gateway);
  const gatewayFamily = familyOf(gateway);
  if (gatewayFamily === family) {
    writer.addBytes(RTA.gateway, bytes);
    return;
  }
  const at = writer.addZeros(RTA.via, 2 + bytes.length);
  writer.setU16(at, familyNumber(gatewayFamily));
  writer.setBytes(at + 2, bytes);
}

function addMetrics(writer: MessageWriter, route: RouteObject): void {
  const metrics = Object.entries(route.metrics ?? {});
  if (metrics.length === 0) return;
  writer.addNested(RTA.metrics, () => {
    for (const [number, value] of metrics) writer.addU32(Number(number), value);
  });
}
