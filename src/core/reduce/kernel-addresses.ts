/** Folds kernel messages about addresses. Ignores addresses of unknown links. */

import { countAddress, noAddresses } from '../model/address-tally.ts';
import { isSameAddress } from '../model/equality.ts';
import type { AddressObject } from '../model/kernel-objects.ts';
import { addressKey } from '../model/keys.ts';
import type { AddressTally, KernelLink, KernelState } from '../model/state.ts';
import { invalidate } from './kernel-invalidation.ts';
import { withAddresses } from './kernel-links.ts';

/** RTM_NEWADDR: a new address, or new flags or lifetimes of a known one. */
export function observeAddress(kernel: KernelState, address: AddressObject): KernelState {
  const link = kernel.links.get(address.ifindex);
  if (link === undefined) return kernel;
  const key = addressKey(address);
  const previous = link.addresses.get(key);
  if (previous !== undefined && isSameAddress(previous, address)) return kernel;
  return withAddresses(
    kernel,
    link,
    link.addresses.set(key, address),
    recount(link.tally, previous, address),
  );
}

/** RTM_DELADDR. The kernel removes routes that use an IPv4 address without a message (fib_sync_down_addr). */
export function removeAddress(kernel: KernelState, address: AddressObject): KernelState {
  const link = kernel.links.get(address.ifindex);
  const key = addressKey(address);
  const previous = link?.addresses.get(key);
  if (link === undefined || previous === undefined) return kernel;
  const removed = withAddresses(
    kernel,
    link,
    link.addresses.delete(key),
    recount(link.tally, previous, undefined),
  );
  return previous.family === 4 ? invalidate(removed, 'ipv4Routes', 'address-vanished') : removed;
}

/** Replaces the addresses of a link by those of a dump. Unchanged addresses stay the same objects. */
export function readAddresses(
  previous: Pick<KernelLink, 'addresses' | 'tally'>,
  read: readonly AddressObject[],
): Pick<KernelLink, 'addresses' | 'tally'> {
  let { addresses } = previous;
  const keys = new Set<string>();
  for (const address of read) {
    const key = addressKey(address);
    keys.add(key);
    const known = addresses.get(key);
    if (known === undefined || !isSameAddress(known, address)) addresses = addresses.set(key, address);
  }
  if (addresses.size > keys.size) {
    for (const key of previous.addresses.keys()) if (!keys.has(key)) addresses = addresses.delete(key);
  }
  if (addresses === previous.addresses) return previous;
  let tally = noAddresses;
  for (const address of addresses.values()) tally = countAddress(tally, address, 1);
  return { addresses, tally };
}

/** Returns the same object if the replacement does not change any count. */
function recount(
  tally: AddressTally,
  before: AddressObject | undefined,
  after: AddressObject | undefined,
): AddressTally {
  const without = before === undefined ? tally : countAddress(tally, before, -1);
  const next = after === undefined ? without : countAddress(without, after, 1);
  return next !== tally && isSameTally(next, tally) ? tally : next;
}

const isSameTally = (a: AddressTally, b: AddressTally): boolean =>
  a.ipv4Routable === b.ipv4Routable &&
  a.ipv4Degraded === b.ipv4Degraded &&
  a.ipv6Routable === b.ipv6Routable &&
  a.ipv6Degraded === b.ipv6Degraded &&
  a.usable === b.usable;
