/** Updates link status and host status after a fact. The cost depends on what the fact changed. */

import type { IfIndex } from '../model/ids.ts';
import { diffMaps } from '../model/persistent-map.ts';
import type { KernelLink, KernelState, State } from '../model/state.ts';
import { hasCarrier } from '../model/vocabulary.ts';
import { hostStatusOf, recount } from './host-status.ts';
import { isSameLinkStatus, linkStatusOf } from './link-status.ts';
import { forgetDevice } from './network-manager.ts';
import { forgetNetworkdLink, invalidateCarrier } from './networkd.ts';

/**
 * Returns the state with a new kernel state. Drops reports of managers about links that are gone, and marks
 * those about links without carrier as not acknowledged.
 */
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

/** Returns `next` with its statuses updated; `before` if nothing changed. */
export function withDerivedStatus(before: State, next: State): State {
  if (hasSameInput(before, next)) return before;
  let { links, hostTally } = next;
  for (const index of affectedLinks(before, next)) {
    const link = next.kernel.links.get(index);
    hostTally = recount(hostTally, before.kernel.links.get(index), link);
    links = link === undefined ? links.delete(index) : withStatus(links, next, link);
  }
  if (links === next.links && hostTally === next.hostTally) return next;
  const host = hostTally === next.hostTally ? next.host : hostStatusOf(hostTally);
  return { ...next, links, hostTally, host };
}

function withStatus(links: State['links'], state: State, link: KernelLink): State['links'] {
  const { index } = link.object;
  const previous = links.get(index);
  const status = linkStatusOf(state, link, previous);
  return previous !== undefined && isSameLinkStatus(previous, status) ? links : links.set(index, status);
}

/**
 * Derives every status again: for a state restored from the journal, whose statuses are stored, not derived.
 */
export function withFreshStatus(state: State): State {
  let { links } = state;
  for (const index of links.keys()) if (!state.kernel.links.has(index)) links = links.delete(index);
  for (const link of state.kernel.links.values()) links = withStatus(links, state, link);
  return { ...state, links, host: hostStatusOf(state.hostTally) };
}

const hasSameInput = (before: State, next: State): boolean =>
  before.kernel === next.kernel &&
  before.networkd === next.networkd &&
  before.networkManager === next.networkManager &&
  before.leases === next.leases &&
  before.backend === next.backend;

/** Returns the links whose status may have changed, each once. */
function affectedLinks(before: State, next: State): Iterable<IfIndex> {
  const affected: IfIndex[] = [];
  const add = (index: IfIndex): void => {
    affected.push(index);
  };
  diffMaps(before.kernel.links, next.kernel.links, add);
  if (before.networkd === next.networkd && before.networkManager === next.networkManager) {
    if (before.leases === next.leases && before.backend === next.backend) return affected;
  }
  if (isEveryStatusAffected(before, next)) return new Set([...affected, ...next.kernel.links.keys()]);
  diffMaps(before.networkd.links, next.networkd.links, add);
  diffMaps(before.networkManager.devices, next.networkManager.devices, add);
  return new Set(affected);
}

/** A changed lease affects every link: leases are keyed by name, and they change rarely. */
const isEveryStatusAffected = (before: State, next: State): boolean =>
  before.backend !== next.backend ||
  before.networkd.freshness !== next.networkd.freshness ||
  before.networkManager.freshness !== next.networkManager.freshness ||
  before.leases !== next.leases;
