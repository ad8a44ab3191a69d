/** The settings of name resolution and the host name that follow from the leases. */
import { type IpAddress, isMulticast } from '../model/address.ts';
import { maxHostNameLength } from '../model/domain-name.ts';
import { leaseKeyOf, linkKey } from '../model/keys.ts';
import type { ActiveLease, LinkStatus, State } from '../model/state.ts';

/** The settings that netevd applies: `backends.dhclient.use_*`. */
export interface ResolverSettings {
  readonly useDns: boolean;
  readonly useDomain: boolean;
  readonly useHostname: boolean;
  /** Whether a link with this name is monitored. */
  isMonitored(name: string): boolean;
}

/** Applies no settings. */
export const noResolver: ResolverSettings = {
  useDns: false,
  useDomain: false,
  useHostname: false,
  isMonitored: () => false,
};

export interface WantedLinkSettings {
  readonly key: string;
  readonly status: LinkStatus;
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly hostName: string | undefined;
  /** Leases whose addresses are not on the link (yet): they do not count. */
  readonly arriving: readonly ActiveLease[];
}

export type ResolverInput = Pick<State, 'backend' | 'kernel' | 'leases' | 'links'>;

/**
 * Returns the links with a lease, by `linkKey`, except those of NetworkManager, which applies its settings
 * itself.
 */
export function wantedLinks(
  state: ResolverInput,
  settings: ResolverSettings,
): ReadonlyMap<string, WantedLinkSettings> {
  const wanted = new Map<string, WantedLinkSettings>();
  const isEnabled = settings.useDns || settings.useDomain || settings.useHostname;
  const usesDhclient = state.backend === 'auto' || state.backend === 'dhclient';
  if (!(isEnabled && usesDhclient) || state.leases.active.size === 0) return wanted;
  for (const status of state.links.values()) {
    const leases = leasesOf(state, status.name);
    const isIncluded = status.owner !== 'NetworkManager' && settings.isMonitored(status.name);
    if (leases.length > 0 && isIncluded)
      wanted.set(linkKey(status), wantedOf(state, status, leases, settings));
  }
  return wanted;
}

function leasesOf({ leases }: ResolverInput, name: string): readonly ActiveLease[] {
  const both = [leases.active.get(leaseKeyOf(name, 4)), leases.active.get(leaseKeyOf(name, 6))];
  return both.filter((lease) => lease !== undefined);
}

/**
 * A lease counts if its address is on the link: a lease file outlives the dhclient that wrote it, also over
 * reboots. One without an address (a delegated prefix) always counts.
 */
function wantedOf(
  state: ResolverInput,
  status: LinkStatus,
  leases: readonly ActiveLease[],
  { useDns, useDomain, useHostname }: ResolverSettings,
): WantedLinkSettings {
  const present = new Set<string>();
  for (const { address } of state.kernel.links.get(status.index)?.addresses.values() ?? [])
    present.add(address);
  const hasAddress = ({ addresses }: ActiveLease): boolean =>
    addresses.length === 0 || addresses.some((address) => present.has(address));
  const current = leases.filter(hasAddress);
  return {
    key: linkKey(status),
    status,
    dns: useDns ? firstOf(current.flatMap(({ dns }) => dns.filter(isServer))) : [],
    domains: useDomain ? firstOf(current.flatMap(({ domains }) => domains.filter(isSearchable))) : [],
    hostName: useHostname ? current.map(hostNameOf).find((name) => name !== undefined) : undefined,
    arriving: leases.filter((lease) => !hasAddress(lease)),
  };
}

/** `LINK_DNS_SERVERS_MAX` and `LINK_SEARCH_DOMAINS_MAX` of systemd: it rejects longer lists. */
const maxItems = 256;
const firstOf = <T>(values: readonly T[]): readonly T[] => [...new Set(values)].slice(0, maxItems);

/**
 * resolved rejects the whole list if it contains resolved's own stub or an address that no server can have.
 */
const isServer = (address: IpAddress): boolean =>
  !(isMulticast(address) || ['0.0.0.0', '::', '127.0.0.53', '127.0.0.54'].includes(address));

/** The root cannot be a search domain. */
const isSearchable = (domain: string): boolean => domain !== '.';

/** Shortens a name that is too long for the kernel to its first label, like systemd (`shorten_overlong`). */
function hostNameOf({ hostName }: ActiveLease): string | undefined {
  if (hostName === undefined || /^localhost(\.|$)/i.test(hostName)) return undefined;
  const short = hostName.length > maxHostNameLength ? hostName.split('.')[0] : hostName;
  return short !== undefined && short.length <= maxHostNameLength ? short : undefined;
}
