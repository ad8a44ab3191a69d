/** Folds kernel messages about links, ports and masters. */

import { noAddresses } from '../model/address-tally.ts';
import { isSameLink } from '../model/equality.ts';
import type { IfIndex } from '../model/ids.ts';
import { type AddressObject, LinkFlag, type LinkObject } from '../model/kernel-objects.ts';
import { isBelowCarrier } from '../model/operstate.ts';
import { emptyMap, type PersistentMap } from '../model/persistent-map.ts';
import type { AddressTally, KernelLink, KernelState } from '../model/state.ts';
import { deriveLink, type UnderivedLink } from './derive-link.ts';
import { nextGeneration, takeGeneration } from './generations.ts';
import { invalidate } from './kernel-invalidation.ts';
import { dropRoutesOfLink } from './kernel-routes.ts';

/** Maximum depth of stacked masters: MAX_NEST_DEV of linux/netdevice.h. */
const maxNesting = 8;

/** RTM_NEWLINK: a new link, or a change of a known one. Ignores changes of statistics alone. */
export function observeLink(kernel: KernelState, link: LinkObject, driver: string | undefined): KernelState {
  const previous = kernel.links.get(link.index);
  if (previous === undefined) return addLink(kernel, link, driver);
  const knownDriver = driver ?? previous.driver;
  if (isSameLink(previous.object, link) && knownDriver === previous.driver) return kernel;
  const changed = placeLink(withPort(kernel, link.index, previous.object.master, link.master), {
    ...previous,
    object: link,
    ...(knownDriver !== undefined && { driver: knownDriver }),
  });
  const updated =
    previous.object.master === link.master
      ? changed
      : updateMaster(changed, previous.object.master, maxNesting);
  return wentDown(previous.object, link) ? invalidateRoutesOfDownLink(updated) : updated;
}

const wentDown = (before: LinkObject, after: LinkObject): boolean =>
  (before.flags & ~after.flags & LinkFlag.up) !== 0;

/**
 * The kernel removes IPv4 routes of a link that goes down without a message (fib_disable_ip), and IPv6 routes
 * too if net.ipv6.route.skip_notify_on_dev_down is set.
 */
function invalidateRoutesOfDownLink(kernel: KernelState): KernelState {
  return invalidate(invalidate(kernel, 'ipv4Routes', 'link-down'), 'ipv6Routes', 'link-down');
}

/** Adds a link with an unused index. It gets a new generation, even if an earlier link had the index. */
function addLink(kernel: KernelState, link: LinkObject, driver: string | undefined): KernelState {
  const taken = nextGeneration(kernel.generations, link.index);
  const numbered = { ...kernel, generations: takeGeneration(kernel, link.index, taken) };
  return placeLink(withPort(numbered, link.index, undefined, link.master), {
    object: link,
    generation: taken,
    ...(driver !== undefined && { driver }),
    addresses: emptyMap(),
    tally: noAddresses,
  });
}

/** RTM_DELLINK: a link was deleted or moved to another network namespace, with its addresses and routes. */
export function removeLink(kernel: KernelState, index: IfIndex): KernelState {
  const forgotten = forgetLink(kernel, index);
  return forgotten === kernel ? kernel : dropRoutesOfLink(forgotten, index);
}

/** Removes the link and its addresses, but not its routes. */
function forgetLink(kernel: KernelState, index: IfIndex): KernelState {
  const previous = kernel.links.get(index);
  if (previous === undefined) return kernel;
  const { master } = previous.object;
  const without = { ...kernel, links: kernel.links.delete(index) };
  return updateMaster(withPort(without, index, master, undefined), master, maxNesting);
}

/** Replaces the addresses of a link; `tally` must count them. */
export function withAddresses(
  kernel: KernelState,
  link: KernelLink,
  addresses: PersistentMap<string, AddressObject>,
  tally: AddressTally,
): KernelState {
  if (addresses === link.addresses) return kernel;
  if (tally === link.tally) return putLink(kernel, { ...link, addresses });
  return placeLink(kernel, { ...link, addresses, tally });
}

/** Stores the link with its derived states, and updates its masters. */
function placeLink(kernel: KernelState, link: UnderivedLink): KernelState {
  const derived = deriveLink(link, () => hasPortBelowCarrier(kernel, link.object.index));
  const before = kernel.links.get(link.object.index);
  const placed = putLink(kernel, derived);
  const { master } = derived.object;
  const isNewMaster = before === undefined || before.object.master !== master;
  if (!isNewMaster && isBelowCarrier(before.carrierState) === isBelowCarrier(derived.carrierState))
    return placed;
  return updateMaster(placed, master, maxNesting);
}

const putLink = (kernel: KernelState, link: KernelLink): KernelState => ({
  ...kernel,
  links: kernel.links.set(link.object.index, link),
});

/**
 * Derives the state of a master again after a port changed. `depth` ends a loop of masters, which the kernel
 * forbids.
 */
function updateMaster(kernel: KernelState, index: IfIndex | undefined, depth: number): KernelState {
  const master = index === undefined ? undefined : kernel.links.get(index);
  if (master === undefined || depth === 0) return kernel;
  const derived = deriveLink(master, () => hasPortBelowCarrier(kernel, master.object.index));
  if (derived.carrierState === master.carrierState) return kernel;
  const updated = putLink(kernel, derived);
  if (isBelowCarrier(derived.carrierState) === isBelowCarrier(master.carrierState)) return updated;
  return updateMaster(updated, derived.object.master, depth - 1);
}

function hasPortBelowCarrier(kernel: KernelState, master: IfIndex): boolean {
  const ports = kernel.ports.get(master);
  if (ports === undefined) return false;
  return ports.some((port) => isBelowCarrier(kernel.links.get(port)?.carrierState ?? 'carrier'));
}

/** Updates the index of ports after the master of a link changed. */
function withPort(
  kernel: KernelState,
  port: IfIndex,
  from: IfIndex | undefined,
  to: IfIndex | undefined,
): KernelState {
  if (from === to) return kernel;
  let { ports } = kernel;
  if (from !== undefined) {
    const left = (ports.get(from) ?? []).filter((other) => other !== port);
    ports = left.length === 0 ? ports.delete(from) : ports.set(from, left);
  }
  if (to !== undefined) ports = ports.set(to, [...(ports.get(to) ?? []), port]);
  return { ...kernel, ports };
}
