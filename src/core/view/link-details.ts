/**
 * What is known of the link of an event, from all sources together, checked value by value: what a hook may be
 * told. A value that is not of its type is left out and counted.
 */

import { Rejections } from '../hooks/rejections.ts';
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

/** A route and the one of its ways that leads over the link. */
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
  /** Those that may be used: IPv4 first, then primary before secondary, deprecated last. */
  readonly addresses: readonly AddressObject[];
  /** The same without link-local ones: `ADDRESSES`. */
  readonly reachable: readonly IpAddress[];
  readonly routes: readonly RouteOnLink[];
  /** The best default gateway: the kernel's, else a lease's, else a manager's. IPv4 before IPv6. */
  readonly gateway: IpAddress | undefined;
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly ntp: readonly string[];
  /** Path of the .network file that networkd applies. */
  readonly networkFile: string | undefined;
  readonly dhcp: DhcpDetails | undefined;
  /** Values that were left out, by the variable that they were for. */
  readonly rejected: Rejections;
}

/** `state` is one in which the link is there: for a link that is gone, the last one. */
export function linkDetails(link: LinkRef, state: State): LinkDetails {
  const rejected = new Rejections();
  const kernel = sameGeneration(state.kernel.links.get(link.index), link);
  const status = sameGeneration(state.links.get(link.index), link);
  const networkd = state.networkd.links.get(link.index);
  const device = state.networkManager.devices.get(link.index);
  const leases = [...state.leases.active.values()].filter(
    (lease) => lease.interfaceName === link.name && isInForce(lease, kernel),
  );
  const told = [...leases, networkd, device].filter((one) => one !== undefined);
  const addresses = inPreference([...(kernel?.addresses.values() ?? [])].filter(isReady));
  const routes = routesOn(link.index, state);
  const gateways = rejected.keep('GATEWAY', gather(told, 'gateways'), parseIp);
  return {
    link,
    kernel,
    status,
    networkd,
    device,
    addresses,
    reachable: [...new Set(addresses.map(({ address }) => address))].filter((one) => !isLinkLocal(one)),
    routes,
    gateway: kernelGateway(routes) ?? gateways.find((one) => familyOf(one) === 4) ?? gateways[0],
    dns: rejected.keep('DNS', gather(told, 'dns'), parseIp),
    domains: rejected.keep('DOMAINS', gather(told, 'domains'), parseDomain),
    ntp: rejected.keep('NTP', gather(told, 'ntp'), parseServer),
    networkFile: rejected.keepOne('NetworkFile', networkd?.networkFile, parsePath),
    dhcp: dhcpDetails(leases, device, rejected),
    rejected,
  };
}

/**
 * Not one whose address is not on the link while others are: dhclient writes a lease that took another's place down with
 * its next renewal, if it has written less than 15 seconds before (MIN_LEASE_WRITE, client/dhclient.c).
 */
function isInForce({ addresses }: ActiveLease, kernel: KernelLink | undefined): boolean {
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

function gather<K extends keyof Resolution>(
  told: readonly Resolution[],
  key: K,
): readonly Resolution[K][number][] {
  return told.flatMap((one): readonly Resolution[K][number][] => one[key]);
}

const parseServer = (text: string): string | undefined => parseIp(text) ?? parseHostName(text);

/** An absolute path without control characters; `PATH_MAX` of linux/limits.h. */
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

/** Sorted as `routesOn` leaves them, the first that fits is the one that the kernel takes. */
function kernelGateway(routes: readonly RouteOnLink[]): IpAddress | undefined {
  const isDefault = ({ route, hop }: RouteOnLink): boolean =>
    route.table === ReservedTable.main && route.prefixLength === 0 && hop.gateway !== undefined;
  return routes.find(isDefault)?.hop.gateway;
}

/** IPv4 first, then primary before secondary, deprecated last, and by number where nothing else tells them apart. */
function inPreference(addresses: readonly AddressObject[]): AddressObject[] {
  const keyed = addresses.map((address) => ({ address, key: preferenceKey(address) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ address }) => address);
}

function preferenceKey({ family, flags, address }: AddressObject): string {
  const rank = (flags & AddressFlag.deprecated) !== 0 ? 2 : flags & AddressFlag.temporaryOrSecondary;
  return `${family}${rank}${String.fromCharCode(...(parseIpBytes(address) ?? []))}`;
}

/** Families that addresses are of, each once. */
export const familiesOf = (addresses: Iterable<IpAddress>): readonly Family[] => [
  ...new Set([...addresses].map(familyOf)),
];
