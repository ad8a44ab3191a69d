/** Bringing the pictures of links and host up to date after a fact, in the time of what it has changed. */

import type { IfIndex } from '../model/ids.ts';
import { diffMaps } from '../model/persistent-map.ts';
import type { KernelLink, KernelState, State } from '../model/state.ts';
import { hasCarrier } from '../model/vocabulary.ts';
import { hostStatusOf, recount } from './host-status.ts';
import { isSameLinkStatus, linkStatusOf } from './link-status.ts';
import { forgetDevice } from './network-manager.ts';
import { forgetNetworkdLink, invalidateCarrier } from './networkd.ts';

/** The state with what the kernel says now, and with what that means for the words of managers about its links. */
export function withKernel(state: State, kernel: KernelState): State {
  let { networkd, networkManager } = state;
  if (networkd.links.size === 0 && networkManager.devices.size === 0) return { ...state, kernel };
  diffMaps(state.kernel.links, kernel.links, (index, before, after) => {
    if (before === undefined) return;
    if (after?.generation !== before.generation) {
      networkd = forgetNetworkdLink(networkd, index);
      networkManager = forgetDevice(networkManager, index);
    } else if (hasLostCarrier(before, after)) {
      networkd = invalidateCarrier(networkd, index);
    }
  });
  return { ...state, kernel, networkd, networkManager };
}

const hasLostCarrier = (before: KernelLink, after: KernelLink): boolean =>
  before.carrierState !== after.carrierState &&
  hasCarrier(before.carrierState) &&
  !hasCarrier(after.carrierState);

/** `next` with its pictures brought up to date; `before` where nothing has changed. */
export function withDerivedStatus(before: State, next: State): State {
  if (isSameKnowledge(before, next)) return before;
  let { links, hostTally } = next;
  for (const index of touchedLinks(before, next)) {
    const link = next.kernel.links.get(index);
    hostTally = recount(hostTally, before.kernel.links.get(index), link);
    links = link === undefined ? links.delete(index) : withPicture(links, next, link);
  }
  if (links === next.links && hostTally === next.hostTally) return next;
  const host = hostTally === next.hostTally ? next.host : hostStatusOf(hostTally);
  return { ...next, links, hostTally, host };
}

function withPicture(links: State['links'], state: State, link: KernelLink): State['links'] {
  const { index } = link.object;
  const held = links.get(index);
  const status = linkStatusOf(state, link, held);
  return held !== undefined && isSameLinkStatus(held, status) ? links : links.set(index, status);
}

/** The state with every picture made anew: for one whose pictures were remembered and not derived. */
export function withFreshStatus(state: State): State {
  let { links } = state;
  for (const index of links.keys()) if (!state.kernel.links.has(index)) links = links.delete(index);
  for (const link of state.kernel.links.values()) links = withPicture(links, state, link);
  return { ...state, links, host: hostStatusOf(state.hostTally) };
}

const isSameKnowledge = (before: State, next: State): boolean =>
  before.kernel === next.kernel &&
  before.networkd === next.networkd &&
  before.networkManager === next.networkManager &&
  before.leases === next.leases &&
  before.backend === next.backend;

/** Links whose picture may have changed, each once. */
function touchedLinks(before: State, next: State): Iterable<IfIndex> {
  const touched: IfIndex[] = [];
  const touch = (index: IfIndex): void => {
    touched.push(index);
  };
  diffMaps(before.kernel.links, next.kernel.links, touch);
  if (before.networkd === next.networkd && before.networkManager === next.networkManager) {
    if (before.leases === next.leases && before.backend === next.backend) return touched;
  }
  if (isEveryPictureTouched(before, next)) return new Set([...touched, ...next.kernel.links.keys()]);
  diffMaps(before.networkd.links, next.networkd.links, touch);
  diffMaps(before.networkManager.devices, next.networkManager.devices, touch);
  return new Set(touched);
}

/** Leases are known by name alone, and there are few changes of them. */
const isEveryPictureTouched = (before: State, next: State): boolean =>
  before.backend !== next.backend ||
  before.networkd.freshness !== next.networkd.freshness ||
  before.networkManager.freshness !== next.networkManager.freshness ||
  before.leases !== next.leases;
