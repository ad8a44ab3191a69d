/** DHCP settings of a link for the `DHCP_*` variables: from dhclient's leases, else from NetworkManager's. */

import { type IpAddress, parseIp } from '../model/address.ts';
import { parseDomain, parseDomainList, parseHostName } from '../model/domain-name.ts';
import type { Rejections } from '../model/rejections.ts';
import type { ActiveLease, NetworkManagerDevice } from '../model/state.ts';

export interface DhcpDetails {
  /** Of the IPv4 lease if there is one, else of the IPv6 lease. */
  readonly addresses: readonly IpAddress[];
  readonly subnetMask: IpAddress | undefined;
  readonly gateways: readonly IpAddress[];
  readonly dns: readonly IpAddress[];
  /** The domain of the link, not a search domain. */
  readonly domain: string | undefined;
  readonly hostName: string | undefined;
  /** The lease on one line. */
  readonly lease: string | undefined;
}

/** Returns the settings of the leases; undefined without a lease. */
export function dhcpDetails(
  leases: readonly ActiveLease[],
  device: NetworkManagerDevice | undefined,
  rejected: Rejections,
): DhcpDetails | undefined {
  if (leases.length > 0) return detailsOfLeases(leases, rejected);
  const options = device?.dhcp4 ?? device?.dhcp6;
  return options === undefined ? undefined : detailsOfOptions(options, rejected);
}

function detailsOfLeases(leases: readonly ActiveLease[], rejected: Rejections): DhcpDetails {
  const ordered = leases.toSorted((a, b) => a.family - b.family);
  const addresses = ordered.map((lease) => lease.addresses).find((some) => some.length > 0) ?? [];
  const first = <T>(pick: (lease: ActiveLease) => T | undefined): T | undefined =>
    ordered.map(pick).find((value) => value !== undefined);
  const texts = ordered.map((lease) => lease.text).join(' ');
  return {
    addresses: rejected.parseAll('DHCP_ADDRESS', addresses, parseIp),
    subnetMask: rejected.parseOne(
      'DHCP_SUBNET_MASK',
      first((lease) => lease.subnetMask),
      parseIp,
    ),
    gateways: rejected.parseAll(
      'DHCP_GATEWAY',
      ordered.flatMap((lease) => lease.gateways),
      parseIp,
    ),
    dns: rejected.parseAll(
      'DHCP_DNS',
      ordered.flatMap((lease) => lease.dns),
      parseIp,
    ),
    domain: rejected.parseOne(
      'DHCP_DOMAIN',
      first((lease) => lease.domains[0]),
      parseDomain,
    ),
    hostName: rejected.parseOne(
      'DHCP_HOSTNAME',
      first((lease) => lease.hostName),
      parseHostName,
    ),
    lease: rejected.parseOne('DHCP_LEASE', texts, parseLine),
  };
}

/** Reads the options by NetworkManager's names (nm-settings(5), `Dhcp4Config.Options`). */
function detailsOfOptions(
  options: Partial<Readonly<Record<string, string>>>,
  rejected: Rejections,
): DhcpDetails {
  const list = (variable: string, text = ''): readonly IpAddress[] =>
    rejected.parseAll(
      variable,
      text.split(/[\s,]+/).filter((part) => part !== ''),
      parseIp,
    );
  const { values: domains, rejected: invalid } = parseDomainList(options['domain_name'] ?? '');
  rejected.add('DHCP_DOMAIN', invalid);
  const address = options['ip_address'] ?? options['ip6_address'];
  const pairs = Object.entries(options).map(([name, value = '']) => `${name}=${value}`);
  return {
    addresses: list('DHCP_ADDRESS', address),
    subnetMask: rejected.parseOne('DHCP_SUBNET_MASK', options['subnet_mask'], parseIp),
    gateways: list('DHCP_GATEWAY', options['routers']),
    dns: list('DHCP_DNS', options['domain_name_servers'] ?? options['dhcp6_name_servers']),
    domain: domains[0],
    hostName: rejected.parseOne('DHCP_HOSTNAME', options['host_name'], parseHostName),
    lease: rejected.parseOne('DHCP_LEASE', pairs.join(' '), parseLine),
  };
}

/** Accepts printable ASCII only: no control sequences reach a terminal. */
const parseLine = (text: string): string | undefined => (/^[\x20-\x7e]+$/.test(text) ? text : undefined);
