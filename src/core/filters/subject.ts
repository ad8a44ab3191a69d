/** The properties of an event that filters use. */
import { type Family, familyOf } from '../model/address.ts';
import type { NetworkEvent } from '../model/event.ts';
import { familiesOf, type LinkDetails, mtuOf } from '../view/link-details.ts';
import type { FilterSubject } from './decide.ts';

/** Collects the properties of an event. `details` is absent for an event of the host. */
export function filterSubject(event: NetworkEvent, details: LinkDetails | undefined): FilterSubject {
  return {
    eventType: event.directory,
    backend: event.source,
    families: familiesOfEvent(event, details),
    hasGateway: details?.gateway !== undefined,
    dnsCount: details?.dns.length ?? 0,
    addressCount: details?.reachable.length ?? 0,
    mtu: mtuOf(details) ?? 0,
    interface: event.link?.name ?? '',
    state: event.state,
  };
}

/** Returns the families of the changed addresses or routes, else those of the link's addresses. */
function familiesOfEvent(event: NetworkEvent, details: LinkDetails | undefined): readonly Family[] {
  if (event.transition?.family !== undefined) return [event.transition.family];
  if (event.changedAddresses !== undefined) return familiesOf(event.changedAddresses);
  if (event.routesDelta !== undefined) {
    return [...new Set(event.routesDelta.map(({ route }) => route.family))];
  }
  return [...new Set((details?.reachable ?? []).map(familyOf))];
}
