/** Facts folded into the state: pure, total, and the same object where a fact says nothing new. */
import type { Fact, KernelFact } from './fact.ts';
import { hostPictureOf, recount } from './host-state.ts';
import type { IfIndex } from './ids.ts';
import { diffMaps } from './persistent-map.ts';
import { observeAddress, removeAddress } from './reduce/kernel-addresses.ts';
import { raiseDoubt, routesOf, settleDoubt } from './reduce/kernel-doubts.ts';
import { observeLink, removeLink } from './reduce/kernel-links.ts';
import { readKernel } from './reduce/kernel-read.ts';
import { observeRoute, removeRoute, replaceRoutes } from './reduce/kernel-routes.ts';
import { observeRule, removeRule } from './reduce/kernel-rules.ts';
import { readLeases } from './reduce/leases.ts';
import { lost } from './reduce/manager.ts';
import { forgetDevice, reduceNetworkManager } from './reduce/network-manager.ts';
import { doubtCarrier, forgetNetworkdLink, reduceNetworkd } from './reduce/networkd.ts';
import { isSamePicture, pictureOf } from './reduce/picture.ts';
import type { KernelState, State } from './state.ts';
import { hasCarrier } from './states.ts';

/** The state after a fact. A fact that repeats what is known gives the same object. */
export function reduce(state: State, fact: Fact): State {
  switch (fact.kind) {
    case 'networkdAppeared':
    case 'networkdVanished':
    case 'networkdRead':
    case 'networkdLinkObserved':
    case 'networkdHostObserved':
      return settled(state, { ...state, networkd: reduceNetworkd(state.networkd, fact, state.kernel) });
    case 'networkManagerAppeared':
    case 'networkManagerVanished':
    case 'networkManagerRead':
    case 'networkManagerDeviceObserved':
    case 'networkManagerDeviceVanished':
    case 'networkManagerHostObserved':
      return settled(state, { ...state, networkManager: reduceNetworkManager(state.networkManager, fact) });
    case 'leasesRead':
      return settled(state, { ...state, leases: readLeases(state.leases, fact.held) });
    case 'sourceLostSync':
      return settled(state, loseSync(state, fact));
    case 'backendChosen':
      return settled(state, { ...state, backend: fact.backend });
    default: {
      const kernel = reduceKernel(state.kernel, fact);
      return kernel === state.kernel ? state : settled(state, withKernel(state, kernel));
    }
  }
}

function reduceKernel(kernel: KernelState, fact: KernelFact): KernelState {
  switch (fact.kind) {
    case 'linkObserved':
      return observeLink(kernel, fact.link, fact.driver);
    case 'addressObserved':
      return observeAddress(kernel, fact.address);
    case 'addressVanished':
      return removeAddress(kernel, fact.address);
    case 'routeObserved':
      return observeRoute(kernel, fact.route, fact.how);
    case 'routeVanished':
      return removeRoute(kernel, fact.route);
    case 'linkVanished':
      return removeLink(kernel, fact.index);
    case 'ruleObserved':
      return observeRule(kernel, fact.rule);
    case 'ruleVanished':
      return removeRule(kernel, fact.rule);
    case 'kernelRead':
      return foldMeanwhile(readKernel(kernel, fact.snapshot), fact.meanwhile);
    case 'routesRead': {
      const { family } = fact;
      const read = replaceRoutes(kernel, fact.routes, (other) => other === family);
      return foldMeanwhile(settleDoubt(read, routesOf(family)), fact.meanwhile);
    }
    case 'routesDoubted':
      return raiseDoubt(kernel, routesOf(fact.family), fact.cause);
  }
}

const foldMeanwhile = (kernel: KernelState, facts: readonly KernelFact[] = []): KernelState =>
  facts.reduce(reduceKernel, kernel);

function loseSync(state: State, { source, cause }: Fact & { readonly kind: 'sourceLostSync' }): State {
  switch (source) {
    case 'kernel':
      return { ...state, kernel: raiseDoubt(lost(state.kernel), 'all', cause) };
    case 'systemd-networkd':
      return { ...state, networkd: lost(state.networkd) };
    case 'NetworkManager':
      return { ...state, networkManager: lost(state.networkManager) };
    case 'dhclient':
      return { ...state, leases: lost(state.leases) };
  }
}

/** The state with what the kernel says now, and with what that means for the words of managers about its links. */
function withKernel(state: State, kernel: KernelState): State {
  let { networkd, networkManager } = state;
  diffMaps(state.kernel.links, kernel.links, (index, before, after) => {
    if (after === undefined) {
      networkd = forgetNetworkdLink(networkd, index);
      networkManager = forgetDevice(networkManager, index);
    } else if (before !== undefined && hasCarrier(before.carrierState) && !hasCarrier(after.carrierState)) {
      networkd = doubtCarrier(networkd, index);
    }
  });
  return { ...state, kernel, networkd, networkManager };
}

/** `next` with its pictures brought up to date; `before` where nothing has changed. */
function settled(before: State, next: State): State {
  const touched = touchedLinks(before, next);
  if (touched === undefined) return before;
  let { links, hostTally } = next;
  for (const index of touched) {
    const link = next.kernel.links.get(index);
    hostTally = recount(hostTally, before.kernel.links.get(index), link);
    if (link === undefined) {
      links = links.delete(index);
    } else {
      const held = links.get(index);
      const picture = pictureOf(next, link);
      if (held === undefined || !isSamePicture(held, picture)) links = links.set(index, picture);
    }
  }
  const host = hostTally === next.hostTally ? next.host : hostPictureOf(hostTally);
  return { ...next, links, hostTally, host };
}

/** The state with every picture made anew: for one whose pictures were remembered and not derived. */
export function withFreshPictures(state: State): State {
  let links = state.links;
  for (const index of links.keys()) if (!state.kernel.links.has(index)) links = links.delete(index);
  for (const link of state.kernel.links.values()) {
    const held = links.get(link.object.index);
    const picture = pictureOf(state, link);
    if (held === undefined || !isSamePicture(held, picture)) links = links.set(link.object.index, picture);
  }
  return { ...state, links, host: hostPictureOf(state.hostTally) };
}

/** Links whose picture may have changed; undefined where nothing at all has. */
function touchedLinks(before: State, next: State): Iterable<IfIndex> | undefined {
  if (isWholePictureTouched(before, next))
    return new Set([...before.kernel.links.keys(), ...next.kernel.links.keys()]);
  const { kernel, networkd, networkManager, leases } = next;
  const touched = new Set<IfIndex>();
  const touch = (index: IfIndex): void => {
    touched.add(index);
  };
  diffMaps(before.kernel.links, kernel.links, touch);
  diffMaps(before.networkd.links, networkd.links, touch);
  diffMaps(before.networkManager.devices, networkManager.devices, touch);
  if (before.leases.held !== leases.held) for (const index of kernel.links.keys()) touched.add(index);
  const isSame =
    before.kernel === kernel &&
    before.networkd === networkd &&
    before.networkManager === networkManager &&
    before.leases === leases;
  return isSame ? undefined : touched;
}

const isWholePictureTouched = (before: State, next: State): boolean =>
  before.backend !== next.backend ||
  before.networkd.freshness !== next.networkd.freshness ||
  before.networkManager.freshness !== next.networkManager.freshness ||
  before.leases.freshness !== next.leases.freshness;
