/** A DHCP lease, whoever wrote it down. Every value was checked by its type; what failed is left out and counted. */
import type { Family, IpAddress, Prefix } from '../../core/model/address.ts';
import type { Timestamp } from '../../core/model/ids.ts';

/** `unknown` where the file tells no end: such a lease is never taken to be valid now. */
export type LeaseEnd = Timestamp | 'never' | 'unknown';

export interface LeaseAddress {
  readonly address: IpAddress;
  readonly preferredUntil: LeaseEnd;
  readonly validUntil: LeaseEnd;
}

/** A prefix that was delegated to us (RFC 8415, IA_PD). */
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
  /** Of the subnet mask. */
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
  /** IPv4: the server's address; IPv6: its DUID in hexadecimal. */
  readonly serverIdentifier?: string;
  /** Seconds; absent where infinite or not told. */
  readonly leaseTime?: number;
  readonly renew?: LeaseEnd;
  readonly rebind?: LeaseEnd;
  readonly expire: LeaseEnd;
  readonly bootp: boolean;
  /** Given back, or found to be in use by somebody else. */
  readonly released: boolean;
  /** Options without a field of their own, by dhclient's name, safe to show on one line. */
  readonly options: ReadonlyMap<string, string>;
  /** Values that were left out. */
  readonly rejected: number;
}

/**
 * Default gateways: with a classless default route that one alone, since a client then has to ignore the router
 * option (RFC 3442).
 */
export function gatewaysOf(lease: Lease): readonly IpAddress[] {
  if (lease.classlessRoutes.length === 0) return lease.routers;
  const gateways = new Set<IpAddress>();
  for (const { destination, gateway } of lease.classlessRoutes) {
    if (destination.length === 0 && gateway !== undefined) gateways.add(gateway);
  }
  return [...gateways];
}

/** The domain and the search list, once each. */
export function domainsOf(lease: Lease): readonly string[] {
  return [...new Set([...(lease.domainName === undefined ? [] : [lease.domainName]), ...lease.domainSearch])];
}
