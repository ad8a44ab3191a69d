/** What makes two messages speak of the same object: identities as the kernel compares them, as map keys. */
import type { Family } from './address.ts';
import type { AddressObject, RouteObject, RuleObject } from './kernel-objects.ts';
import type { ActiveLease } from './state.ts';

/**
 * Of an address among those of its link. IPv4: own address, prefix length and peer (`rtm_to_ifaddr`, inet_insert_ifa);
 * IPv6: the address alone, whose peer may change (inet6_addr_modify).
 */
export function addressKey(address: AddressObject): string {
  if (address.family === 6) return address.address;
  const own = `${address.address}/${address.prefixLength}`;
  return address.peer === undefined ? own : `${own} ${address.peer}`;
}

/**
 * Of a route in the tables: family, table, destination, source, type of service, priority. Several routes may share a
 * key: those of `ip route append`, and IPv6 routes that differ in their device.
 */
export function routeKey(route: RouteObject): string {
  const key = route.destination + placeOf(route);
  return route.source === undefined ? key : `${key} ${route.source}/${route.sourceLength}`;
}

type Place = Pick<RouteObject, 'family' | 'table' | 'prefixLength' | 'tos' | 'priority'>;

let lastPlace: Place | undefined;
let lastText = '';

/** What follows the destination in a key. Routes come in rows of one place, so the last text mostly serves again. */
function placeOf(route: Place): string {
  if (
    lastPlace === undefined ||
    lastPlace.prefixLength !== route.prefixLength ||
    lastPlace.table !== route.table ||
    lastPlace.priority !== route.priority ||
    lastPlace.tos !== route.tos ||
    lastPlace.family !== route.family
  ) {
    const { family, table, prefixLength, tos, priority } = route;
    lastPlace = { family, table, prefixLength, tos, priority };
    lastText = `/${prefixLength} ${family} ${table} ${tos} ${priority}`;
  }
  return lastText;
}

/** Of a rule: everything that was configured. The kernel allows several that are equal in all of it. */
export function ruleKey(rule: RuleObject): string {
  const { source, destination, unknown } = rule;
  return [
    rule.family,
    rule.priority,
    source === undefined ? '' : `${source.address}/${source.length}`,
    destination === undefined ? '' : `${destination.address}/${destination.length}`,
    rule.inputInterface ?? '',
    rule.outputInterface ?? '',
    rule.table,
    rule.action,
    rule.protocol,
    rule.suppressPrefixLength ?? '',
    rule.suppressInterfaceGroup ?? '',
    rule.firewallMark ?? '',
    rule.firewallMask ?? '',
    rule.gotoTarget ?? '',
    rule.l3mdev === true ? 1 : '',
    rule.tos,
    rule.flags,
    rule.ipProtocol ?? '',
    rule.sourcePorts?.join('-') ?? '',
    rule.destinationPorts?.join('-') ?? '',
    rule.uidRange?.join('-') ?? '',
    rule.tunnelId ?? '',
    unknown === undefined ? '' : JSON.stringify(Object.entries(unknown)),
  ].join('|');
}

/** Of a lease: one for each interface name and family. */
export const leaseKey = (lease: Pick<ActiveLease, 'interfaceName' | 'family'>): string =>
  leaseKeyOf(lease.interfaceName, lease.family);

/** The same, where there is no lease yet. */
export const leaseKeyOf = (interfaceName: string, family: Family): string => `${interfaceName}/${family}`;
