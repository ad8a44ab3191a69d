/**
 * The operational state of a link from only the kernel's data, with systemd-networkd's names: a table, and
 * the predicates that choose its row (networkd: link_update_operstate, netif_has_carrier).
 */
import { LinkFlag, type LinkObject, OperStatus } from './kernel-objects.ts';
import type { AddressState, CarrierState, OperationalState } from './vocabulary.ts';

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

type CarrierInput = Pick<LinkObject, 'flags' | 'operStatus' | 'master'>;

const isSet = (flags: number, all: number): boolean => (flags & all) === all;

/**
 * Whether frames pass: operstate `up`; where the driver keeps no operstate (`unknown`), the flags decide
 * (Documentation/networking/operstates.rst).
 */
function hasLowerLayer({ operStatus, flags }: CarrierInput): boolean {
  if (operStatus !== OperStatus.unknown) return operStatus === OperStatus.up;
  return isSet(flags, LinkFlag.lowerUp | LinkFlag.running) && !isSet(flags, LinkFlag.dormant);
}

/** The first row that applies names the state. */
const carrierTable: readonly (readonly [CarrierState, (link: CarrierInput) => boolean])[] = [
  ['dormant', (link) => link.operStatus === OperStatus.dormant],
  ['enslaved', (link) => hasLowerLayer(link) && link.master !== undefined],
  ['carrier', hasLowerLayer],
  ['no-carrier', (link) => isSet(link.flags, LinkFlag.up)],
];

/**
 * Returns the carrier state of a link. Calls `hasPortBelowCarrier`, whether any of its ports is below
 * `carrier`, only where the answer matters.
 */
export function carrierStateOf(link: CarrierInput, hasPortBelowCarrier: () => boolean): CarrierState {
  const own = carrierTable.find(([, applies]) => applies(link))?.[0] ?? 'off';
  return isBelowCarrier(own) || !hasPortBelowCarrier() ? own : 'degraded-carrier';
}

/** Whether a port in this state degrades its master. */
export const isBelowCarrier = (state: CarrierState): boolean => state !== 'carrier' && state !== 'enslaved';
