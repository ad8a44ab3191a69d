/** Links, their addresses, routes and rules, and how a link's state went over the last day. */
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

/** Flap damping of a link (RFC 2439): counted also where `damping.enabled` is false. */
export interface Damping {
  /** 1000 for each loss of carrier, halved each `damping.half_life_sec`. */
  readonly penalty: number;
  /** Its hooks wait now. */
  readonly suppressed: boolean;
  /** Losses of carrier in the last 24 hours. */
  readonly flaps_24h: number;
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
  /** The manager's administrative or device state: `configured`, `activated` …; `null` where nobody manages it. */
  readonly setup: string | null;
  /** `kernel` where no manager owns it. */
  readonly owner: string;
  /** Name of the bridge, bond or VRF that it is a port of. */
  readonly master: string | null;
  readonly driver: string | null;
  /** Of the best default route by this link, IPv4 first. */
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  /** When it reached `state`; `null` where that was before anybody watched. */
  readonly since: Time | null;
  /** Whether the configuration selects it: hooks, history and problems are about watched links alone. */
  readonly watched: boolean;
  readonly damping: Damping;
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
  /** `null`: for ever. */
  readonly preferred_until: Time | null;
  readonly valid_until: Time | null;
}

/** A DHCP lease. Identifiers (client id, DUID, server) are left out where the caller may not see secrets. */
export interface Lease {
  readonly source: string;
  readonly family: FamilyName;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  readonly hostname: string | null;
  /** `null`: never. */
  readonly expires_at: Time | null;
}

/** `GET /api/v1/interfaces/{name}`. */
export interface InterfaceDetails extends Omit<Interface, 'addresses'> {
  readonly addresses: readonly DetailedAddress[];
  readonly routes: readonly Route[];
  readonly dns_servers: readonly string[];
  /** `rx_bytes`, `tx_bytes`, `rx_errors` …: every counter of `struct rtnl_link_stats64`. */
  readonly statistics: Readonly<Record<string, number>>;
  /** The manager's file for it: `/etc/systemd/network/10-wan.network`. */
  readonly network_file: string | null;
  readonly leases: readonly Lease[];
  /** `null` where it is no policy routing link. */
  readonly policy_routing: RoutingLink | null;
  /** Newest first, at most 10. */
  readonly last_events: readonly EventRow[];
}

/** One element of `GET /api/v1/routes`. A multipath route is one element for each of its ways. */
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

/** `GET /api/v1/routes`; `?interface=`, `?table=`, `?family=`, `?limit=` (1 000), `?after=` with the last `next`. */
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
  /** Who made it: `kernel`, `boot`, `static`, `dhcp`, or a number. */
  readonly protocol: string;
  /** The whole rule in iproute2's words. */
  readonly text: string;
}

/** `GET /api/v1/rules`. */
export interface RulesAnswer {
  readonly rules: readonly Rule[];
  readonly count: number;
}

/** From `at` on the link was in `state`, until the next one. `unknown`: no daemon was running. */
export interface TimelineSegment {
  readonly at: Time;
  readonly state: OperationalState | 'unknown';
}

export interface LinkTimeline {
  readonly name: string;
  readonly index: number;
  /** Oldest first; the first one begins at `since` of the answer or when the link came. At most 200, the newest. */
  readonly segments: readonly TimelineSegment[];
  /** Losses of carrier in the period. */
  readonly flaps: number;
}

/**
 * `GET /api/v1/timeline?hours=24` (1 to 168): the operational states of the watched links, from the history.
 * `since` is later than asked for where the history is younger.
 */
export interface TimelineAnswer {
  readonly since: Time;
  readonly until: Time;
  readonly links: readonly LinkTimeline[];
}
