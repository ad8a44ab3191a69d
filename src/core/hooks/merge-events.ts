/** Merges several events of one link into one without losing a value. */
import type { NetworkEvent } from '../model/event.ts';

/**
 * Events with the same kind may be merged: they have the same values in everything that scripts select by.
 */
export function mergeKind(event: NetworkEvent): string {
  return `${event.directory}/${event.name}/${event.source}/${event.resync}`;
}

/**
 * Returns keys of the objects that an event is about. Events that share a key must run in order. Keys may be
 * coarser than identity, which is safe and cheaper.
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
 * Merges events into one with the identity, the time and the previous state of the first, the state of the
 * last, and the values of all in order.
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
