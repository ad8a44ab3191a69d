/**
 * What routes may be made of. The book is a file of the daemon's user, and so of every hook: what it remembers of gateways
 * decides no route, until whoever told it has told it again.
 */
import type { Fact } from '../fact.ts';
import { emptyMap } from '../persistent-map.ts';
import type { State } from '../state.ts';

/** In the place of what is remembered: somebody who may know a gateway cannot be asked yet. */
const unheard: Pick<State, 'leases' | 'networkd' | 'networkManager'> = {
  leases: { freshness: 'stale', held: emptyMap() },
  networkd: { freshness: 'stale', host: {}, links: emptyMap() },
  networkManager: { freshness: 'stale', host: {}, devices: emptyMap() },
};

/** `state` without what comes from the book alone; `heard` are the readings that have come in this run. */
export function vouchedState(state: State, heard: ReadonlySet<Fact['kind']>): State {
  const { leases, networkd, networkManager } = state;
  const isHeard =
    (heard.has('leasesRead') || leases.held.size === 0) &&
    (heard.has('networkdRead') || networkd.links.size === 0) &&
    (heard.has('networkManagerRead') || networkManager.devices.size === 0);
  if (isHeard) return state;
  return {
    ...state,
    leases: heard.has('leasesRead') ? leases : unheard.leases,
    networkd: heard.has('networkdRead') ? networkd : unheard.networkd,
    networkManager: heard.has('networkManagerRead') ? networkManager : unheard.networkManager,
  };
}
