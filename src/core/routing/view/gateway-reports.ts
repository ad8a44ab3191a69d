/** Gateways from leases and managers: known, none, or unknown. */
import type { IfIndex } from '../../model/ids.ts';
import { leaseKeyOf } from '../../model/keys.ts';
import type { Freshness, Resolution, State } from '../../model/state.ts';
import type { GatewayReport, GatewaySource, ViewLink } from './view.ts';

/** Returns the reports about `links`, without sources that certainly have no gateway. */
export function gatewayReports(
  state: Pick<State, 'backend' | 'leases' | 'networkd' | 'networkManager'>,
  links: readonly ViewLink[],
): ReadonlyMap<IfIndex, readonly GatewayReport[]> {
  const reports = new Map<IfIndex, readonly GatewayReport[]>();
  for (const link of links) {
    const { leases, networkd, networkManager } = state;
    const active = ([4, 6] as const)
      .map((family) => leases.active.get(leaseKeyOf(link.name, family)))
      .filter((lease) => lease !== undefined);
    const all = [
      report('dhclient', leases.freshness, active),
      report('systemd-networkd', networkd.freshness, present(networkd.links.get(link.index))),
      report('NetworkManager', networkManager.freshness, present(networkManager.devices.get(link.index))),
    ];
    const known = all.filter(
      (one) => one !== undefined && (state.backend === 'auto' || state.backend === one.source),
    ) as readonly GatewayReport[];
    if (known.length > 0) reports.set(link.index, known);
  }
  return reports;
}

const present = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

/** A reported gateway counts until a new report. Its absence counts only if the source is current. */
function report(
  source: GatewaySource,
  freshness: Freshness,
  settings: readonly Resolution[],
): GatewayReport | undefined {
  const gateways = settings.flatMap((resolution) => resolution.gateways);
  if (gateways.length > 0) return { source, gateways };
  return freshness === 'reading' || freshness === 'stale' ? { source, gateways: 'unknown' } : undefined;
}
