/** Folding what the kernel says of links, and of the ports and masters among them. */

import { isSameLink } from '../model/equality.ts';
import type { IfIndex } from '../model/ids.ts';
import { type AddressObject, LinkFlag, type LinkObject } from '../model/kernel-objects.ts';
import { isBelowCarrier, noAddresses } from '../model/operstate.ts';
import { emptyMap, type PersistentMap } from '../model/persistent-map.ts';
import type { AddressTally, KernelLink, KernelState } from '../model/state.ts';
import { deriveLink, type UnderivedLink } from './derive-link.ts';
import { nextGeneration, takeGeneration } from './generations.ts';
import { invalidate } from './kernel-invalidation.ts';
import { dropRoutesOfLink } from './kernel-routes.ts';

/** How deep masters may be stacked: MAX_NEST_DEV of linux/netdevice.h. */
const deepestNesting = 8;

/** RTM_NEWLINK: a new link, or one that changed. Statistics alone change nothing. */
export function observeLink(kernel: KernelState, link: LinkObject, driver: string | undefined): KernelState {
  const held = kernel.links.get(link.index);
  if (held === undefined) return addLink(kernel, link, driver);
  const known = driver ?? held.driver;
  if (isSameLink(held.object, link) && known === held.driver) return kernel;
  const changed = placeLink(withPort(kernel, link.index, held.object.master, link.master), {
    ...held,
    object: link,
    ...(known !== undefined && { driver: known }),
  });
  const updated =
    held.object.master === link.master ? changed : updateMaster(changed, held.object.master, deepestNesting);
  return wentDown(held.object, link) ? doubtRoutesOfDownLink(updated) : updated;
}

const wentDown = (before: LinkObject, after: LinkObject): boolean =>
  (before.flags & ~after.flags & LinkFlag.up) !== 0;

/**
 * IPv4 routes of a link that goes down vanish without a message (fib_disable_ip); IPv6 ones too where
 * net.ipv6.route.skip_notify_on_dev_down is set.
 */
function doubtRoutesOfDownLink(kernel: KernelState): KernelState {
  return invalidate(invalidate(kernel, 'ipv4Routes', 'link-down'), 'ipv6Routes', 'link-down');
}

/** An index that nobody has: a link of a new generation, whatever had the index before. */
function addLink(kernel: KernelState, link: LinkObject, driver: string | undefined): KernelState {
  const taken = nextGeneration(kernel.generations, link.index);
  const known = { ...kernel, generations: takeGeneration(kernel, link.index, taken) };
  return placeLink(withPort(known, link.index, undefined, link.master), {
    object: link,
    generation: taken,
    ...(driver !== undefined && { driver }),
    addresses: emptyMap(),
    tally: noAddresses,
  });
}

/** RTM_DELLINK: deleted, or moved to another network namespace. Its addresses and routes go with it. */
export function removeLink(kernel: KernelState, index: IfIndex): KernelState {
  const forgotten = forgetLink(kernel, index);
  return forgotten === kernel ? kernel : dropRoutesOfLink(forgotten, index);
}

/** The state without the link and its addresses; routes are left as they are. */
function forgetLink(kernel: KernelState, index: IfIndex): KernelState {
  const held = kernel.links.get(index);
  if (held === undefined) return kernel;
  const { master } = held.object;
  const without = { ...kernel, links: kernel.links.delete(index) };
  return updateMaster(withPort(without, index, master, undefined), master, deepestNesting);
}

/** The link with these addresses, of which so many count. */
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

/** Puts the link in with the states that follow from it, and from it those of the masters above. */
function placeLink(kernel: KernelState, link: UnderivedLink): KernelState {
  const derived = deriveLink(link, () => hasPortBelowCarrier(kernel, link.object.index));
  const before = kernel.links.get(link.object.index);
  const placed = putLink(kernel, derived);
  const { master } = derived.object;
  const isNews = before === undefined || before.object.master !== master;
  if (!isNews && isBelowCarrier(before.carrierState) === isBelowCarrier(derived.carrierState)) return placed;
  return updateMaster(placed, master, deepestNesting);
}

const putLink = (kernel: KernelState, link: KernelLink): KernelState => ({
  ...kernel,
  links: kernel.links.set(link.object.index, link),
});

/** What a port does to the link above it. A loop of masters, which the kernel forbids, ends by its depth. */
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

/** The index of ports after the link's master has changed. */
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
