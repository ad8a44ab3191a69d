/** Parses links: RTM_NEWLINK and RTM_DELLINK, `struct ifinfomsg` and `IFLA_*` of linux/if_link.h. */
import { type IfIndex, ifIndex } from '../../core/model/ids.ts';
import type { LinkObject, LinkStatistics } from '../../core/model/kernel-objects.ts';
import { AttributeTable, visitAttributes } from './attributes.ts';
import { readI32, readU16, readU32, readU64 } from './bytes.ts';
import {
  AddressFamily,
  attributeTypeMask,
  LinkAttribute as IFLA,
  LinkInfoAttribute,
  StructSize,
} from './constants.ts';
import { decodeHardwareAddress } from './hex.ts';
import { checkStruct, malformed, otherFamily, partialMessage, type Rejected } from './problem.ts';
import { decodeText } from './text.ts';

export type LinkResult =
  | {
      readonly ok: true;
      readonly link: LinkObject;
      /** `IFLA_NEW_NETNSID` of an RTM_DELLINK: the link moved to the namespace with this id. */
      readonly movedTo?: number;
    }
  | Rejected;

const attributes = new AttributeTable({
  [IFLA.address]: 0,
  [IFLA.broadcast]: 0,
  [IFLA.name]: 1,
  [IFLA.mtu]: 4,
  [IFLA.link]: 4,
  [IFLA.master]: 4,
  [IFLA.wireless]: 0,
  [IFLA.txQueueLength]: 4,
  [IFLA.operStatus]: 1,
  [IFLA.linkInfo]: 0,
  [IFLA.alias]: 0,
  [IFLA.statistics64]: StructSize.linkStatistics,
  [IFLA.group]: 4,
  [IFLA.promiscuity]: 4,
  [IFLA.numTxQueues]: 4,
  [IFLA.numRxQueues]: 4,
  [IFLA.linkNamespaceId]: 4,
  [IFLA.gsoMaxSegs]: 4,
  [IFLA.gsoMaxSize]: 4,
  [IFLA.newNamespaceId]: 4,
  [IFLA.propertyList]: 0,
  [IFLA.permanentAddress]: 0,
});
const infoAttributes = new AttributeTable({ [LinkInfoAttribute.kind]: 1 });
const noAltNames: readonly string[] = Object.freeze([]);

/** Parses the link in the payload at [offset, offset + length). Skips unknown attributes. */
export function parseLink(bytes: Uint8Array, offset: number, length: number): LinkResult {
  const short = checkStruct(bytes, offset, length, StructSize.link, 'ifinfomsg');
  if (short !== undefined) return short;
  if (bytes[offset] !== AddressFamily.unspec) return otherFamily;
  const broken = attributes.index(bytes, offset + StructSize.link, offset + length);
  if (broken !== undefined) return broken;
  if (attributes.at(IFLA.wireless) !== 0) return partialMessage;
  if (attributes.at(IFLA.name) === 0) return malformed('attribute-missing', offset, 'IFLA_IFNAME');
  if (attributes.at(IFLA.mtu) === 0) return malformed('attribute-missing', offset, 'IFLA_MTU');
  return readLink(bytes, offset);
}

function readLink(bytes: Uint8Array, offset: number): LinkResult {
  const index = readI32(bytes, offset + 4);
  if (index <= 0) return malformed('value-range', offset + 4, 'an interface index above 0');
  const name = textAt(bytes, IFLA.name);
  if (name === '') return malformed('value-range', attributes.at(IFLA.name), 'an interface name');
  const link: Mutable<LinkObject> = {
    index: ifIndex(index),
    name,
    altNames: noAltNames,
    hardwareType: readU16(bytes, offset + 2),
    hardwareAddress: hardwareAddressAt(bytes, IFLA.address),
    broadcastAddress: hardwareAddressAt(bytes, IFLA.broadcast),
    flags: readU32(bytes, offset + 8),
    mtu: numberAt(bytes, IFLA.mtu),
    txQueueLength: numberAt(bytes, IFLA.txQueueLength),
    operStatus: byteAt(bytes, IFLA.operStatus),
    group: numberAt(bytes, IFLA.group),
    promiscuity: numberAt(bytes, IFLA.promiscuity),
    numTxQueues: numberAt(bytes, IFLA.numTxQueues),
    numRxQueues: numberAt(bytes, IFLA.numRxQueues),
    gsoMaxSize: numberAt(bytes, IFLA.gsoMaxSize),
    gsoMaxSegs: numberAt(bytes, IFLA.gsoMaxSegs),
  };
  readOptional(bytes, link);
  const broken = readNested(bytes, link);
  if (broken !== undefined) return broken;
  const moved = attributes.at(IFLA.newNamespaceId);
  return moved === 0 ? { ok: true, link } : { ok: true, link, movedTo: readI32(bytes, moved) };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function readOptional(bytes: Uint8Array, link: Mutable<LinkObject>): void {
  const master = indexAt(bytes, IFLA.master);
  if (master !== undefined) link.master = master;
  const lower = indexAt(bytes, IFLA.link);
  if (lower !== undefined) link.lower = lower;
  const namespaceId = attributes.at(IFLA.linkNamespaceId);
  if (namespaceId !== 0) link.lowerNamespaceId = readI32(bytes, namespaceId);
  if (attributes.at(IFLA.alias) !== 0) link.alias = textAt(bytes, IFLA.alias);
  if (attributes.at(IFLA.permanentAddress) !== 0) {
    link.permanentAddress = hardwareAddressAt(bytes, IFLA.permanentAddress);
  }
  const statistics = attributes.at(IFLA.statistics64);
  if (statistics !== 0) link.statistics = readStatistics(bytes, statistics);
}

function readNested(bytes: Uint8Array, link: Mutable<LinkObject>): Rejected | undefined {
  const info = attributes.at(IFLA.linkInfo);
  if (info !== 0) {
    const broken = infoAttributes.index(bytes, info, info + attributes.length(IFLA.linkInfo));
    if (broken !== undefined) return broken;
    const kind = infoAttributes.at(LinkInfoAttribute.kind);
    if (kind !== 0) link.kind = decodeText(bytes, kind, infoAttributes.length(LinkInfoAttribute.kind));
  }
  const properties = attributes.at(IFLA.propertyList);
  if (properties === 0) return undefined;
  const altNames: string[] = [];
  link.altNames = altNames;
  return visitAttributes(
    bytes,
    properties,
    properties + attributes.length(IFLA.propertyList),
    (type, at, size) => {
      if ((type & attributeTypeMask) === IFLA.altName) altNames.push(decodeText(bytes, at, size));
    },
  );
}

function numberAt(bytes: Uint8Array, type: number): number {
  const at = attributes.at(type);
  return at === 0 ? 0 : readU32(bytes, at);
}

function byteAt(bytes: Uint8Array, type: number): number {
  const at = attributes.at(type);
  return at === 0 ? 0 : (bytes[at] as number);
}

/** Returns an interface index; undefined if absent or 0, which the kernel writes for "none". */
function indexAt(bytes: Uint8Array, type: number): IfIndex | undefined {
  const value = numberAt(bytes, type);
  return value === 0 ? undefined : ifIndex(value);
}

const textAt = (bytes: Uint8Array, type: number): string =>
  decodeText(bytes, attributes.at(type), attributes.length(type));

function hardwareAddressAt(bytes: Uint8Array, type: number): string {
  const at = attributes.at(type);
  return at === 0 ? '' : decodeHardwareAddress(bytes, at, attributes.length(type));
}

/** Reads `struct rtnl_link_stats64`: 64-bit counters in this order. */
function readStatistics(bytes: Uint8Array, at: number): LinkStatistics {
  return {
    rxPackets: readU64(bytes, at),
    txPackets: readU64(bytes, at + 8),
    rxBytes: readU64(bytes, at + 16),
    txBytes: readU64(bytes, at + 24),
    rxErrors: readU64(bytes, at + 32),
    txErrors: readU64(bytes, at + 40),
    rxDropped: readU64(bytes, at + 48),
    txDropped: readU64(bytes, at + 56),
    multicast: readU64(bytes, at + 64),
    collisions: readU64(bytes, at + 72),
    rxLengthErrors: readU64(bytes, at + 80),
    rxOverErrors: readU64(bytes, at + 88),
    rxCrcErrors: readU64(bytes, at + 96),
    rxFrameErrors: readU64(bytes, at + 104),
    rxFifoErrors: readU64(bytes, at + 112),
    rxMissedErrors: readU64(bytes, at + 120),
    txAbortedErrors: readU64(bytes, at + 128),
    txCarrierErrors: readU64(bytes, at + 136),
    txFifoErrors: readU64(bytes, at + 144),
    txHeartbeatErrors: readU64(bytes, at + 152),
    txWindowErrors: readU64(bytes, at + 160),
    rxCompressed: readU64(bytes, at + 168),
    txCompressed: readU64(bytes, at + 176),
  };
}
