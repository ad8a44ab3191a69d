/** Parses routes: RTM_NEWROUTE and RTM_DELROUTE, `struct rtmsg` and `RTA_*` of linux/rtnetlink.h. */
import { type Family, unspecified } from '../../core/model/address.ts';
import { tableId } from '../../core/model/ids.ts';
import { type NextHop, type RouteObject, RouteType } from '../../core/model/kernel-objects.ts';
import { AttributeTable, visitAttributes } from './attributes.ts';
import { readU32 } from './bytes.ts';
import { attributeTypeMask, RouteMetric, RouteAttribute as RTA, StructSize } from './constants.ts';
import { addressSize, formatIp } from './ip.ts';
import { noNextHops, readMultipath, readPlainHop } from './next-hop.ts';
import { readPrefixedFamily } from './prefixed-struct.ts';
import { type Malformed, malformed, type Rejected } from './problem.ts';

export type RouteResult = { readonly ok: true; readonly route: RouteObject } | Rejected;

const tableFor = (family: Family): AttributeTable =>
  new AttributeTable({
    [RTA.destination]: addressSize(family),
    [RTA.source]: addressSize(family),
    [RTA.outputInterface]: 4,
    [RTA.gateway]: addressSize(family),
    [RTA.priority]: 4,
    [RTA.preferredSource]: addressSize(family),
    [RTA.metrics]: 0,
    [RTA.multipath]: 0,
    [RTA.table]: 4,
    [RTA.via]: 2,
    [RTA.preference]: 1,
    [RTA.nextHopId]: 4,
  });
const ipv4Attributes = tableFor(4);
const ipv6Attributes = tableFor(6);

/**
 * Parses the route in the payload at [offset, offset + length). Skips unknown attributes and the one metric
 * that is not a number (the congestion control algorithm). IPv6 routes that reject packets have no next hop
 * here, although the kernel reports the loopback device.
 */
export function parseRoute(bytes: Uint8Array, offset: number, length: number): RouteResult {
  const family = readPrefixedFamily(bytes, offset, length, StructSize.route, 'rtmsg');
  if (typeof family !== 'number') return family;
  const attributes = family === 4 ? ipv4Attributes : ipv6Attributes;
  const broken = attributes.index(bytes, offset + StructSize.route, offset + length);
  if (broken !== undefined) return broken;
  const nextHops = readNextHops(bytes, offset, family, attributes);
  if ('ok' in nextHops) return nextHops;
  const route = readRoute(bytes, offset, family, attributes, nextHops);
  return readMetrics(bytes, route, attributes) ?? { ok: true, route };
}

/** Whether a route of this type rejects packets. */
export const isReject = (type: number): boolean => type >= RouteType.blackhole && type <= RouteType.throw;

function readNextHops(
  bytes: Uint8Array,
  offset: number,
  family: Family,
  attributes: AttributeTable,
): readonly NextHop[] | Malformed {
  if (isReject(bytes[offset + 7] as number)) return noNextHops;
  const multipath = attributes.at(RTA.multipath);
  return multipath === 0
    ? readPlainHop(bytes, readU32(bytes, offset + 8), family, attributes)
    : readMultipath(bytes, multipath, multipath + attributes.length(RTA.multipath), family);
}

type MutableRoute = { -readonly [Key in keyof RouteObject]: RouteObject[Key] };

function readRoute(
  bytes: Uint8Array,
  offset: number,
  family: Family,
  attributes: AttributeTable,
  nextHops: readonly NextHop[],
): MutableRoute {
  const table = attributes.at(RTA.table);
  const destination = attributes.at(RTA.destination);
  const priority = attributes.at(RTA.priority);
  const route: MutableRoute = {
    family,
    table: tableId(table === 0 ? (bytes[offset + 4] as number) : readU32(bytes, table)),
    destination: destination === 0 ? unspecified(family) : formatIp(bytes, destination, family),
    prefixLength: bytes[offset + 1] as number,
    sourceLength: bytes[offset + 2] as number,
    tos: bytes[offset + 3] as number,
    protocol: bytes[offset + 5] as number,
    scope: bytes[offset + 6] as number,
    type: bytes[offset + 7] as number,
    flags: readU32(bytes, offset + 8),
    priority: priority === 0 ? 0 : readU32(bytes, priority),
    nextHops,
  };
  readOptional(bytes, route, attributes);
  return route;
}

function readOptional(bytes: Uint8Array, route: MutableRoute, attributes: AttributeTable): void {
  const source = attributes.at(RTA.source);
  if (source !== 0) route.source = formatIp(bytes, source, route.family);
  const preferred = attributes.at(RTA.preferredSource);
  if (preferred !== 0) route.preferredSource = formatIp(bytes, preferred, route.family);
  const nextHopId = attributes.at(RTA.nextHopId);
  if (nextHopId !== 0) route.nextHopId = readU32(bytes, nextHopId);
  const preference = attributes.at(RTA.preference);
  if (preference !== 0) route.preference = bytes[preference] as number;
}

/** Reads `RTA_METRICS`: attributes whose numbers are `RTAX_*`. */
function readMetrics(
  bytes: Uint8Array,
  route: MutableRoute,
  attributes: AttributeTable,
): Malformed | undefined {
  const start = attributes.at(RTA.metrics);
  if (start === 0) return undefined;
  const metrics: Record<number, number> = {};
  let short: Malformed | undefined;
  const broken = visitAttributes(
    bytes,
    start,
    start + attributes.length(RTA.metrics),
    (whole, at, length) => {
      const type = whole & attributeTypeMask;
      if (type === RouteMetric.congestionControl) return;
      if (length < 4) short ??= malformed('attribute-short', at, `metric ${type} with 4 bytes`);
      else metrics[type] = readU32(bytes, at);
    },
  );
  route.metrics = metrics;
  return broken ?? short;
}
