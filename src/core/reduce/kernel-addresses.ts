/** Folding what the kernel says of addresses. An address of a link that is not known is not kept. */

import { isSameAddress } from '../model/equality.ts';
import type { AddressObject } from '../model/kernel-objects.ts';
import { addressKey } from '../model/keys.ts';
import { count, noAddresses } from '../model/operstate.ts';
import type { AddressTally, KernelLink, KernelState } from '../model/state.ts';
import { invalidate } from './kernel-invalidation.ts';
import { withAddresses } from './kernel-links.ts';

/** RTM_NEWADDR: a new address, or other flags or lifetimes of one. */
export function observeAddress(kernel: KernelState, address: AddressObject): KernelState {
  const link = kernel.links.get(address.ifindex);
  if (link === undefined) return kernel;
  const key = addressKey(address);
  const held = link.addresses.get(key);
  if (held !== undefined && isSameAddress(held, address)) return kernel;
  return withAddresses(kernel, link, link.addresses.set(key, address), recount(link.tally, held, address));
}

/** RTM_DELADDR. Routes that use an IPv4 address vanish with it, without a message (fib_sync_down_addr). */
export function removeAddress(kernel: KernelState, address: AddressObject): KernelState {
  const link = kernel.links.get(address.ifindex);
  const key = addressKey(address);
  const held = link?.addresses.get(key);
  if (link === undefined || held === undefined) return kernel;
  const removed = withAddresses(
    kernel,
    link,
    link.addresses.delete(key),
    recount(link.tally, held, undefined),
  );
  return held.family === 4 ? invalidate(removed, 'ipv4Routes', 'address-vanished') : removed;
}

/** Exactly these addresses, and how many of them count; what has not changed stays the same object. */
export function readAddresses(
  held: Pick<KernelLink, 'addresses' | 'tally'>,
  read: readonly AddressObject[],
): Pick<KernelLink, 'addresses' | 'tally'> {
  let { addresses } = held;
  const keys = new Set<string>();
  for (const address of read) {
    const key = addressKey(address);
    keys.add(key);
    const known = addresses.get(key);
    if (known === undefined || !isSameAddress(known, address)) addresses = addresses.set(key, address);
  }
  if (addresses.size > keys.size) {
    for (const key of held.addresses.keys()) if (!keys.has(key)) addresses = addresses.delete(key);
  }
  if (addresses === held.addresses) return held;
  let tally = noAddresses;
  for (const address of addresses.values()) tally = count(tally, address, 1);
  return { addresses, tally };
}

/** The same object where neither the one nor the other counts, or both count alike. */
function recount(
  tally: AddressTally,
  before: AddressObject | undefined,
  after: AddressObject | undefined,
): AddressTally {
  const without = before === undefined ? tally : count(tally, before, -1);
  const next = after === undefined ? without : count(without, after, 1);
  return next !== tally && isSameTally(next, tally) ? tally : next;
}

const isSameTally = (a: AddressTally, b: AddressTally): boolean =>
  a.ipv4Routable === b.ipv4Routable &&
  a.ipv4Degraded === b.ipv4Degraded &&
  a.ipv6Routable === b.ipv6Routable &&
  a.ipv6Degraded === b.ipv6Degraded &&
  a.usable === b.usable;
