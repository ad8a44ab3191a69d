/**
 * State names of links and sources, as networkctl(1) and NetworkManager's D-Bus API spell them. Names of hook
 * directories come from these lists alone, never from a peer.
 */

/** The sources of facts. */
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

/**
 * networkd's CarrierState, lowest first: the part of the operational state that does not depend on addresses.
 */
export const carrierStates = [
  'off',
  'no-carrier',
  'dormant',
  'degraded-carrier',
  'carrier',
  'enslaved',
] as const;
export type CarrierState = (typeof carrierStates)[number];

/** networkd's AddressState, IPv4AddressState and IPv6AddressState, lowest first. */
export const addressStates = ['off', 'degraded', 'routable'] as const;
export type AddressState = (typeof addressStates)[number];

/** networkd's OnlineState, lowest first. */
export const onlineStates = ['offline', 'partial', 'online'] as const;
export type OnlineState = (typeof onlineStates)[number];

/** `NMDeviceState` of NetworkManager's D-Bus API, with the number that it sends. */
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
