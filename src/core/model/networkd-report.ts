/** What systemd-networkd has to say of a link before anything can be said of it. */
import type { NetworkdReport } from './fact.ts';

/**
 * What was told, and for the rest that nothing is there. Undefined where the two words that make a state, the operational
 * and the administrative one, are not both among it.
 */
export function completedReport(told: Partial<NetworkdReport>): NetworkdReport | undefined {
  const { operational, administrative } = told;
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
    ...told,
    operational,
    administrative,
  };
}
