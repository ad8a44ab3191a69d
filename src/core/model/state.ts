/**
 * The state of the network: an immutable value. What did not change between two states is the same object, so
 * that a comparison costs what differs, not what exists.
 */
import type { Family, IpAddress } from './address.ts';
import type { HookDirectory } from './event-table.ts';
import type { Generation, IfIndex, Timestamp } from './ids.ts';
import type { KernelInvalidations } from './invalidation.ts';
import type { AddressObject, LinkObject, NextHopObject, RouteObject, RuleObject } from './kernel-objects.ts';
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
 * How far a source can be trusted. `absent`: not running, nothing known. `reading`: running, first read in
 * progress. `current`: complete. `stale`: gone or lost messages; the state has its last report.
 */
export type Freshness = 'absent' | 'reading' | 'current' | 'stale';

/**
 * Numbers of addresses of a link, from which its address states follow. `routable` and `degraded` count by
 * scope; `usable` counts those that are neither link-local nor of host scope.
 */
export interface AddressTally {
  readonly ipv4Routable: number;
  readonly ipv4Degraded: number;
  readonly ipv6Routable: number;
  readonly ipv6Degraded: number;
  readonly usable: number;
}

/** A link as the kernel reports it, and the states that follow from that alone. */
export interface KernelLink {
  readonly object: LinkObject;
  readonly generation: Generation;
  /** Name of the driver by `ETHTOOL_GDRVINFO` (linux/ethtool.h); absent if the driver reports none. */
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
  /**
   * Reasons to dump the kernel again; `kernelRead` and `routesRead` clear them. Empty if the state is valid.
   */
  readonly invalidations: KernelInvalidations;
  readonly links: PersistentMap<IfIndex, KernelLink>;
  /** Ports by master; a master without ports has no entry. */
  readonly ports: PersistentMap<IfIndex, readonly IfIndex[]>;
  /**
   * Generation of the newest link with this index, also for some time after it is gone
   * (reduce/generations.ts).
   */
  readonly generations: PersistentMap<IfIndex, Generation>;
  /**
   * Every route except local, broadcast, anycast, multicast and cache entries, by `routeKey`. Several routes
   * may share a key (`ip route append`).
   */
  readonly routes: PersistentMap<string, readonly RouteObject[]>;
  /** Nexthop objects by id. Routes that refer to them have their next hops. */
  readonly nextHops: PersistentMap<number, NextHopObject>;
  /** By `ruleKey`. The kernel allows equal rules: `count` is their number. */
  readonly rules: PersistentMap<string, { readonly rule: RuleObject; readonly count: number }>;
}

/** DNS, domain, NTP and gateway settings of a manager or a lease. Validated and canonical. */
export interface Resolution {
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly ntp: readonly string[];
  readonly gateways: readonly IpAddress[];
}

/** A DHCP lease as a manager reports it. Validated and canonical. */
export interface ManagerLease extends Resolution {
  readonly addresses: readonly IpAddress[];
  /** Delegated prefixes, with their lengths. */
  readonly prefixes: readonly string[];
}

/** A link as systemd-networkd reports it (org.freedesktop.network1). */
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
  /** What DHCP gave the link; null without a lease, absent if the report does not say. */
  readonly lease4?: ManagerLease | null;
  readonly lease6?: ManagerLease | null;
  /**
   * False after the kernel reported a loss of carrier, until networkd reports it too: its earlier report
   * describes the link before the loss.
   */
  readonly acknowledged: boolean;
  /** networkd reported a loss of carrier before the kernel's message arrived. */
  readonly aheadOfKernel?: true;
}

export interface NetworkdState {
  readonly freshness: Freshness;
  /**
   * Properties of the Manager object by D-Bus name: OperationalState, CarrierState …; none while it is not
   * running.
   */
  readonly host: Readonly<Record<string, string>>;
  readonly links: PersistentMap<IfIndex, NetworkdLink>;
}

/** A device as NetworkManager reports it (org.freedesktop.NetworkManager.Device). */
export interface NetworkManagerDevice extends Resolution {
  readonly state: DeviceState;
  /** `NMDeviceStateReason`. */
  readonly reason: number;
  readonly managed: boolean;
  readonly connection?: string;
  /** Validated options of the DHCP lease, by NetworkManager's names. */
  readonly dhcp4?: Readonly<Record<string, string>>;
  readonly dhcp6?: Readonly<Record<string, string>>;
}

export interface NetworkManagerState {
  readonly freshness: Freshness;
  /** `NMState` and `NMConnectivityState` by name; none while it is not running. */
  readonly host: Readonly<Record<string, string>>;
  readonly devices: PersistentMap<IfIndex, NetworkManagerDevice>;
}

/** A DHCP lease that is valid now. Every value is validated by its type. */
export interface ActiveLease extends Resolution {
  readonly interfaceName: string;
  readonly family: Family;
  readonly addresses: readonly IpAddress[];
  readonly subnetMask?: string;
  readonly hostName?: string;
  /** `never` for an infinite lease. */
  readonly expires: Timestamp | 'never';
  /** The lease on one line, for DHCP_LEASE. */
  readonly text: string;
  /** Routes of option 121, `10.0.0.0/8@192.0.2.1`; absent if there are none. */
  readonly routes?: readonly string[];
  /** Delegated IPv6 prefixes with their lengths; absent if there are none. */
  readonly prefixes?: readonly string[];
  /** Everything that the lease says except times, on one line: what a renewal leaves unchanged. */
  readonly content?: string;
}

export interface LeaseState {
  readonly freshness: Freshness;
  /** By `leaseKey`: interface name and family. */
  readonly active: PersistentMap<string, ActiveLease>;
  /**
   * Addresses of leases that are not in the lease file yet: dhclient writes the lease after its script has
   * set the address. Until then these addresses do not make a link routable, so that one event reports both.
   * Absent if empty.
   */
  readonly awaited?: readonly IpAddress[];
}

/** The status of a link from all sources combined: what hooks, API and logs show. */
export interface LinkStatus {
  readonly index: IfIndex;
  readonly generation: Generation;
  readonly name: string;
  readonly mtu: number;
  /** The manager of the link; `kernel` without one. */
  readonly owner: Source;
  readonly operational: OperationalState;
  /** The source of the operational state. */
  readonly operationalSource: Source;
  /** Absent if unknown: without networkd only `configured` is derived. */
  readonly administrative?: AdministrativeState;
  readonly administrativeSource?: Source;
  /** NetworkManager's device state, if it knows the link. */
  readonly device?: DeviceState;
}

/**
 * The status of the machine as a whole, from the kernel alone: the highest state of its links except
 * loopback.
 */
export interface HostStatus {
  readonly operational: OperationalState;
  readonly carrierState: CarrierState;
  readonly addressState: AddressState;
  /** Number of links except loopback. */
  readonly links: number;
}

/** How many links are in each state, in the order of the states. HostStatus follows from it. */
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
  /** The manager that netevd uses; `auto` uses every running one. */
  readonly backend: Source | 'auto';
  readonly links: PersistentMap<IfIndex, LinkStatus>;
  readonly host: HostStatus;
  readonly hostTally: HostTally;
  /** Directories whose events have hooks. Undefined means not read yet: every directory counts. */
  readonly hookDirectories?: ReadonlySet<HookDirectory>;
}
