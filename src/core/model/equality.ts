/** Equality of decoded objects: a repeated message or another dump must not look like a change. */
import type { AddressObject, LinkObject, NextHop, RouteObject } from './kernel-objects.ts';

/** Ignores the statistics: they change with every frame, and their readers fetch them separately. */
export function isSameLink(a: LinkObject, b: LinkObject): boolean {
  return (
    a.index === b.index &&
    a.flags === b.flags &&
    a.operStatus === b.operStatus &&
    a.mtu === b.mtu &&
    a.master === b.master &&
    a.name === b.name &&
    a.hardwareAddress === b.hardwareAddress &&
    isSameLinkDetail(a, b)
  );
}

function isSameLinkDetail(a: LinkObject, b: LinkObject): boolean {
  return (
    a.hardwareType === b.hardwareType &&
    a.broadcastAddress === b.broadcastAddress &&
    a.permanentAddress === b.permanentAddress &&
    a.txQueueLength === b.txQueueLength &&
    a.lower === b.lower &&
    a.lowerNamespaceId === b.lowerNamespaceId &&
    a.kind === b.kind &&
    a.alias === b.alias &&
    a.group === b.group &&
    a.promiscuity === b.promiscuity &&
    a.numTxQueues === b.numTxQueues &&
    a.numRxQueues === b.numRxQueues &&
    a.gsoMaxSize === b.gsoMaxSize &&
    a.gsoMaxSegs === b.gsoMaxSegs &&
    isSameList(a.altNames, b.altNames)
  );
}

/** Compares all fields of two addresses. */
export function isSameAddress(a: AddressObject, b: AddressObject): boolean {
  return (
    a.address === b.address &&
    a.flags === b.flags &&
    a.validLifetime === b.validLifetime &&
    a.preferredLifetime === b.preferredLifetime &&
    a.prefixLength === b.prefixLength &&
    a.scope === b.scope &&
    a.ifindex === b.ifindex &&
    a.peer === b.peer &&
    a.broadcast === b.broadcast &&
    a.label === b.label
  );
}

/** Compares routes of one key as the kernel does, without hints such as the flags of the table entry. */
export function isSameRoute(a: RouteObject, b: RouteObject): boolean {
  return (
    a.type === b.type &&
    a.protocol === b.protocol &&
    a.scope === b.scope &&
    a.flags === b.flags &&
    a.preferredSource === b.preferredSource &&
    a.nextHopId === b.nextHopId &&
    a.preference === b.preference &&
    isSameHops(a.nextHops, b.nextHops) &&
    isSameRecord(a.metrics, b.metrics)
  );
}

function isSameHops(a: readonly NextHop[], b: readonly NextHop[]): boolean {
  return a.length === b.length && a.every((hop, i) => isSameHop(hop, b[i]));
}

/** Same interface, gateway, weight and flags. */
function isSameHop(a: NextHop, b: NextHop | undefined): boolean {
  return (
    b !== undefined &&
    a.ifindex === b.ifindex &&
    a.gateway === b.gateway &&
    a.weight === b.weight &&
    a.flags === b.flags
  );
}

/** The same items in the same order. */
export function isSameList(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}

/** The same keys with the same values, or both absent. */
export function isSameRecord(
  a: Readonly<Record<string, string | number>> | undefined,
  b: Readonly<Record<string, string | number>> | undefined,
): boolean {
  return a === b || (a !== undefined && b !== undefined && isSameValue(a, b));
}

/** Compares plain data by value. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const entries = Object.entries(a);
  const others: Readonly<Record<string, unknown>> = { ...b };
  return (
    entries.length === Object.keys(b).length &&
    entries.every(([key, value]) => isSameValue(value, others[key]))
  );
}
