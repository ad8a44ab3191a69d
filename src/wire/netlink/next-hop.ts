/** Parses the next hops of a route: `RTA_GATEWAY`, `RTA_VIA` and `RTA_MULTIPATH` of linux/rtnetlink.h. */
import type { Family, IpAddress } from '../../core/model/address.ts';
import { ifIndex } from '../../core/model/ids.ts';
import type { NextHop } from '../../core/model/kernel-objects.ts';
import { AttributeTable } from './attributes.ts';
import { readU16, readU32 } from './bytes.ts';
import { RouteAttribute as RTA, StructSize } from './constants.ts';
import { addressSize, familyOfNumber, formatIp } from './ip.ts';
import { type Malformed, malformed } from './problem.ts';

/** `RTNH_F_*` share `rtm_flags` with `RTM_F_*`, which start above them. */
const nextHopFlags = 0xff;

const tableFor = (family: Family): AttributeTable =>
  new AttributeTable({ [RTA.gateway]: addressSize(family), [RTA.via]: 2 });
const ipv4Attributes = tableFor(4);
const ipv6Attributes = tableFor(6);

/**
 * Reads the single next hop of a route from the attributes and flags of the route; returns an empty list if
 * it has neither interface nor gateway.
 */
export function readPlainHop(
  bytes: Uint8Array,
  flags: number,
  family: Family,
  attributes: AttributeTable,
): readonly NextHop[] | Malformed {
  const output = attributes.at(RTA.outputInterface);
  const gateway = readGateway(bytes, family, attributes);
  if (typeof gateway === 'object') return gateway;
  if (output === 0 && gateway === undefined) return noNextHops;
  return [nextHop(output === 0 ? 0 : readU32(bytes, output), gateway, 1, flags & nextHopFlags)];
}

export const noNextHops: readonly NextHop[] = Object.freeze([]);

/** Reads the `struct rtnexthop` sequence in [start, end), each followed by its attributes. */
export function readMultipath(
  bytes: Uint8Array,
  start: number,
  end: number,
  family: Family,
): readonly NextHop[] | Malformed {
  const attributes = family === 4 ? ipv4Attributes : ipv6Attributes;
  const hops: NextHop[] = [];
  for (let at = start; at < end; ) {
    const length = end - at < StructSize.nextHop ? 0 : readU16(bytes, at);
    if (length < StructSize.nextHop || length > end - at) {
      return malformed('attribute-length', at, 'struct rtnexthop that ends within RTA_MULTIPATH');
    }
    const broken = attributes.index(bytes, at + StructSize.nextHop, at + length);
    if (broken !== undefined) return broken;
    const gateway = readGateway(bytes, family, attributes);
    if (typeof gateway === 'object') return gateway;
    const weight = (bytes[at + 3] as number) + 1;
    hops.push(nextHop(readU32(bytes, at + 4), gateway, weight, bytes[at + 2] as number));
    at += (length + 3) & ~3;
  }
  return hops;
}

function nextHop(ifindex: number, gateway: IpAddress | undefined, weight: number, flags: number): NextHop {
  return gateway === undefined
    ? { ifindex: ifIndex(ifindex), weight, flags }
    : { ifindex: ifIndex(ifindex), gateway, weight, flags };
}

function readGateway(
  bytes: Uint8Array,
  family: Family,
  attributes: AttributeTable,
): IpAddress | Malformed | undefined {
  const gateway = attributes.at(RTA.gateway);
  if (gateway !== 0) return formatIp(bytes, gateway, family);
  const via = attributes.at(RTA.via);
  if (via === 0) return undefined;
  const viaFamily = familyOfNumber(readU16(bytes, via));
  if (viaFamily === undefined) return malformed('value-range', via, 'RTA_VIA of AF_INET or AF_INET6');
  if (attributes.length(RTA.via) < 2 + addressSize(viaFamily)) {
    return malformed('attribute-short', via, `RTA_VIA with ${2 + addressSize(viaFamily)} bytes or more`);
  }
  return formatIp(bytes, via + 2, viaFamily);
}
