/** Folding a whole reading of the kernel: what it has not is gone, and what has not changed stays the same object. */
import type { KernelSnapshot } from '../fact.ts';
import type { IfIndex } from '../ids.ts';
import type { AddressObject } from '../kernel-objects.ts';
import type { KernelState } from '../state.ts';
import { replaceAddresses } from './kernel-addresses.ts';
import { forgetLink, observeLink } from './kernel-links.ts';
import { replaceRoutes } from './kernel-routes.ts';
import { replaceRules } from './kernel-rules.ts';

/**
 * An index that is there before and after is taken for the same link: a link that vanished and another that took its
 * index while nobody listened cannot be told from one that changed.
 */
export function readKernel(kernel: KernelState, snapshot: KernelSnapshot): KernelState {
  const withLinks = replaceLinks(kernel, snapshot);
  const byLink = groupByLink(snapshot.addresses);
  let next = withLinks;
  for (const link of withLinks.links.values()) {
    const current = next.links.get(link.object.index);
    if (current !== undefined) {
      next = replaceAddresses(next, current, byLink.get(link.object.index) ?? []);
    }
  }
  next = replaceRoutes(next, snapshot.routes, () => true);
  next = replaceRules(next, snapshot.rules);
  if (next === kernel && kernel.freshness === 'current' && Object.keys(kernel.doubts).length === 0)
    return kernel;
  return { ...next, freshness: 'current', doubts: {} };
}

function replaceLinks(kernel: KernelState, snapshot: KernelSnapshot): KernelState {
  const present = new Set<IfIndex>(snapshot.links.map((link) => link.index));
  let next = kernel;
  for (const index of kernel.links.keys()) if (!present.has(index)) next = forgetLink(next, index);
  for (const link of snapshot.links) next = observeLink(next, link, snapshot.drivers.get(link.index));
  return next;
}

function groupByLink(addresses: readonly AddressObject[]): Map<IfIndex, AddressObject[]> {
  const grouped = new Map<IfIndex, AddressObject[]>();
  for (const address of addresses) {
    const list = grouped.get(address.ifindex);
    if (list === undefined) grouped.set(address.ifindex, [address]);
    else list.push(address);
  }
  return grouped;
}
