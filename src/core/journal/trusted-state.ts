/**
 * What routes may be made of. The book is a file of the daemon's user, and so of every hook: what it remembers of gateways
 * decides no route, until whoever told it has told it again.
 */
import type { Fact } from '../model/fact.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';

/** In the place of what is remembered: somebody who may know a gateway cannot be asked yet. */
const withoutHooks: Pick<State, 'leases' | 'networkd' | 'networkManager'> = {
  leases: { freshness: 'stale', active: emptyMap() },
  networkd: { freshness: 'stale', host: {}, links: emptyMap() },
  networkManager: { freshness: 'stale', host: {}, devices: emptyMap() },
};

/** `state` without what comes from the book alone; `heard` are the readings that have come in this run. */
export function trustedState(state: State, initialReads: ReadonlySet<Fact['kind']>): State {
  const { leases, networkd, networkManager } = state;
  const isHeard =
    (initialReads.has('leasesRead') || leases.active.size === 0) &&
    (initialReads.has('networkdRead') || networkd.links.size === 0) &&
    (initialReads.has('networkManagerRead') || networkManager.devices.size === 0);
  if (isHeard) return state;
  return {
    ...state,
    leases: initialReads.has('leasesRead') ? leases : withoutHooks.leases,
    networkd: initialReads.has('networkdRead') ? networkd : withoutHooks.networkd,
    networkManager: initialReads.has('networkManagerRead') ? networkManager : withoutHooks.networkManager,
  };
}
