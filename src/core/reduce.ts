/** Facts folded into the state: pure, total, and the same object where a fact says nothing new. */
import type { Fact, KernelFact } from './fact.ts';
import { observeAddress, removeAddress } from './reduce/kernel-addresses.ts';
import { raiseDoubt, routesOf, settleDoubt } from './reduce/kernel-doubts.ts';
import { observeLink, removeLink } from './reduce/kernel-links.ts';
import { readKernel } from './reduce/kernel-read.ts';
import { observeRoute, removeRoute, replaceRoutes } from './reduce/kernel-routes.ts';
import { observeRule, removeRule } from './reduce/kernel-rules.ts';
import { readLeases } from './reduce/leases.ts';
import { lost } from './reduce/manager.ts';
import { reduceNetworkManager } from './reduce/network-manager.ts';
import { reduceNetworkd } from './reduce/networkd.ts';
import { settled, withKernel } from './reduce/settle.ts';
import type { KernelState, State } from './state.ts';

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
      return settled(state, { ...state, leases: readLeases(state.leases, fact) });
    case 'sourceLostSync':
      return settled(state, loseSync(state, fact));
    case 'backendChosen':
      return settled(state, { ...state, backend: fact.backend });
    default: {
      const kernel = reduceKernel(state.kernel, fact);
      if (kernel === state.kernel) return state;
      // Routes, rules and doubts are in no picture.
      if (kernel.links === state.kernel.links) return { ...state, kernel };
      return settled(state, withKernel(state, kernel));
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
