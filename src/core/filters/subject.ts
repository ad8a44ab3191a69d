/** What the operator's filters see of an event. */
import { type Family, familyOf } from '../model/address.ts';
import type { NetworkEvent } from '../model/event.ts';
import { mtuOf } from '../view/event-json.ts';
import { familiesOf, type LinkDetails } from '../view/link-details.ts';
import type { FilterSubject } from './decide.ts';

/** `facts` is absent for an event of the host. */
export function filterSubject(event: NetworkEvent, facts: LinkDetails | undefined): FilterSubject {
  return {
    eventType: event.directory,
    backend: event.source,
    families: familiesAbout(event, facts),
    hasGateway: facts?.gateway !== undefined,
    dnsCount: facts?.dns.length ?? 0,
    addressCount: facts?.reachable.length ?? 0,
    mtu: mtuOf(facts) ?? 0,
    interface: event.link?.name ?? '',
    state: event.state,
  };
}

/** Of what changed, where that has a family; else of what the link has. */
function familiesAbout(event: NetworkEvent, facts: LinkDetails | undefined): readonly Family[] {
  if (event.changedAddresses !== undefined) return familiesOf(event.changedAddresses);
  if (event.routesDelta !== undefined) {
    return [...new Set(event.routesDelta.map(({ route }) => route.family))];
  }
  return [...new Set((facts?.reachable ?? []).map(familyOf))];
}
