/** Folds a dump of the kernel: objects that it lacks are gone, unchanged objects stay the same. */

import { noAddresses } from '../model/address-tally.ts';
import { isSameLink } from '../model/equality.ts';
import type { KernelSnapshot } from '../model/fact.ts';
import type { Generation, IfIndex } from '../model/ids.ts';
import type { AddressObject, LinkObject } from '../model/kernel-objects.ts';
import { isBelowCarrier } from '../model/operstate.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { KernelLink, KernelState } from '../model/state.ts';
import { deriveLink, type UnderivedLink } from './derive-link.ts';
import { nextGeneration } from './generations.ts';
import { readAddresses } from './kernel-addresses.ts';
import { replaceNextHops } from './kernel-next-hops.ts';
import { replaceRoutes } from './kernel-routes.ts';
import { replaceRules } from './kernel-rules.ts';

/**
 * Replaces the kernel state by a dump. Treats a link with a known index as the same link: without messages, a
 * link that vanished and a new one that took its index look like one link that changed.
 */
export function readKernel(kernel: KernelState, snapshot: KernelSnapshot): KernelState {
  let next = replaceNextHops(readLinks(kernel, snapshot), snapshot.nextHops ?? []);
  next = replaceRoutes(next, snapshot.routes, () => true);
  next = replaceRules(next, snapshot.rules);
  if (next === kernel && kernel.freshness === 'current' && Object.keys(kernel.invalidations).length === 0) {
    return kernel;
  }
  return { ...next, freshness: 'current', invalidations: {} };
}

/** Replaces the links. Derives states only after all links and addresses are known. */
function readLinks(kernel: KernelState, snapshot: KernelSnapshot): KernelState {
  const byLink = groupByLink(snapshot.addresses);
  const read = new Map<IfIndex, UnderivedLink>();
  let { generations } = kernel;
  for (const object of snapshot.links) {
    const { index } = object;
    const previous = kernel.links.get(index);
    const number = previous?.generation ?? nextGeneration(generations, index);
    if (previous === undefined) generations = generations.set(index, number);
    const driver = snapshot.drivers.get(index);
    read.set(index, readLink(previous, object, number, driver, byLink.get(index) ?? []));
  }
  const ports = readPorts(kernel, read);
  const links = deriveLinks(kernel, read, ports);
  const isSame = links === kernel.links && ports === kernel.ports && generations === kernel.generations;
  return isSame ? kernel : { ...kernel, links, ports, generations };
}

/** Returns `previous` if the dump does not change the link. */
function readLink(
  previous: KernelLink | undefined,
  object: LinkObject,
  number: Generation,
  known: string | undefined,
  addresses: readonly AddressObject[],
): UnderivedLink {
  const had = previous ?? { addresses: emptyMap<string, AddressObject>(), tally: noAddresses };
  const has = readAddresses(had, addresses);
  const driver = known ?? previous?.driver;
  if (
    previous !== undefined &&
    has === previous &&
    driver === previous.driver &&
    isSameLink(previous.object, object)
  ) {
    return previous;
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
    const previous = ports.get(master);
    const isSame = previous?.length === list.length && list.every((port) => previous.includes(port));
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
    // `above` ends a loop of masters, which the kernel forbids.
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
    const previous = kernel.links.get(index);
    const made = derive(index, noMasters);
    const isSame = link === previous && made?.carrierState === previous.carrierState;
    if (made !== undefined && !isSame) links = links.set(index, made);
  }
  for (const index of kernel.links.keys()) if (!read.has(index)) links = links.delete(index);
  return links;
}

const noMasters: ReadonlySet<IfIndex> = new Set();

function groupByLink(addresses: readonly AddressObject[]): Map<IfIndex, AddressObject[]> {
  const grouped = new Map<IfIndex, AddressObject[]>();
  for (const address of addresses) {
    const list = grouped.get(address.ifindex);
    if (list === undefined) grouped.set(address.ifindex, [address]);
    else list.push(address);
  }
  return grouped;
}
