/** A sample link, as the kernel would report it, for events about a link that does not exist. */
import { familyOf, type IpAddress } from '../../core/model/address.ts';
import type { KernelFact } from '../../core/model/fact.ts';
import { type IfIndex, ifIndex, tableId } from '../../core/model/ids.ts';
import {
  AddressFlag,
  type AddressObject,
  LinkFlag,
  type LinkObject,
  OperStatus,
  ReservedTable,
  type RouteObject,
  RouteProtocol,
  RouteType,
  Scope,
} from '../../core/model/kernel-objects.ts';
import { mapOf } from '../../core/model/persistent-map.ts';
import type { State } from '../../core/model/state.ts';
import { reduce } from '../../core/reduce/reduce.ts';

export const sampleIndex: IfIndex = ifIndex(9999);
/** From TEST-NET-1, RFC 5737. */
const sampleAddress: IpAddress = '192.0.2.10' as IpAddress;
const sampleGateway: IpAddress = '192.0.2.1' as IpAddress;

/** An Ethernet link of this name, with an address and a default route. */
export function withSampleLink(name: string, machine: State): State {
  const facts: readonly KernelFact[] = [
    { kind: 'linkObserved', link: sampleLink(name), driver: 'sample' },
    { kind: 'addressObserved', address: addressOf(sampleIndex, sampleAddress) },
    { kind: 'routeObserved', route: sampleRouteOf(sampleIndex), how: 'append' },
  ];
  return facts.reduce(reduce, machine);
}

/** Replaces the addresses of a link. */
export function withAddresses(index: IfIndex, addresses: readonly IpAddress[], state: State): State {
  const link = state.kernel.links.get(index);
  if (link === undefined) return state;
  const present = mapOf(addresses.map((address) => [address as string, addressOf(index, address)] as const));
  return {
    ...state,
    kernel: { ...state.kernel, links: state.kernel.links.set(index, { ...link, addresses: present }) },
  };
}

const sampleLink = (name: string): LinkObject => ({
  index: sampleIndex,
  name,
  altNames: [],
  hardwareType: 1,
  hardwareAddress: '02:00:00:00:00:01',
  broadcastAddress: 'ff:ff:ff:ff:ff:ff',
  flags: LinkFlag.up | LinkFlag.broadcast | LinkFlag.running | LinkFlag.multicast | LinkFlag.lowerUp,
  mtu: 1500,
  txQueueLength: 1000,
  operStatus: OperStatus.up,
  group: 0,
  promiscuity: 0,
  numTxQueues: 1,
  numRxQueues: 1,
  gsoMaxSize: 65536,
  gsoMaxSegs: 65535,
});

function addressOf(index: IfIndex, address: IpAddress): AddressObject {
  const family = familyOf(address);
  return {
    ifindex: index,
    family,
    address,
    prefixLength: family === 4 ? 24 : 64,
    scope: Scope.universe,
    flags: AddressFlag.permanent,
    validLifetime: 4294967295,
    preferredLifetime: 4294967295,
  };
}

/** A default route by the link. */
export const sampleRouteOf = (index: IfIndex): RouteObject => ({
  family: 4,
  table: tableId(ReservedTable.main),
  destination: '0.0.0.0' as IpAddress,
  prefixLength: 0,
  sourceLength: 0,
  tos: 0,
  type: RouteType.unicast,
  protocol: RouteProtocol.static,
  scope: Scope.universe,
  flags: 0,
  priority: 0,
  nextHops: [{ ifindex: index, gateway: sampleGateway, weight: 1, flags: 0 }],
});
