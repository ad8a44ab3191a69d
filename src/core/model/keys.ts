/** Map keys that identify objects as the kernel compares them. */
import type { Family } from './address.ts';
import type { LinkRef } from './change.ts';
import type { AddressObject, RouteObject, RuleObject } from './kernel-objects.ts';
import type { ActiveLease } from './state.ts';

/** What makes a link the same one as before: its name may change, and another link may take its index. */
export type LinkIdentity = Pick<LinkRef, 'index' | 'generation'>;

/** Returns the key of a link: `3.0` for the first one with index 3. */
export const linkKey = ({ index, generation }: LinkIdentity): string => `${index}.${generation}`;

/**
 * Returns the key of an address among those of its link. IPv4: own address, prefix length and peer
 * (`rtm_to_ifaddr`, inet_insert_ifa). IPv6: the address alone; its peer may change (inet6_addr_modify).
 */
export function addressKey(address: AddressObject): string {
  if (address.family === 6) return address.address;
  const own = `${address.address}/${address.prefixLength}`;
  return address.peer === undefined ? own : `${own} ${address.peer}`;
}

/**
 * Returns the key of a route: destination, family, table, type of service, priority, source. Several routes
 * may share a key: those of `ip route append`, and IPv6 routes with different devices.
 */
export function routeKey(route: RouteObject): string {
  const { destination, prefixLength, family, table, tos, priority, source } = route;
  const key = `${destination}/${prefixLength} ${family} ${table} ${tos} ${priority}`;
  return source === undefined ? key : `${key} ${source}/${route.sourceLength}`;
}

/** Returns the key of a rule: everything that is configured. The kernel allows several equal rules. */
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

/** Returns the key of a lease: interface name and family. */
export const leaseKey = (lease: Pick<ActiveLease, 'interfaceName' | 'family'>): string =>
  leaseKeyOf(lease.interfaceName, lease.family);

/** Returns the key of the lease that this interface may have. */
export const leaseKeyOf = (interfaceName: string, family: Family): string => `${interfaceName}/${family}`;
