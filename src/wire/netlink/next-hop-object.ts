/** Nexthop objects: RTM_NEWNEXTHOP and RTM_DELNEXTHOP, `struct nhmsg` and `NHA_*` of linux/nexthop.h. */
import { type IfIndex, ifIndex } from '../../core/model/ids.ts';
import type { NextHop, NextHopMember, NextHopObject } from '../../core/model/kernel-objects.ts';
import { AttributeTable } from './attributes.ts';
import { readU32 } from './bytes.ts';
import { NextHopAttribute as NHA, StructSize } from './constants.ts';
import { addressSize, familyOfNumber, formatIp } from './ip.ts';
import { checkStruct, type Malformed, malformed } from './problem.ts';

export type NextHopResult = { readonly ok: true; readonly nextHop: NextHopObject } | Malformed;

const attributes: AttributeTable = new AttributeTable({
  [NHA.id]: 4,
  [NHA.group]: 0,
  [NHA.blackhole]: 0,
  [NHA.outputInterface]: 4,
  [NHA.gateway]: 4,
});

/** `RTNH_F_*` in `nh_flags`. */
const nextHopFlags = 0xff;
/** `struct nexthop_grp`: id, weight - 1, and its higher byte. */
const memberSize = 8;

/** The object of the payload at [offset, offset + length). Unknown attributes are skipped. */
export function parseNextHop(bytes: Uint8Array, offset: number, length: number): NextHopResult {
  const short = checkStruct(bytes, offset, length, StructSize.nextHopObject, 'nhmsg');
  if (short !== undefined) return short;
  const broken = attributes.index(bytes, offset + StructSize.nextHopObject, offset + length);
  if (broken !== undefined) return broken;
  const at = attributes.at(NHA.id);
  if (at === 0) return malformed('attribute-missing', offset, 'NHA_ID');
  const id = readU32(bytes, at);
  if (attributes.at(NHA.group) !== 0) return readGroup(bytes, id);
  if (attributes.at(NHA.blackhole) !== 0) return { ok: true, nextHop: { kind: 'blackhole', id } };
  const hop = readHop(bytes, offset);
  return 'ok' in hop ? hop : { ok: true, nextHop: { kind: 'hop', id, hop } };
}

function readGroup(bytes: Uint8Array, id: number): NextHopResult {
  const start = attributes.at(NHA.group);
  const size = attributes.length(NHA.group);
  if (size % memberSize !== 0) return malformed('attribute-length', start, 'whole structs nexthop_grp');
  const members: NextHopMember[] = [];
  for (let at = start; at < start + size; at += memberSize) {
    const weight = (bytes[at + 4] as number) + 256 * (bytes[at + 5] as number) + 1;
    members.push({ id: readU32(bytes, at), weight });
  }
  return { ok: true, nextHop: { kind: 'group', id, members } };
}

function readHop(bytes: Uint8Array, offset: number): NextHop | Malformed {
  const output = attributes.at(NHA.outputInterface);
  const ifindex: IfIndex = output === 0 ? (0 as IfIndex) : ifIndex(readU32(bytes, output));
  const base = { ifindex, weight: 1, flags: readU32(bytes, offset + 4) & nextHopFlags };
  const gateway = attributes.at(NHA.gateway);
  if (gateway === 0) return base;
  const family = familyOfNumber(bytes[offset] as number);
  if (family === undefined) return malformed('value-range', offset, 'AF_INET or AF_INET6');
  if (attributes.length(NHA.gateway) < addressSize(family)) {
    return malformed('attribute-short', gateway, `NHA_GATEWAY with ${addressSize(family)} bytes`);
  }
  return { ...base, gateway: formatIp(bytes, gateway, family) };
}
