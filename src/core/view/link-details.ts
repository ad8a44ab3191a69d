/**
 * Details of a link from all sources, for hooks and the API. Validates every value; leaves out and counts
 * those that are not valid for their type.
 */

import {
  type Family,
  familyOf,
  type IpAddress,
  isLinkLocal,
  parseIp,
  parseIpBytes,
} from '../model/address.ts';
import { isReady, isUsable } from '../model/address-tally.ts';
import type { LinkRef } from '../model/change.ts';
import { parseDomain, parseHostName } from '../model/domain-name.ts';
import type { IfIndex } from '../model/ids.ts';
import {
  AddressFlag,
  type AddressObject,
  type NextHop,
  ReservedTable,
  type RouteObject,
} from '../model/kernel-objects.ts';
import { Rejections } from '../model/rejections.ts';
import type {
  ActiveLease,
  KernelLink,
  LinkStatus,
  NetworkdLink,
  NetworkManagerDevice,
  Resolution,
  State,
} from '../model/state.ts';
import { type DhcpDetails, dhcpDetails } from './dhcp-details.ts';

/** A route and its next hop over the link. */
export interface RouteOnLink {
  readonly route: RouteObject;
  readonly hop: NextHop;
}

export interface LinkDetails {
  readonly link: LinkRef;
  readonly kernel: KernelLink | undefined;
  readonly status: LinkStatus | undefined;
  readonly networkd: NetworkdLink | undefined;
  readonly device: NetworkManagerDevice | undefined;
  /** Ready addresses: IPv4 first, then primary before secondary, deprecated last. */
  readonly addresses: readonly AddressObject[];
  /** The same without link-local ones: `ADDRESSES`. */
  readonly reachable: readonly IpAddress[];
  readonly routes: readonly RouteOnLink[];
  /** The best default gateway: from the kernel, else a lease, else a manager. IPv4 before IPv6. */
  readonly gateway: IpAddress | undefined;
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly ntp: readonly string[];
  /** Path of the .network file that networkd applies. */
  readonly networkFile: string | undefined;
  readonly dhcp: DhcpDetails | undefined;
  /** Invalid values, counted by variable. */
  readonly rejected: Rejections;
}

/** Collects the details of a link. `state` must contain it: for a link that is gone, the last such state. */
export function linkDetails(link: LinkRef, state: State): LinkDetails {
  const rejected = new Rejections();
  const kernel = sameGeneration(state.kernel.links.get(link.index), link);
  const status = sameGeneration(state.links.get(link.index), link);
  const networkd = state.networkd.links.get(link.index);
  const device = state.networkManager.devices.get(link.index);
  const leases = [...state.leases.active.values()].filter(
    (lease) => lease.interfaceName === link.name && isCurrent(lease, kernel),
  );
  const reports = [...leases, networkd, device].filter((one) => one !== undefined);
  const addresses = byPreference([...(kernel?.addresses.values() ?? [])].filter(isReady));
  const routes = routesOn(link.index, state);
  const gateways = rejected.parseAll('GATEWAY', collect(reports, 'gateways'), parseIp);
  return {
    link,
    kernel,
    status,
    networkd,
    device,
    addresses,
    reachable: [...new Set(addresses.map(({ address }) => address))].filter((one) => !isLinkLocal(one)),
    routes,
    gateway: gatewayOf(kernelGateways(routes), gateways, addresses),
    dns: rejected.parseAll('DNS', collect(reports, 'dns'), parseIp),
    domains: rejected.parseAll('DOMAINS', collect(reports, 'domains'), parseDomain),
    ntp: rejected.parseAll('NTP', collect(reports, 'ntp'), parseServer),
    networkFile: rejected.parseOne('NetworkFile', networkd?.networkFile, parsePath),
    dhcp: dhcpDetails(leases, device, rejected),
    rejected,
  };
}

/**
 * Whether the link has an address of the lease, or no usable address at all. A known lease may be outdated:
 * if dhclient wrote its file less than 15 seconds before, it writes a replacing lease only at the next
 * renewal (MIN_LEASE_WRITE, client/dhclient.c).
 */
function isCurrent({ addresses }: ActiveLease, kernel: KernelLink | undefined): boolean {
  const usable = [...(kernel?.addresses.values() ?? [])].filter(isUsable).map(({ address }) => address);
  return (
    addresses.length === 0 || usable.length === 0 || addresses.some((address) => usable.includes(address))
  );
}

function sameGeneration<T extends { readonly generation: number }>(
  one: T | undefined,
  link: LinkRef,
): T | undefined {
  return one?.generation === link.generation ? one : undefined;
}

function collect<K extends keyof Resolution>(
  reports: readonly Resolution[],
  key: K,
): readonly Resolution[K][number][] {
  return reports.flatMap((one): readonly Resolution[K][number][] => one[key]);
}

const parseServer = (text: string): string | undefined => parseIp(text) ?? parseHostName(text);

/** Accepts an absolute path without control characters, at most `PATH_MAX` of linux/limits.h. */
const parsePath = (text: string): string | undefined => (/^\/\P{Cc}{0,4094}$/u.test(text) ? text : undefined);

function routesOn(index: IfIndex, state: State): RouteOnLink[] {
  const found: RouteOnLink[] = [];
  for (const routes of state.kernel.routes.values()) {
    for (const route of routes) {
      for (const hop of route.nextHops) if (hop.ifindex === index) found.push({ route, hop });
    }
  }
  return found.sort(byRoute);
}

const byRoute = ({ route: a }: RouteOnLink, { route: b }: RouteOnLink): number =>
  a.table - b.table || a.family - b.family || a.prefixLength - b.prefixLength || a.priority - b.priority;

/** Returns the gateways of the default routes in the order of `routesOn`: the kernel uses the first. */
function kernelGateways(routes: readonly RouteOnLink[]): readonly IpAddress[] {
  const isDefault = ({ route }: RouteOnLink): boolean =>
    route.table === ReservedTable.main && route.prefixLength === 0;
  return routes.filter(isDefault).flatMap(({ hop }) => hop.gateway ?? []);
}

/**
 * Chooses the gateway: the kernel's, else the first that a lease or manager reports, IPv4 first. A gateway
 * whose family the link has no address of is none: no packet can be sent to it.
 */
function gatewayOf(
  kernel: readonly IpAddress[],
  reported: readonly IpAddress[],
  addresses: readonly AddressObject[],
): IpAddress | undefined {
  const canReach = (gateway: IpAddress): boolean =>
    addresses.some(({ family }) => family === familyOf(gateway));
  const usable = reported.filter(canReach);
  return kernel.find(canReach) ?? usable.find((one) => familyOf(one) === 4) ?? usable[0];
}

/** Sorts IPv4 first, then primary before secondary, deprecated last, then by address. */
export function byPreference(addresses: readonly AddressObject[]): AddressObject[] {
  const keyed = addresses.map((address) => ({ address, key: preferenceKey(address) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ address }) => address);
}

function preferenceKey({ family, flags, address }: AddressObject): string {
  const rank = (flags & AddressFlag.deprecated) !== 0 ? 2 : flags & AddressFlag.temporaryOrSecondary;
  return `${family}${rank}${String.fromCharCode(...(parseIpBytes(address) ?? []))}`;
}

/** Returns the MTU of the link; undefined if unknown. */
export const mtuOf = (details: LinkDetails | undefined): number | undefined =>
  details?.status?.mtu ?? details?.kernel?.object.mtu;

/** Returns the families of addresses, each once. */
export const familiesOf = (addresses: Iterable<IpAddress>): readonly Family[] => [
  ...new Set([...addresses].map(familyOf)),
];
