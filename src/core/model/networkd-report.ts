/** Partial reports of systemd-networkd about a new link. */
import type { NetworkdReport } from './fact.ts';

/**
 * Fills a partial report with `off` states and empty lists. Returns undefined unless it has both the
 * operational and the administrative state.
 */
export function completeReport(partial: Partial<NetworkdReport>): NetworkdReport | undefined {
  const { operational, administrative } = partial;
  if (operational === undefined || administrative === undefined) return undefined;
  return {
    carrierState: 'off',
    addressState: 'off',
    ipv4AddressState: 'off',
    ipv6AddressState: 'off',
    dns: [],
    domains: [],
    ntp: [],
    gateways: [],
    ...partial,
    operational,
    administrative,
  };
}
