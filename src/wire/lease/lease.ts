/**
 * A DHCP lease from any kind of lease file. Every value is validated; invalid ones are left out and counted.
 */
import type { Family, IpAddress, Prefix } from '../../core/model/address.ts';
import type { Timestamp } from '../../core/model/ids.ts';

/** `unknown` if the file has no end: such a lease never counts as valid. */
export type LeaseEnd = Timestamp | 'never' | 'unknown';

export interface LeaseAddress {
  readonly address: IpAddress;
  readonly preferredUntil: LeaseEnd;
  readonly validUntil: LeaseEnd;
}

/** A delegated prefix (RFC 8415, IA_PD). */
export interface DelegatedPrefix {
  readonly prefix: Prefix;
  readonly preferredUntil: LeaseEnd;
  readonly validUntil: LeaseEnd;
}

/** A route of option 121 (RFC 3442). Without a gateway it is on the link itself. */
export interface ClasslessRoute {
  readonly destination: Prefix;
  readonly gateway?: IpAddress;
}

export interface Lease {
  readonly family: Family;
  readonly interface: string;
  /** IPv4: exactly one. */
  readonly addresses: readonly LeaseAddress[];
  readonly delegated: readonly DelegatedPrefix[];
  readonly subnetMask?: IpAddress;
  /** Length of the subnet mask. */
  readonly prefixLength?: number;
  readonly broadcast?: IpAddress;
  readonly routers: readonly IpAddress[];
  readonly classlessRoutes: readonly ClasslessRoute[];
  readonly dns: readonly IpAddress[];
  readonly domainName?: string;
  readonly domainSearch: readonly string[];
  readonly hostName?: string;
  /** Addresses or names. */
  readonly ntp: readonly string[];
  readonly mtu?: number;
  /** IPv4: the address of the server; IPv6: its DUID in hexadecimal. */
  readonly serverIdentifier?: string;
  /** Seconds; absent if infinite or unknown. */
  readonly leaseTime?: number;
  readonly renew?: LeaseEnd;
  readonly rebind?: LeaseEnd;
  readonly expire: LeaseEnd;
  readonly bootp: boolean;
  /** The client released the address, or found it in use by another host. */
  readonly released: boolean;
  /** Options without a field of their own, by dhclient's name, safe to show on one line. */
  readonly options: ReadonlyMap<string, string>;
  /** Number of invalid values. */
  readonly rejected: number;
}

/**
 * Returns the default gateways. If there are classless routes, only those count: a client must ignore the
 * router option then (RFC 3442).
 */
export function gatewaysOf(lease: Lease): readonly IpAddress[] {
  if (lease.classlessRoutes.length === 0) return lease.routers;
  const gateways = new Set<IpAddress>();
  for (const { destination, gateway } of lease.classlessRoutes) {
    if (destination.length === 0 && gateway !== undefined) gateways.add(gateway);
  }
  return [...gateways];
}

/** Returns the domain and the search domains, each once. */
export function domainsOf(lease: Lease): readonly string[] {
  return [...new Set([...(lease.domainName === undefined ? [] : [lease.domainName]), ...lease.domainSearch])];
}
