/** Derives the states of a link from its kernel object and addresses. */
import { addressStateOf } from '../model/address-tally.ts';
import { carrierStateOf, operationalTable } from '../model/operstate.ts';
import type { KernelLink } from '../model/state.ts';

/** What the states of a link depend on, except its ports. */
export type UnderivedLink = Pick<KernelLink, 'object' | 'generation' | 'driver' | 'addresses' | 'tally'>;

/** Returns the link with its states. Calls `hasPortBelowCarrier` only if the link itself has carrier. */
export function deriveLink(link: UnderivedLink, hasPortBelowCarrier: () => boolean): KernelLink {
  const { object, generation, driver, addresses, tally } = link;
  const carrierState = carrierStateOf(object, hasPortBelowCarrier);
  const addressState = addressStateOf(
    tally.ipv4Routable + tally.ipv6Routable,
    tally.ipv4Degraded + tally.ipv6Degraded,
  );
  return {
    object,
    generation,
    ...(driver !== undefined && { driver }),
    addresses,
    tally,
    carrierState,
    ipv4AddressState: addressStateOf(tally.ipv4Routable, tally.ipv4Degraded),
    ipv6AddressState: addressStateOf(tally.ipv6Routable, tally.ipv6Degraded),
    addressState,
    operational: operationalTable[carrierState][addressState],
  };
}
