/**
 * What a link's state is when the kernel alone is asked, in systemd-networkd's words: a table, and the predicates that
 * choose its row and column (networkd: link_update_operstate, netif_has_carrier).
 */
import { isLinkLocal } from './address.ts';
import {
  AddressFlag,
  type AddressObject,
  LinkFlag,
  type LinkObject,
  OperStatus,
  Scope,
} from './kernel-objects.ts';
import type { AddressTally } from './state.ts';
import type { AddressState, CarrierState, OperationalState } from './vocabulary.ts';

/** Carrier states, lowest first: the order is systemd's. */
export const carrierStates: readonly CarrierState[] = [
  'off',
  'no-carrier',
  'dormant',
  'degraded-carrier',
  'carrier',
  'enslaved',
];

/** Address states, lowest first. */
export const addressStates: readonly AddressState[] = ['off', 'degraded', 'routable'];

/** The operational state, by carrier state and address state. Addresses count only where frames can pass. */
export const operationalTable: Readonly<
  Record<CarrierState, Readonly<Record<AddressState, OperationalState>>>
> = {
  off: { off: 'off', degraded: 'off', routable: 'off' },
  'no-carrier': { off: 'no-carrier', degraded: 'no-carrier', routable: 'no-carrier' },
  dormant: { off: 'dormant', degraded: 'dormant', routable: 'dormant' },
  'degraded-carrier': { off: 'degraded-carrier', degraded: 'degraded', routable: 'routable' },
  carrier: { off: 'carrier', degraded: 'degraded', routable: 'routable' },
  enslaved: { off: 'enslaved', degraded: 'enslaved', routable: 'routable' },
};

type LinkSigns = Pick<LinkObject, 'flags' | 'operStatus' | 'master'>;

const isSet = (flags: number, all: number): boolean => (flags & all) === all;

/**
 * Whether frames pass: operstate `up`; where the driver keeps no operstate (`unknown`), the flags say it
 * (Documentation/networking/operstates.rst).
 */
function hasLowerLayer({ operStatus, flags }: LinkSigns): boolean {
  if (operStatus !== OperStatus.unknown) return operStatus === OperStatus.up;
  return isSet(flags, LinkFlag.lowerUp | LinkFlag.running) && !isSet(flags, LinkFlag.dormant);
}

/** The first row whose condition holds names the state. */
const carrierTable: readonly (readonly [CarrierState, (link: LinkSigns) => boolean])[] = [
  ['dormant', (link) => link.operStatus === OperStatus.dormant],
  ['enslaved', (link) => hasLowerLayer(link) && link.master !== undefined],
  ['carrier', hasLowerLayer],
  ['no-carrier', (link) => isSet(link.flags, LinkFlag.up)],
];

/**
 * The carrier state of a link; `portBelowCarrier`: whether any port of it is below `carrier`, asked only where it matters.
 */
export function carrierStateOf(link: LinkSigns, portBelowCarrier: () => boolean): CarrierState {
  const own = carrierTable.find(([, holds]) => holds(link))?.[0] ?? 'off';
  return isBelowCarrier(own) || !portBelowCarrier() ? own : 'degraded-carrier';
}

/** Whether a port in this state degrades the link that it is a port of. */
export const isBelowCarrier = (state: CarrierState): boolean => state !== 'carrier' && state !== 'enslaved';

/** Whether an address may be used: not before duplicate address detection has passed (RFC 4862 5.4), never after it failed. */
export const isReady = (address: Pick<AddressObject, 'flags'>): boolean =>
  (address.flags & (AddressFlag.tentative | AddressFlag.dadFailed)) === 0;

/** Whether a ready address is one that others can be reached from: neither link-local nor of host scope. */
export const isUsable = (address: AddressObject): boolean =>
  isReady(address) && address.scope < Scope.host && !isLinkLocal(address.address);

export const noAddresses: AddressTally = {
  ipv4Routable: 0,
  ipv4Degraded: 0,
  ipv6Routable: 0,
  ipv6Degraded: 0,
  usable: 0,
};

/** `tally` with one address more (`by` 1) or less (-1); the same object where the address does not count. */
export function count(tally: AddressTally, address: AddressObject, by: 1 | -1): AddressTally {
  if (!isReady(address) || address.scope >= Scope.host) return tally;
  const routable = address.scope < Scope.site ? by : 0;
  const degraded = by - routable;
  const ipv4 = address.family === 4 ? 1 : 0;
  const ipv6 = 1 - ipv4;
  return {
    ipv4Routable: tally.ipv4Routable + ipv4 * routable,
    ipv4Degraded: tally.ipv4Degraded + ipv4 * degraded,
    ipv6Routable: tally.ipv6Routable + ipv6 * routable,
    ipv6Degraded: tally.ipv6Degraded + ipv6 * degraded,
    usable: tally.usable + (isUsable(address) ? by : 0),
  };
}

/** The state of addresses of which so many reach beyond the site, and so many to the link or the site. */
export function addressStateOf(routable: number, degraded: number): AddressState {
  if (routable > 0) return 'routable';
  return degraded > 0 ? 'degraded' : 'off';
}
