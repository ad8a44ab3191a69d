/** What leases and managers say about gateways, three-valued. */
import type { IfIndex } from '../../model/ids.ts';
import { leaseKeyOf } from '../../model/keys.ts';
import type { Freshness, Resolution, State } from '../../model/state.ts';
import type { GatewayReport, GatewaySource, ViewLink } from './view.ts';

/** The reports for `links`; those who are known to know nothing are left out. */
export function gatewayReports(
  state: Pick<State, 'backend' | 'leases' | 'networkd' | 'networkManager'>,
  links: readonly ViewLink[],
): ReadonlyMap<IfIndex, readonly GatewayReport[]> {
  const reports = new Map<IfIndex, readonly GatewayReport[]>();
  for (const link of links) {
    const { leases, networkd, networkManager } = state;
    const held = ([4, 6] as const)
      .map((family) => leases.active.get(leaseKeyOf(link.name, family)))
      .filter((lease) => lease !== undefined);
    const all = [
      report('dhclient', leases.freshness, held),
      report('systemd-networkd', networkd.freshness, present(networkd.links.get(link.index))),
      report('NetworkManager', networkManager.freshness, present(networkManager.devices.get(link.index))),
    ];
    const initialReads = all.filter(
      (one) => one !== undefined && (state.backend === 'auto' || state.backend === one.source),
    ) as readonly GatewayReport[];
    if (initialReads.length > 0) reports.set(link.index, initialReads);
  }
  return reports;
}

const present = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

/** Gateways that were once told count until others are; silence counts only of a source that is up to date. */
function report(
  source: GatewaySource,
  freshness: Freshness,
  said: readonly Resolution[],
): GatewayReport | undefined {
  const gateways = said.flatMap((resolution) => resolution.gateways);
  if (gateways.length > 0) return { source, gateways };
  return freshness === 'reading' || freshness === 'stale' ? { source, gateways: 'unknown' } : undefined;
}
