/** How several events of one link are told as one, without losing a value. */
import type { NetworkEvent } from '../model/event.ts';

/** Events of one kind may be told together: what scripts select by is the same in them. */
export function mergeKind(event: NetworkEvent): string {
  return `${event.directory}/${event.name}/${event.source}/${event.resync}`;
}

/**
 * What an event is about. Two events that share a value must be told in their order; the keys are coarser than
 * identity where that is cheaper, which is safe.
 */
export function valuesOf(event: NetworkEvent): readonly string[] {
  switch (event.directory) {
    case 'address-added':
    case 'address-removed':
      return event.changedAddresses ?? [];
    case 'routes':
      return (event.routesDelta ?? []).map(
        ({ route }) => `${route.table} ${route.destination}/${route.prefixLength}`,
      );
    case 'mtu':
      return ['mtu'];
    default:
      return [];
  }
}

/**
 * One event with the identity, the time and the previous state of the first, the state of the last, and the values
 * of all in the order in which they came.
 */
export function mergeEvents(events: readonly [NetworkEvent, ...NetworkEvent[]]): NetworkEvent {
  const [first] = events;
  const last = events.at(-1);
  if (last === undefined || last === first) return first;
  const merged = { ...first, state: last.state };
  if (first.changedAddresses !== undefined) {
    const changedAddresses = [...new Set(events.flatMap((event) => event.changedAddresses ?? []))];
    return { ...merged, changedAddresses };
  }
  if (first.routesDelta === undefined) return merged;
  return { ...merged, routesDelta: events.flatMap((event) => event.routesDelta ?? []) };
}
