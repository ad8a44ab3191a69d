/**
 * The state that routes may depend on. Hooks run as the daemon's user and can write to the journal. So a gateway that is
 * known from the journal alone makes no route until its source reports it again.
 */
import type { Fact } from '../model/fact.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';

/** Replaces restored reports: a source that may know a gateway has not reported yet. */
const unreported: Pick<State, 'leases' | 'networkd' | 'networkManager'> = {
  leases: { freshness: 'stale', active: emptyMap() },
  networkd: { freshness: 'stale', host: {}, links: emptyMap() },
  networkManager: { freshness: 'stale', host: {}, devices: emptyMap() },
};

/** Returns `state` without what only the journal reports. `initialReads`: the kinds of complete reads in this run. */
export function trustedState(state: State, initialReads: ReadonlySet<Fact['kind']>): State {
  const { leases, networkd, networkManager } = state;
  const isReported =
    (initialReads.has('leasesRead') || leases.active.size === 0) &&
    (initialReads.has('networkdRead') || networkd.links.size === 0) &&
    (initialReads.has('networkManagerRead') || networkManager.devices.size === 0);
  if (isReported) return state;
  return {
    ...state,
    leases: initialReads.has('leasesRead') ? leases : unreported.leases,
    networkd: initialReads.has('networkdRead') ? networkd : unreported.networkd,
    networkManager: initialReads.has('networkManagerRead') ? networkManager : unreported.networkManager,
  };
}
