/** Folds facts into the state. Pure and total. */
import type { Fact, KernelFact } from '../model/fact.ts';
import type { KernelState, State } from '../model/state.ts';
import { withDerivedStatus, withKernel } from './derive-status.ts';
import { observeAddress, removeAddress } from './kernel-addresses.ts';
import { invalidate, revalidate, routesOf } from './kernel-invalidation.ts';
import { observeLink, removeLink } from './kernel-links.ts';
import { observeNextHop, removeNextHop } from './kernel-next-hops.ts';
import { readKernel } from './kernel-read.ts';
import { observeRoute, removeRoute, replaceRoutes } from './kernel-routes.ts';
import { observeRule, removeRule } from './kernel-rules.ts';
import { readLeases } from './leases.ts';
import { markLost } from './manager.ts';
import { reduceNetworkManager } from './network-manager.ts';
import { reduceNetworkd } from './networkd.ts';

/** Returns the state after a fact; the same object if the fact changes nothing. */
export function reduce(state: State, fact: Fact): State {
  switch (fact.kind) {
    case 'networkdAppeared':
    case 'networkdVanished':
    case 'networkdRead':
    case 'networkdLinkObserved':
    case 'networkdHostObserved':
      return withDerivedStatus(state, {
        ...state,
        networkd: reduceNetworkd(state.networkd, fact, state.kernel),
      });
    case 'networkManagerAppeared':
    case 'networkManagerVanished':
    case 'networkManagerRead':
    case 'networkManagerDeviceObserved':
    case 'networkManagerDeviceVanished':
    case 'networkManagerHostObserved':
      return withDerivedStatus(state, {
        ...state,
        networkManager: reduceNetworkManager(state.networkManager, fact),
      });
    case 'leasesRead':
      return withDerivedStatus(state, { ...state, leases: readLeases(state.leases, fact) });
    case 'sourceLostSync':
      return withDerivedStatus(state, loseSync(state, fact));
    case 'backendChosen':
      return withDerivedStatus(state, { ...state, backend: fact.backend });
    case 'hookDirectoriesRead':
      return { ...state, hookDirectories: fact.directories };
    default: {
      const kernel = reduceKernel(state.kernel, fact);
      if (kernel === state.kernel) return state;
      // No status depends on routes, rules or invalidations.
      if (kernel.links === state.kernel.links) return { ...state, kernel };
      return withDerivedStatus(state, withKernel(state, kernel));
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
    case 'nextHopObserved':
      return observeNextHop(kernel, fact.nextHop);
    case 'nextHopVanished':
      return removeNextHop(kernel, fact.id);
    case 'ruleObserved':
      return observeRule(kernel, fact.rule);
    case 'ruleVanished':
      return removeRule(kernel, fact.rule);
    case 'kernelRead':
      return foldMeanwhile(readKernel(kernel, fact.snapshot), fact.meanwhile);
    case 'routesRead': {
      const { family } = fact;
      const read = replaceRoutes(kernel, fact.routes, (other) => other === family);
      return foldMeanwhile(revalidate(read, routesOf(family)), fact.meanwhile);
    }
    case 'routesInvalidated':
      return invalidate(kernel, routesOf(fact.family), fact.cause);
  }
}

const foldMeanwhile = (kernel: KernelState, facts: readonly KernelFact[] = []): KernelState =>
  facts.reduce(reduceKernel, kernel);

function loseSync(state: State, { source, cause }: Fact & { readonly kind: 'sourceLostSync' }): State {
  switch (source) {
    case 'kernel':
      return { ...state, kernel: invalidate(markLost(state.kernel), 'all', cause) };
    case 'systemd-networkd':
      return { ...state, networkd: markLost(state.networkd) };
    case 'NetworkManager':
      return { ...state, networkManager: markLost(state.networkManager) };
    case 'dhclient':
      return { ...state, leases: markLost(state.leases) };
  }
}
