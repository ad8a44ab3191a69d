/** How far each source can be trusted now. */
import type { Freshness, State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';

/** The freshness of every source. */
export const sourceFreshness = (
  state: Pick<State, 'kernel' | 'networkd' | 'networkManager' | 'leases'>,
): Readonly<Record<Source, Freshness>> => ({
  kernel: state.kernel.freshness,
  'systemd-networkd': state.networkd.freshness,
  NetworkManager: state.networkManager.freshness,
  dhclient: state.leases.freshness,
});
