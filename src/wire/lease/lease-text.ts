/**
 * Formats a lease for hooks and for the state, from validated values only, never from the text of the file.
 */
import type { ActiveLease } from '../../core/model/state.ts';
import { type DelegatedPrefix, domainsOf, gatewaysOf, type Lease, type LeaseEnd } from './lease.ts';

/**
 * Formats a lease for `DHCP_LEASE`: `KEY=value` pairs separated by single spaces, lists by commas, with the
 * keys of systemd's lease files. Options without such a key follow under dhclient's name. The result is one
 * line without characters that are special to a shell.
 */
export const leaseText = (lease: Lease): string =>
  textOf([...values(lease), ...times(lease), ...options(lease)]);

/** Formats everything that the lease says except its times, which every renewal changes. */
const leaseContent = (lease: Lease): string => textOf([...values(lease), ...options(lease)]);

type Pair = readonly [key: string, values: readonly (string | number | undefined)[]];

const textOf = (pairs: readonly Pair[]): string =>
  pairs.flatMap(([key, some]) => pairText(key, some)).join(' ');

const values = (lease: Lease): readonly Pair[] => [
  ['INTERFACE', [/^[A-Za-z0-9._@:+-]+$/.test(lease.interface) ? lease.interface : undefined]],
  ['ADDRESS', lease.addresses.map((one) => one.address)],
  ['PREFIX', lease.delegated.map(prefixText)],
  ['NETMASK', [lease.subnetMask]],
  ['BROADCAST', [lease.broadcast]],
  ['ROUTER', gatewaysOf(lease)],
  ['ROUTES', lease.classlessRoutes.map(routeText)],
  ['SERVER_ADDRESS', [lease.serverIdentifier]],
  ['DNS', lease.dns],
  ['DOMAINNAME', [lease.domainName]],
  ['DOMAIN_SEARCH_LIST', lease.domainSearch],
  ['HOSTNAME', [lease.hostName]],
  ['NTP', lease.ntp],
  ['MTU', [lease.mtu]],
];

const times = (lease: Lease): readonly Pair[] => [
  ['LIFETIME', [lease.leaseTime]],
  ['RENEW', [endText(lease.renew)]],
  ['REBIND', [endText(lease.rebind)]],
  ['EXPIRE', [endText(lease.expire)]],
];

const options = (lease: Lease): readonly Pair[] =>
  Array.from(lease.options, ([name, value]): Pair => [name, [value]]);

function pairText(key: string, values: readonly (string | number | undefined)[]): string[] {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? [] : [`${key}=${given.join(',')}`];
}

const prefixText = ({ prefix }: DelegatedPrefix): string => `${prefix.address}/${prefix.length}`;

/** Formats `10.0.0.0/8@192.0.2.1`; without a gateway only the destination. */
function routeText({ destination, gateway }: Lease['classlessRoutes'][number]): string {
  const text = `${destination.address}/${destination.length}`;
  return gateway === undefined ? text : `${text}@${gateway}`;
}

/** Formats a time as RFC 3339 in UTC. */
function endText(end: LeaseEnd | undefined): string | undefined {
  if (end === undefined || end === 'unknown') return undefined;
  return end === 'never' ? end : new Date(end).toISOString().replace('.000Z', 'Z');
}

/** Converts a valid lease to its form in the state. */
export function activeLease(lease: Lease): ActiveLease {
  return {
    interfaceName: lease.interface,
    family: lease.family,
    addresses: lease.addresses.map((one) => one.address),
    ...(lease.subnetMask === undefined ? {} : { subnetMask: lease.subnetMask }),
    ...(lease.hostName === undefined ? {} : { hostName: lease.hostName }),
    // A lease with an unknown end is never active; see newestValid.
    expires: lease.expire === 'unknown' ? 'never' : lease.expire,
    dns: lease.dns,
    domains: domainsOf(lease),
    ntp: lease.ntp,
    gateways: gatewaysOf(lease),
    text: leaseText(lease),
    ...(lease.classlessRoutes.length > 0 && { routes: lease.classlessRoutes.map(routeText) }),
    ...(lease.delegated.length > 0 && { prefixes: lease.delegated.map(prefixText) }),
    content: leaseContent(lease),
  };
}
