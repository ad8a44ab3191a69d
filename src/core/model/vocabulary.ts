/**
 * The words for the state of a link, as networkctl(1) and NetworkManager's D-Bus API spell them. Names of hook
 * directories come from these lists alone, never from what a peer sent.
 */

/** Where facts come from. */
export const sources = ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'] as const;
export type Source = (typeof sources)[number];

/** networkctl(1) "OPERATIONAL", lowest first: the order is systemd's. */
export const operationalStates = [
  'missing',
  'off',
  'no-carrier',
  'dormant',
  'degraded-carrier',
  'carrier',
  'degraded',
  'enslaved',
  'routable',
] as const;
export type OperationalState = (typeof operationalStates)[number];

/** networkctl(1) "SETUP". */
export const administrativeStates = [
  'pending',
  'initialized',
  'configuring',
  'configured',
  'unmanaged',
  'failed',
  'linger',
] as const;
export type AdministrativeState = (typeof administrativeStates)[number];

/** networkd's CarrierState: the part of the operational state that does not look at addresses. */
export type CarrierState = 'off' | 'no-carrier' | 'dormant' | 'degraded-carrier' | 'carrier' | 'enslaved';

/** networkd's AddressState, IPv4AddressState, IPv6AddressState. */
export type AddressState = 'off' | 'degraded' | 'routable';

/** networkd's OnlineState. */
export type OnlineState = 'offline' | 'partial' | 'online';

/** `NMDeviceState` of NetworkManager's D-Bus API: the number is what it sends. */
export const deviceStates = {
  unknown: 0,
  unmanaged: 10,
  unavailable: 20,
  disconnected: 30,
  prepare: 40,
  config: 50,
  'need-auth': 60,
  'ip-config': 70,
  'ip-check': 80,
  secondaries: 90,
  activated: 100,
  deactivating: 110,
  failed: 120,
} as const;
export type DeviceState = keyof typeof deviceStates;

/** Whether the link can pass frames in this state. */
export function hasCarrier(state: OperationalState): boolean {
  return operationalStates.indexOf(state) >= operationalStates.indexOf('degraded-carrier');
}
