/** A small machine for tests: parts of a State with sensible values, each overridable. */
import type { IpAddress } from '../core/model/address.ts';
import { noAddresses } from '../core/model/address-tally.ts';
import type { NetworkEvent } from '../core/model/event.ts';
import {
  eventId,
  generation,
  type IfIndex,
  ifIndex,
  seq,
  type Timestamp,
  tableId,
  timestamp,
} from '../core/model/ids.ts';
import {
  type AddressObject,
  type LinkObject,
  type LinkStatistics,
  ReservedTable,
  type RouteObject,
  RouteProtocol,
  RouteType,
  Scope,
} from '../core/model/kernel-objects.ts';
import { emptyMap, mapOf } from '../core/model/persistent-map.ts';
import type { ActiveLease, KernelLink, LinkStatus, NetworkdLink, State } from '../core/model/state.ts';

export const ip = (text: string): IpAddress => text as IpAddress;

export const sampleStatistics: LinkStatistics = {
  rxPackets: 94741,
  txPackets: 20,
  rxBytes: 9007199254740991,
  txBytes: 1024,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 3,
  txDropped: 0,
  multicast: 7,
  collisions: 0,
  rxLengthErrors: 0,
  rxOverErrors: 0,
  rxCrcErrors: 0,
  rxFrameErrors: 0,
  rxFifoErrors: 0,
  rxMissedErrors: 0,
  txAbortedErrors: 0,
  txCarrierErrors: 0,
  txFifoErrors: 0,
  txHeartbeatErrors: 0,
  txWindowErrors: 0,
  rxCompressed: 0,
  txCompressed: 0,
};

export function sampleLinkObject(over: Partial<LinkObject> = {}): LinkObject {
  return {
    index: ifIndex(2),
    name: 'eth0',
    altNames: ['enp1s0'],
    hardwareType: 1,
    hardwareAddress: '02:00:00:00:00:01',
    broadcastAddress: 'ff:ff:ff:ff:ff:ff',
    flags: 0x11043,
    mtu: 1500,
    txQueueLength: 1000,
    operStatus: 6,
    kind: 'veth',
    group: 0,
    promiscuity: 0,
    numTxQueues: 1,
    numRxQueues: 1,
    gsoMaxSize: 65536,
    gsoMaxSegs: 65535,
    statistics: sampleStatistics,
    ...over,
  };
}

export function sampleAddress(address: string, over: Partial<AddressObject> = {}): AddressObject {
  const family = address.includes(':') ? 6 : 4;
  return {
    ifindex: ifIndex(2),
    family,
    address: ip(address),
    prefixLength: family === 4 ? 24 : 64,
    scope: Scope.universe,
    flags: 0x80,
    validLifetime: 4294967295,
    preferredLifetime: 4294967295,
    ...over,
  };
}

/** By default `default via 192.168.1.1 dev eth0`. */
export function sampleRoute(over: Partial<RouteObject> = {}): RouteObject {
  return {
    family: 4,
    table: tableId(ReservedTable.main),
    destination: ip('0.0.0.0'),
    prefixLength: 0,
    sourceLength: 0,
    tos: 0,
    type: RouteType.unicast,
    protocol: RouteProtocol.static,
    scope: Scope.universe,
    flags: 0,
    priority: 0,
    nextHops: [{ ifindex: ifIndex(2), gateway: ip('192.168.1.1'), weight: 1, flags: 0 }],
    ...over,
  };
}

export function sampleKernelLink(over: Partial<KernelLink> = {}): KernelLink {
  return {
    object: sampleLinkObject(),
    generation: generation(0),
    driver: 'veth',
    addresses: mapOf([sampleAddress('192.168.1.100')].map((address) => [address.address, address])),
    tally: noAddresses,
    carrierState: 'carrier',
    ipv4AddressState: 'routable',
    ipv6AddressState: 'off',
    addressState: 'routable',
    operational: 'routable',
    ...over,
  };
}

export function sampleLinkStatus(over: Partial<LinkStatus> = {}): LinkStatus {
  return {
    index: ifIndex(2),
    generation: generation(0),
    name: 'eth0',
    mtu: 1500,
    owner: 'kernel',
    operational: 'routable',
    operationalSource: 'kernel',
    administrative: 'configured',
    administrativeSource: 'kernel',
    ...over,
  };
}

export function sampleNetworkdLink(over: Partial<NetworkdLink> = {}): NetworkdLink {
  return {
    operational: 'routable',
    administrative: 'configured',
    carrierState: 'carrier',
    addressState: 'routable',
    ipv4AddressState: 'routable',
    ipv6AddressState: 'degraded',
    onlineState: 'online',
    networkFile: '/etc/systemd/network/10-eth0.network',
    acknowledged: true,
    dns: [ip('192.168.1.53')],
    domains: ['example.org'],
    ntp: ['ntp.example.org'],
    gateways: [ip('192.168.1.1')],
    ...over,
  };
}

export function sampleLease(over: Partial<ActiveLease> = {}): ActiveLease {
  return {
    interfaceName: 'eth0',
    family: 4,
    addresses: [ip('192.168.1.100')],
    subnetMask: '255.255.255.0',
    hostName: 'printer',
    expires: timestamp(1_800_000_000_000),
    text: 'ADDRESS=192.168.1.100 ROUTER=192.168.1.1',
    dns: [ip('192.168.1.53'), ip('9.9.9.9')],
    domains: ['example.org'],
    ntp: [],
    gateways: [ip('192.168.1.1')],
    ...over,
  };
}

interface Parts {
  readonly kernelLinks?: readonly KernelLink[];
  readonly statuses?: readonly LinkStatus[];
  readonly routes?: readonly RouteObject[];
  readonly networkd?: readonly (readonly [IfIndex, NetworkdLink])[];
  readonly leases?: readonly ActiveLease[];
}

/** One Ethernet link, eth0, with an address and a default route, and no manager. */
export function sampleState(parts: Parts = {}, over: Partial<State> = {}): State {
  const links = parts.kernelLinks ?? [sampleKernelLink()];
  const statuses = parts.statuses ?? [sampleLinkStatus()];
  const routes = parts.routes ?? [sampleRoute()];
  const leases = parts.leases ?? [];
  return {
    kernel: {
      freshness: 'current',
      invalidations: {},
      links: mapOf(links.map((link) => [link.object.index, link])),
      ports: emptyMap(),
      generations: emptyMap(),
      routes: mapOf(routes.map((route, i) => [String(i), [route]])),
      nextHops: emptyMap(),
      rules: emptyMap(),
    },
    networkd: {
      freshness: parts.networkd === undefined ? 'absent' : 'current',
      host: {},
      links: mapOf(parts.networkd ?? []),
    },
    networkManager: { freshness: 'absent', host: {}, devices: emptyMap() },
    leases: {
      freshness: 'current',
      active: mapOf(leases.map((lease) => [`${lease.interfaceName}/${lease.family}`, lease])),
    },
    backend: 'auto',
    links: mapOf(statuses.map((status) => [status.index, status])),
    host: {
      operational: 'routable',
      carrierState: 'carrier',
      addressState: 'routable',
      links: statuses.length,
    },
    hostTally: { operational: [], carrier: [], address: [] },
    ...over,
  };
}

/** `eth0` became routable, reported by the kernel. */
export function sampleEvent(over: Partial<NetworkEvent> = {}): NetworkEvent {
  const number = over.seq ?? seq(1);
  const at: Timestamp = timestamp(1_790_000_000_123);
  return {
    id: eventId(`e-${number}`),
    seq: number,
    at,
    directory: 'routable',
    name: over.directory ?? 'routable',
    link: { index: ifIndex(2), generation: generation(0), name: 'eth0' },
    source: 'kernel',
    state: 'routable',
    previousState: 'carrier',
    initial: false,
    resync: false,
    ...over,
  };
}
