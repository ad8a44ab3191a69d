/** Folding a whole reading of the kernel: what it has not is gone, and what has not changed stays the same object. */

import { isSameLink } from '../model/equality.ts';
import type { KernelSnapshot } from '../model/fact.ts';
import type { Generation, IfIndex } from '../model/ids.ts';
import type { AddressObject, LinkObject } from '../model/kernel-objects.ts';
import { isBelowCarrier, noAddresses } from '../model/operstate.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { KernelLink, KernelState } from '../model/state.ts';
import { deriveLink, type UnderivedLink } from './derive-link.ts';
import { nextGeneration } from './generations.ts';
import { readAddresses } from './kernel-addresses.ts';
import { replaceRoutes } from './kernel-routes.ts';
import { replaceRules } from './kernel-rules.ts';

/**
 * An index that is there before and after is taken for the same link: a link that vanished and another that took its
 * index while nobody listened cannot be told from one that changed.
 */
export function readKernel(kernel: KernelState, snapshot: KernelSnapshot): KernelState {
  let next = readLinks(kernel, snapshot);
  next = replaceRoutes(next, snapshot.routes, () => true);
  next = replaceRules(next, snapshot.rules);
  if (next === kernel && kernel.freshness === 'current' && Object.keys(kernel.invalidations).length === 0) {
    return kernel;
  }
  return { ...next, freshness: 'current', invalidations: {} };
}

/** Each link once, with its addresses: its states are derived when all are known. */
function readLinks(kernel: KernelState, snapshot: KernelSnapshot): KernelState {
  const byLink = groupByLink(snapshot.addresses);
  const read = new Map<IfIndex, UnderivedLink>();
  let { generations } = kernel;
  for (const object of snapshot.links) {
    const { index } = object;
    const held = kernel.links.get(index);
    const number = held?.generation ?? nextGeneration(generations, index);
    if (held === undefined) generations = generations.set(index, number);
    const driver = snapshot.drivers.get(index);
    read.set(index, readLink(held, object, number, driver, byLink.get(index) ?? []));
  }
  const ports = readPorts(kernel, read);
  const links = deriveLinks(kernel, read, ports);
  const isSame = links === kernel.links && ports === kernel.ports && generations === kernel.generations;
  return isSame ? kernel : { ...kernel, links, ports, generations };
}

/** `held` where nothing of it has changed. */
function readLink(
  held: KernelLink | undefined,
  object: LinkObject,
  number: Generation,
  known: string | undefined,
  addresses: readonly AddressObject[],
): UnderivedLink {
  const had = held ?? { addresses: emptyMap<string, AddressObject>(), tally: noAddresses };
  const has = readAddresses(had, addresses);
  const driver = known ?? held?.driver;
  if (held !== undefined && has === held && driver === held.driver && isSameLink(held.object, object)) {
    return held;
  }
  const { addresses: all, tally } = has;
  return { object, generation: number, ...(driver !== undefined && { driver }), addresses: all, tally };
}

function readPorts(kernel: KernelState, read: ReadonlyMap<IfIndex, UnderivedLink>): KernelState['ports'] {
  const grouped = new Map<IfIndex, IfIndex[]>();
  for (const { object } of read.values()) {
    if (object.master === undefined) continue;
    const list = grouped.get(object.master);
    if (list === undefined) grouped.set(object.master, [object.index]);
    else list.push(object.index);
  }
  let { ports } = kernel;
  for (const [master, list] of grouped) {
    const held = ports.get(master);
    const isSame = held?.length === list.length && list.every((port) => held.includes(port));
    if (!isSame) ports = ports.set(master, list);
  }
  for (const master of kernel.ports.keys()) if (!grouped.has(master)) ports = ports.delete(master);
  return ports;
}

function deriveLinks(
  kernel: KernelState,
  read: ReadonlyMap<IfIndex, UnderivedLink>,
  ports: KernelState['ports'],
): KernelState['links'] {
  const derived = new Map<IfIndex, KernelLink>();
  const derive = (index: IfIndex, above: ReadonlySet<IfIndex>): KernelLink | undefined => {
    const link = read.get(index);
    const known = derived.get(index);
    // A loop of masters, which the kernel forbids, ends where it closes.
    if (known !== undefined || link === undefined || above.has(index)) return known;
    const isBelow = (port: IfIndex): boolean => {
      const state = derive(port, new Set([...above, index]))?.carrierState;
      return state !== undefined && isBelowCarrier(state);
    };
    const made = deriveLink(link, () => ports.get(index)?.some(isBelow) ?? false);
    derived.set(index, made);
    return made;
  };
  let { links } = kernel;
  for (const [index, link] of read) {
    const held = kernel.links.get(index);
    const made = derive(index, nothingAbove);
    const isSame = link === held && made?.carrierState === held.carrierState;
    if (made !== undefined && !isSame) links = links.set(index, made);
  }
  for (const index of kernel.links.keys()) if (!read.has(index)) links = links.delete(index);
  return links;
}

const nothingAbove: ReadonlySet<IfIndex> = new Set();

function groupByLink(addresses: readonly AddressObject[]): Map<IfIndex, AddressObject[]> {
  const grouped = new Map<IfIndex, AddressObject[]>();
  for (const address of addresses) {
    const list = grouped.get(address.ifindex);
    if (list === undefined) grouped.set(address.ifindex, [address]);
    else list.push(address);
  }
  return grouped;
}
