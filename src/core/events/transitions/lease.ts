/** `lease.d`: the DHCP lease of a link, per family, from its manager. */
import { type Family, parseIp } from '../../model/address.ts';
import { parseDomainList } from '../../model/domain-name.ts';
import { timestamp } from '../../model/ids.ts';
import type { ActiveLease, ManagerLease, NetworkManagerDevice } from '../../model/state.ts';
import type { TopicValue, TransitionValues } from '../../model/transition.ts';
import type { LinkSubject } from './subject.ts';
import type { LinkTopic, NamingContext } from './topic.ts';

/** One topic per family. */
export const leases: readonly LinkTopic[] = ([4, 6] as const).map((family) => ({
  key: `lease/${family}`,
  directory: 'lease',
  family,
  read: (subject) => readLease(subject, family),
  nameOf: leaseEventName,
}));

/**
 * Reads the lease from the manager of the link alone: NetworkManager and its DHCP client report one lease
 * twice, and a file may outlive a released lease.
 */
export function readLease(subject: LinkSubject, family: Family): TopicValue | undefined {
  const { networkd, device, status } = subject;
  switch (status.owner) {
    case 'NetworkManager':
      return device === undefined ? undefined : readDevice(device, family);
    case 'systemd-networkd': {
      const lease = family === 4 ? networkd?.lease4 : networkd?.lease6;
      return lease === undefined || lease === null ? readDhclient(subject, family) : readManager(lease);
    }
    default:
      return readDhclient(subject, family);
  }
}

/**
 * `bound`, `changed`, `expired` or `released`. A lease that ends without a known end has expired if the link
 * still has carrier: a manager that releases it, or loses the carrier, ends it before its time.
 */
export function leaseEventName(
  before: TopicValue | undefined,
  after: TopicValue | undefined,
  { wall, hasCarrier }: NamingContext,
): string {
  if (before === undefined) return 'bound';
  if (after !== undefined) return 'changed';
  const { expires } = before;
  if (expires === undefined) return hasCarrier ? 'expired' : 'released';
  return expires !== 'never' && expires <= wall ? 'expired' : 'released';
}

function readDhclient({ leases: known }: LinkSubject, family: Family): TopicValue | undefined {
  const lease = known.find((one) => one.family === family);
  return lease === undefined
    ? undefined
    : { source: 'dhclient', values: valuesOf(lease), expires: lease.expires };
}

function readManager(lease: ManagerLease): TopicValue {
  return { source: 'systemd-networkd', values: valuesOf(lease) };
}

type AnyLease = Pick<ManagerLease, 'addresses' | 'gateways' | 'dns' | 'domains' | 'ntp'> &
  Partial<Pick<ActiveLease, 'subnetMask' | 'hostName' | 'routes' | 'prefixes' | 'content'>>;

const valuesOf = (lease: AnyLease): TransitionValues => ({
  addresses: lease.addresses,
  ...(lease.subnetMask !== undefined && { subnet_mask: lease.subnetMask }),
  gateway: lease.gateways,
  dns: lease.dns,
  domain: lease.domains,
  ...(lease.hostName !== undefined && { hostname: lease.hostName }),
  ntp: lease.ntp,
  ...(lease.routes !== undefined && { routes: lease.routes }),
  ...(lease.prefixes !== undefined && lease.prefixes.length > 0 && { prefixes: lease.prefixes }),
  ...(lease.content !== undefined && { lease: lease.content }),
});

/** Reads the options by NetworkManager's names (`Dhcp4Config.Options`, `Dhcp6Config.Options`). */
function readDevice(device: NetworkManagerDevice, family: Family): TopicValue | undefined {
  const options: Partial<Readonly<Record<string, string>>> | undefined =
    family === 4 ? device.dhcp4 : device.dhcp6;
  if (options === undefined) return undefined;
  const list = (text = ''): readonly string[] =>
    text.split(/[\s,]+/).filter((part) => parseIp(part) !== undefined);
  const domains = `${options['domain_name'] ?? ''} ${options['domain_search'] ?? options['dhcp6_domain_search'] ?? ''}`;
  const expiry = Number(options['expiry']);
  const { ip6_prefix: prefix } = options;
  return {
    source: 'NetworkManager',
    values: {
      addresses: list(options['ip_address'] ?? options['ip6_address']),
      ...(options['subnet_mask'] !== undefined && { subnet_mask: options['subnet_mask'] }),
      gateway: list(options['routers']),
      dns: list(options['domain_name_servers'] ?? options['dhcp6_name_servers']),
      domain: [...new Set(parseDomainList(domains.trim()).values)],
      ...(options['host_name'] !== undefined && { hostname: options['host_name'] }),
      ntp: list(options['ntp_servers'] ?? options['dhcp6_ntp_servers']),
      ...(prefix !== undefined && { prefixes: [prefix] }),
    },
    ...(expiry > 0 && { expires: timestamp(expiry * 1000) }),
  };
}
