/** Links, their addresses, routes and rules, and the history of a link's state. */
import type { EventRow } from './records.ts';
import type { RoutingLink } from './routing.ts';
import type { FamilyName, OperationalState, Time } from './vocabulary.ts';

/** An address as `GET /api/v1/interfaces` lists it. */
export interface LinkAddress {
  readonly ip: string;
  readonly prefix: number;
  readonly family: FamilyName;
  /** `global`, `link`, `host`, `site`, or a number. */
  readonly scope: string;
}

/** One element of `GET /api/v1/interfaces`. The keys up to `flags` are the documented ones. */
export interface Interface {
  readonly name: string;
  readonly index: number;
  readonly state: OperationalState;
  /** `ether`, `loopback`, `wlan`, `wwan`, `bridge`, `bond`, `vlan`, `veth` … */
  readonly type: string;
  readonly mac_address: string | null;
  readonly mtu: number | null;
  readonly addresses: readonly LinkAddress[];
  readonly flags: readonly string[];
  /**
   * The manager's administrative or device state: `configured`, `activated` …; `null` if no manager owns it.
   */
  readonly setup: string | null;
  /** `kernel` if no manager owns it. */
  readonly owner: string;
  /** Name of the bridge, bond or VRF that it is a port of. */
  readonly master: string | null;
  readonly driver: string | null;
  /** Of the best default route by this link, IPv4 first. */
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  /** When it reached `state`; `null` if the history does not reach back so far. */
  readonly since: Time | null;
  /** Whether the configuration selects it: hooks, history and problems cover only watched links. */
  readonly watched: boolean;
}

/** `GET /api/v1/interfaces`; `?state=`, `?type=`, `?watched=true|false`. */
export interface InterfacesAnswer {
  readonly interfaces: readonly Interface[];
  readonly count: number;
}

export interface DetailedAddress extends LinkAddress {
  readonly broadcast: string | null;
  readonly peer: string | null;
  readonly label: string | null;
  /** `permanent`, `deprecated`, `tentative`, `dadfailed`, `temporary` … */
  readonly flags: readonly string[];
  /** `null`: no end. */
  readonly preferred_until: Time | null;
  readonly valid_until: Time | null;
}

/** A DHCP lease. Without identifiers (client id, DUID, server) if the caller may not see secrets. */
export interface LinkLease {
  readonly source: string;
  readonly family: FamilyName;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  readonly hostname: string | null;
  /** `null`: no end. */
  readonly expires_at: Time | null;
}

/** Flap damping of a link. It is counted also while `damping.enabled` is false. */
export interface LinkDamping {
  /** Each loss of carrier adds 1000; it halves every `damping.half_life_sec`. */
  readonly penalty: number;
  /** Losses of carrier since netevd started. */
  readonly losses: number;
  /** Whether the hooks of the link wait. */
  readonly damped: boolean;
  /** How long they wait if the link loses its carrier no more; `null` if they do not. */
  readonly remaining_ms: number | null;
}

/** `GET /api/v1/interfaces/{name}`. */
export interface InterfaceDetails extends Omit<Interface, 'addresses'> {
  readonly addresses: readonly DetailedAddress[];
  readonly routes: readonly Route[];
  readonly dns_servers: readonly string[];
  /** `rx_bytes`, `tx_bytes`, `rx_errors` …: every counter of `struct rtnl_link_stats64`. */
  readonly statistics: Readonly<Record<string, number>>;
  /** The manager's configuration file of the link: `/etc/systemd/network/10-wan.network`. */
  readonly network_file: string | null;
  readonly leases: readonly LinkLease[];
  readonly damping: LinkDamping;
  /** `null` if policy routing does not include the link. */
  readonly policy_routing: RoutingLink | null;
  /** Newest first, at most 10. */
  readonly last_events: readonly EventRow[];
}

/** One element of `GET /api/v1/routes`. A multipath route has one element per next hop. */
export interface Route {
  /** With prefix length; `default` for the whole address space. */
  readonly destination: string;
  readonly gateway: string | null;
  readonly interface: string | null;
  readonly metric: number;
  readonly table: number;
  /** `main`, `local`, `default`, a name of rt_tables, else the number. */
  readonly table_name: string;
  readonly family: FamilyName;
  readonly protocol: string;
  readonly scope: string;
  readonly type: string;
  readonly source: string | null;
}

/**
 * `GET /api/v1/routes`; `?interface=`, `?table=`, `?family=`, `?limit=` (1 000), `?after=` with the last
 * `next`.
 */
export interface RoutesAnswer {
  readonly routes: readonly Route[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next: string | null;
}

/** One element of `GET /api/v1/rules`. */
export interface Rule {
  readonly priority: number;
  /** With prefix length, or `all`. */
  readonly from: string;
  readonly to: string;
  readonly table: number;
  readonly action: string;
  /** Input interface. */
  readonly interface: string | null;
  readonly family: FamilyName;
  readonly owner: 'netevd' | 'other';
  /** The creator: `kernel`, `boot`, `static`, `dhcp`, or a number. */
  readonly protocol: string;
  /** The whole rule in the syntax of ip-rule(8). */
  readonly text: string;
}

/** `GET /api/v1/rules`. */
export interface RulesAnswer {
  readonly rules: readonly Rule[];
  readonly count: number;
}

/** The link is in `state` from `at` to the next segment. `unknown`: no daemon was running. */
export interface TimelineSegment {
  readonly at: Time;
  readonly state: OperationalState | 'unknown';
}

export interface LinkTimeline {
  readonly name: string;
  readonly index: number;
  /**
   * Oldest first; the first one begins at `since` of the answer or when the link appeared. At most 200, the
   * newest.
   */
  readonly segments: readonly TimelineSegment[];
  /** Carrier losses in the period. */
  readonly flaps: number;
}

/**
 * `GET /api/v1/timeline?hours=24` (1 to 168): the operational states of the watched links, from the history.
 * `since` is later than requested if the history is shorter.
 */
export interface TimelineAnswer {
  readonly since: Time;
  readonly until: Time;
  readonly links: readonly LinkTimeline[];
}
