/** What leases want of name resolution and of the host's name. */
import { type IpAddress, isMulticast } from '../model/address.ts';
import { maxHostNameLength } from '../model/domain-name.ts';
import { leaseKeyOf } from '../model/keys.ts';
import type { ActiveLease, LinkStatus, State } from '../model/state.ts';
import { linkKey } from './call.ts';

/** What the operator wants pushed: `backends.dhclient.use_*`. */
export interface ResolverSettings {
  readonly useDns: boolean;
  readonly useDomain: boolean;
  readonly useHostname: boolean;
  /** Whether the link that bears this name now is looked after. */
  isMonitored(name: string): boolean;
}

/** Nothing is pushed. */
export const noResolver: ResolverSettings = {
  useDns: false,
  useDomain: false,
  useHostname: false,
  isMonitored: () => false,
};

export interface WantedLink {
  readonly key: string;
  readonly status: LinkStatus;
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly hostName: string | undefined;
  /** Leases whose addresses the link does not have (yet): they count for nothing. */
  readonly arriving: readonly ActiveLease[];
}

export type WantingState = Pick<State, 'backend' | 'kernel' | 'leases' | 'links'>;

/** The links that have a lease, by `linkKey`. Those of NetworkManager are its own business. */
export function wantedLinks(
  state: WantingState,
  settings: ResolverSettings,
): ReadonlyMap<string, WantedLink> {
  const wanted = new Map<string, WantedLink>();
  const pushes = settings.useDns || settings.useDomain || settings.useHostname;
  const listensToDhclient = state.backend === 'auto' || state.backend === 'dhclient';
  if (!(pushes && listensToDhclient) || state.leases.active.size === 0) return wanted;
  for (const status of state.links.values()) {
    const leases = leasesOf(state, status.name);
    const isOurs = status.owner !== 'NetworkManager' && settings.isMonitored(status.name);
    if (leases.length > 0 && isOurs) wanted.set(linkKey(status), wantedOf(state, status, leases, settings));
  }
  return wanted;
}

function leasesOf({ leases }: WantingState, name: string): readonly ActiveLease[] {
  const both = [leases.active.get(leaseKeyOf(name, 4)), leases.active.get(leaseKeyOf(name, 6))];
  return both.filter((lease) => lease !== undefined);
}

/**
 * A lease counts where its address is on the link: files outlive the dhclient that wrote them, reboots too. One
 * without an address (a delegated prefix) counts by itself.
 */
function wantedOf(
  state: WantingState,
  status: LinkStatus,
  leases: readonly ActiveLease[],
  { useDns, useDomain, useHostname }: ResolverSettings,
): WantedLink {
  const present = new Set<string>();
  for (const { address } of state.kernel.links.get(status.index)?.addresses.values() ?? [])
    present.add(address);
  const isThere = ({ addresses }: ActiveLease): boolean =>
    addresses.length === 0 || addresses.some((address) => present.has(address));
  const counting = leases.filter(isThere);
  return {
    key: linkKey(status),
    status,
    dns: useDns ? firstOf(counting.flatMap(({ dns }) => dns.filter(isServer))) : [],
    domains: useDomain ? firstOf(counting.flatMap(({ domains }) => domains.filter(isSearchable))) : [],
    hostName: useHostname ? counting.map(hostNameOf).find((name) => name !== undefined) : undefined,
    arriving: leases.filter((lease) => !isThere(lease)),
  };
}

/** `LINK_DNS_SERVERS_MAX` and `LINK_SEARCH_DOMAINS_MAX` of systemd: with more it takes none. */
const longest = 256;
const firstOf = <T>(values: readonly T[]): readonly T[] => [...new Set(values)].slice(0, longest);

/** resolved takes the whole list or nothing: not its own stub, no address that no server can have. */
const isServer = (address: IpAddress): boolean =>
  !(isMulticast(address) || ['0.0.0.0', '::', '127.0.0.53', '127.0.0.54'].includes(address));

/** The root is no domain to search in. */
const isSearchable = (domain: string): boolean => domain !== '.';

/** As systemd shortens names that the kernel does not take (`shorten_overlong`): to the first label. */
function hostNameOf({ hostName }: ActiveLease): string | undefined {
  if (hostName === undefined || /^localhost(\.|$)/i.test(hostName)) return undefined;
  const short = hostName.length > maxHostNameLength ? hostName.split('.')[0] : hostName;
  return short !== undefined && short.length <= maxHostNameLength ? short : undefined;
}
