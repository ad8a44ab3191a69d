/** The states of a link from what the kernel says of it. */
import { addressStateOf, carrierStateOf, operationalTable } from '../model/operstate.ts';
import type { KernelLink } from '../model/state.ts';

/** What a link's states follow from, but for its ports. */
export type UnderivedLink = Pick<KernelLink, 'object' | 'generation' | 'driver' | 'addresses' | 'tally'>;

/** The link with its states. `hasPortBelowCarrier` is asked only where the link has carrier itself. */
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
