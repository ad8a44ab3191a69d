/**
 * The one picture of the network: an immutable value. What did not change between two states is the same object,
 * so that a comparison costs what differs and not what exists.
 */
import type { Family, IpAddress } from './address.ts';
import type { HookDirectory } from './event-table.ts';
import type { Generation, IfIndex, Timestamp } from './ids.ts';
import type { KernelInvalidations } from './invalidation.ts';
import type { AddressObject, LinkObject, RouteObject, RuleObject } from './kernel-objects.ts';
import type { PersistentMap } from './persistent-map.ts';
import type {
  AddressState,
  AdministrativeState,
  CarrierState,
  DeviceState,
  OnlineState,
  OperationalState,
  Source,
} from './vocabulary.ts';

/**
 * How far a source can be believed. `absent`: not there, nothing known. `reading`: there, first reading under way.
 * `current`: complete. `stale`: it went away or lost messages; what is known is the last that it said.
 */
export type Freshness = 'absent' | 'reading' | 'current' | 'stale';

/**
 * How many addresses of a link count, so that its states follow without a look at each. `routable` and `degraded` are
 * by scope, `usable` are those that are neither link-local nor of host scope.
 */
export interface AddressTally {
  readonly ipv4Routable: number;
  readonly ipv4Degraded: number;
  readonly ipv6Routable: number;
  readonly ipv6Degraded: number;
  readonly usable: number;
}

/** A link with everything that the kernel says of it, and what follows from that alone. */
export interface KernelLink {
  readonly object: LinkObject;
  readonly generation: Generation;
  /** Driver's name by `ETHTOOL_GDRVINFO` (linux/ethtool.h); absent where the driver tells none. */
  readonly driver?: string;
  /** By `addressKey`. */
  readonly addresses: PersistentMap<string, AddressObject>;
  readonly tally: AddressTally;
  readonly carrierState: CarrierState;
  readonly ipv4AddressState: AddressState;
  readonly ipv6AddressState: AddressState;
  readonly addressState: AddressState;
  readonly operational: OperationalState;
}

export interface KernelState {
  readonly freshness: Freshness;
  /** Answered by a `kernelRead` or a `routesRead`; empty where what is known is what there is. */
  readonly invalidations: KernelInvalidations;
  readonly links: PersistentMap<IfIndex, KernelLink>;
  /** Ports by their master; a master without ports has no entry. */
  readonly ports: PersistentMap<IfIndex, readonly IfIndex[]>;
  /** Generation of the newest link that had this index, also a while after it is gone (reduce/generations.ts). */
  readonly generations: PersistentMap<IfIndex, Generation>;
  /**
   * Every route that is not local, broadcast, anycast, multicast or a cache entry, by `routeKey`. Several routes
   * share a key where somebody appended (`ip route append`).
   */
  readonly routes: PersistentMap<string, readonly RouteObject[]>;
  /** By `ruleKey`. The kernel allows equal rules: the number says how many. */
  readonly rules: PersistentMap<string, { readonly rule: RuleObject; readonly count: number }>;
}

/** A DNS, domain or gateway setting, as a manager or a lease tells it. Validated and canonical. */
export interface Resolution {
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly ntp: readonly string[];
  readonly gateways: readonly IpAddress[];
}

/** A link as systemd-networkd describes it (org.freedesktop.network1). */
export interface NetworkdLink extends Resolution {
  readonly operational: OperationalState;
  readonly administrative: AdministrativeState;
  readonly carrierState: CarrierState;
  readonly addressState: AddressState;
  readonly ipv4AddressState: AddressState;
  readonly ipv6AddressState: AddressState;
  readonly onlineState?: OnlineState;
  readonly networkFile?: string;
  readonly linkFile?: string;
  /**
   * False from the moment that the kernel reported a loss of carrier until networkd has acknowledged it: what it
   * said before is about a cable that has been pulled since.
   */
  readonly acknowledged: boolean;
  /** networkd has reported a loss of carrier of which the kernel's own message is still on its way. */
  readonly aheadOfKernel?: true;
}

export interface NetworkdState {
  readonly freshness: Freshness;
  /** Properties of the Manager object, by their D-Bus name: OperationalState, CarrierState …; none while it is not running. */
  readonly host: Readonly<Record<string, string>>;
  readonly links: PersistentMap<IfIndex, NetworkdLink>;
}

/** A device as NetworkManager describes it (org.freedesktop.NetworkManager.Device). */
export interface NetworkManagerDevice extends Resolution {
  readonly state: DeviceState;
  /** `NMDeviceStateReason`. */
  readonly reason: number;
  readonly managed: boolean;
  readonly connection?: string;
  /** Options of the DHCP lease, validated, by NetworkManager's names. */
  readonly dhcp4?: Readonly<Record<string, string>>;
  readonly dhcp6?: Readonly<Record<string, string>>;
}

export interface NetworkManagerState {
  readonly freshness: Freshness;
  /** `NMState` and `NMConnectivityState` by their names; none while it is not running. */
  readonly host: Readonly<Record<string, string>>;
  readonly devices: PersistentMap<IfIndex, NetworkManagerDevice>;
}

/** A DHCP lease that is valid now. Every value was validated by its type. */
export interface ActiveLease extends Resolution {
  readonly interfaceName: string;
  readonly family: Family;
  readonly addresses: readonly IpAddress[];
  readonly subnetMask?: string;
  readonly hostName?: string;
  /** `never` for an infinite lease. */
  readonly expires: Timestamp | 'never';
  /** The lease in one line, for DHCP_LEASE. */
  readonly text: string;
}

export interface LeaseState {
  readonly freshness: Freshness;
  /** By `leaseKey`: interface name and family. */
  readonly held: PersistentMap<string, ActiveLease>;
  /**
   * Addresses that links have got from leases which are not written down yet: dhclient does that after its script has set
   * the address. Until then a link is not routable by them, so that one event tells of both. Absent where there are none.
   */
  readonly awaited?: readonly IpAddress[];
}

/** What is true of a link when all sources are heard: what hooks, API and logs speak of. */
export interface LinkStatus {
  readonly index: IfIndex;
  readonly generation: Generation;
  readonly name: string;
  readonly mtu: number;
  /** Who manages the link. */
  readonly owner: Source;
  readonly operational: OperationalState;
  /** Whose word the operational state is. */
  readonly operationalSource: Source;
  /** Absent where nobody says: without networkd only `configured` is derived. */
  readonly administrative?: AdministrativeState;
  readonly administrativeSource?: Source;
  /** NetworkManager's device state, where it knows the link. */
  readonly device?: DeviceState;
}

/** The machine as a whole, as the kernel alone tells it: the highest state of its links (loopback aside). */
export interface HostStatus {
  readonly operational: OperationalState;
  readonly carrierState: CarrierState;
  readonly addressState: AddressState;
  /** Links that count for it: all but loopback. */
  readonly links: number;
}

/** How many links are in each state, in the order of the states: what HostStatus is read from. */
export interface HostTally {
  readonly operational: readonly number[];
  readonly carrier: readonly number[];
  readonly address: readonly number[];
}

export interface State {
  readonly kernel: KernelState;
  readonly networkd: NetworkdState;
  readonly networkManager: NetworkManagerState;
  readonly leases: LeaseState;
  /** Which managers the operator lets speak: `auto` is every one that is there. */
  readonly backend: Source | 'auto';
  readonly links: PersistentMap<IfIndex, LinkStatus>;
  readonly host: HostStatus;
  readonly hostTally: HostTally;
  /** Directories whose events have a hook to wait for; undefined while that is not known: all of them. */
  readonly hookDirectories?: ReadonlySet<HookDirectory>;
}
