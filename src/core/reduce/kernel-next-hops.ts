/** Folds kernel messages about nexthop objects. Routes that use a changed one are read again. */
import { isSameValue } from '../model/equality.ts';
import type { NextHopObject } from '../model/kernel-objects.ts';
import type { KernelState } from '../model/state.ts';
import { invalidate } from './kernel-invalidation.ts';

/** RTM_NEWNEXTHOP: a new object, or a changed one. */
export function observeNextHop(kernel: KernelState, nextHop: NextHopObject): KernelState {
  const known = kernel.nextHops.get(nextHop.id);
  if (isSameValue(known, nextHop)) return kernel;
  const next = { ...kernel, nextHops: kernel.nextHops.set(nextHop.id, nextHop) };
  return known === undefined ? next : doubtRoutes(next);
}

/** RTM_DELNEXTHOP. The kernel removes the routes of the object without a message. */
export function removeNextHop(kernel: KernelState, id: number): KernelState {
  if (!kernel.nextHops.has(id)) return kernel;
  return doubtRoutes({ ...kernel, nextHops: kernel.nextHops.delete(id) });
}

/** Replaces all objects by those of a dump. */
export function replaceNextHops(kernel: KernelState, read: readonly NextHopObject[]): KernelState {
  let { nextHops } = kernel;
  const present = new Set<number>();
  for (const nextHop of read) {
    present.add(nextHop.id);
    if (!isSameValue(nextHops.get(nextHop.id), nextHop)) nextHops = nextHops.set(nextHop.id, nextHop);
  }
  for (const id of nextHops.keys()) if (!present.has(id)) nextHops = nextHops.delete(id);
  return nextHops === kernel.nextHops ? kernel : { ...kernel, nextHops };
}

/** Either family may use an object. */
const doubtRoutes = (kernel: KernelState): KernelState =>
  invalidate(invalidate(kernel, 'ipv4Routes', 'nexthop-changed'), 'ipv6Routes', 'nexthop-changed');
