/** What leases want of name resolution and of the host's name. */
import { type IpAddress, isMulticast } from '../../address.ts';
import { leaseKeyOf } from '../../keys.ts';
import { maxHostNameLength } from '../../names.ts';
import type { HeldLease, LinkPicture, State } from '../../state.ts';
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
  readonly picture: LinkPicture;
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly hostName: string | undefined;
  /** Leases whose addresses the link does not have (yet): they count for nothing. */
  readonly arriving: readonly HeldLease[];
}

export type WantingState = Pick<State, 'backend' | 'kernel' | 'leases' | 'links'>;

/** The links that have a lease, by `linkKey`. Those of NetworkManager are its own business. */
export function wantedLinks(
  state: WantingState,
  settings: ResolverSettings,
): ReadonlyMap<string, WantedLink> {
  const wanted = new Map<string, WantedLink>();
  const pushes = settings.useDns || settings.useDomain || settings.useHostname;
  const hears = state.backend === 'auto' || state.backend === 'dhclient';
  if (!(pushes && hears) || state.leases.held.size === 0) return wanted;
  for (const picture of state.links.values()) {
    const leases = leasesOf(state, picture.name);
    const isOurs = picture.owner !== 'NetworkManager' && settings.isMonitored(picture.name);
    if (leases.length > 0 && isOurs) wanted.set(linkKey(picture), wantedOf(state, picture, leases, settings));
  }
  return wanted;
}

function leasesOf({ leases }: WantingState, name: string): readonly HeldLease[] {
  const both = [leases.held.get(leaseKeyOf(name, 4)), leases.held.get(leaseKeyOf(name, 6))];
  return both.filter((lease) => lease !== undefined);
}

/**
 * A lease counts where its address is on the link: files outlive the dhclient that wrote them, reboots too. One
 * without an address (a delegated prefix) counts by itself.
 */
function wantedOf(
  state: WantingState,
  picture: LinkPicture,
  leases: readonly HeldLease[],
  { useDns, useDomain, useHostname }: ResolverSettings,
): WantedLink {
  const present = new Set<string>();
  for (const { address } of state.kernel.links.get(picture.index)?.addresses.values() ?? [])
    present.add(address);
  const isThere = ({ addresses }: HeldLease): boolean =>
    addresses.length === 0 || addresses.some((address) => present.has(address));
  const counting = leases.filter(isThere);
  return {
    key: linkKey(picture),
    picture,
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
function hostNameOf({ hostName }: HeldLease): string | undefined {
  if (hostName === undefined || /^localhost(\.|$)/i.test(hostName)) return undefined;
  const short = hostName.length > maxHostNameLength ? hostName.split('.')[0] : hostName;
  return short !== undefined && short.length <= maxHostNameLength ? short : undefined;
}
