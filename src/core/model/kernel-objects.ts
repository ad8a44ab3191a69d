/**
 * Objects of the kernel: links, addresses, routes and rules, decoded from rtnetlink(7) without
 * interpretation. Numbers are the kernel's (linux/if.h, if_link.h, if_addr.h, rtnetlink.h, fib_rules.h).
 */
import type { Family, IpAddress } from './address.ts';
import type { IfIndex, TableId } from './ids.ts';

/** The `IFF_*` of linux/if.h that netevd reads. */
export const LinkFlag = {
  up: 0x1,
  broadcast: 0x2,
  loopback: 0x8,
  pointToPoint: 0x10,
  running: 0x40,
  noArp: 0x80,
  promisc: 0x100,
  allMulti: 0x200,
  multicast: 0x1000,
  lowerUp: 0x10000,
  dormant: 0x20000,
} as const;

/** `IF_OPER_*` of linux/if.h (RFC 2863 ifOperStatus). */
export const OperStatus = {
  unknown: 0,
  notPresent: 1,
  down: 2,
  lowerLayerDown: 3,
  testing: 4,
  dormant: 5,
  up: 6,
} as const;

/** `IFA_F_*` of linux/if_addr.h. */
export const AddressFlag = {
  /** IPv6: a privacy address of RFC 8981; IPv4: a secondary address. */
  temporaryOrSecondary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadFailed: 0x08,
  homeAddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  manageTemporary: 0x100,
  noPrefixRoute: 0x200,
  multicastAutoJoin: 0x400,
  stablePrivacy: 0x800,
} as const;

/** `RT_SCOPE_*` of linux/rtnetlink.h; smaller numbers reach farther. */
export const Scope = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;

/** `RTN_*` of linux/rtnetlink.h. */
export const RouteType = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
} as const;

/** The `RTPROT_*` of linux/rtnetlink.h that netevd reads. */
export const RouteProtocol = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  ra: 9,
  dhcp: 16,
} as const;

/** `RTM_F_*` and `RTNH_F_*` of linux/rtnetlink.h. */
export const RouteFlag = { cloned: 0x200, dead: 0x1, onlink: 0x4, linkdown: 0x10 } as const;

/** `FR_ACT_*` of linux/fib_rules.h. */
export const RuleAction = {
  toTable: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
} as const;

/** `RT_TABLE_*` of linux/rtnetlink.h. */
export const ReservedTable = { unspec: 0, compat: 252, default: 253, main: 254, local: 255 } as const;

/** `struct rtnl_link_stats64`: the counters of every link. Exact up to 2^53. */
export interface LinkStatistics {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
  readonly multicast: number;
  readonly collisions: number;
  readonly rxLengthErrors: number;
  readonly rxOverErrors: number;
  readonly rxCrcErrors: number;
  readonly rxFrameErrors: number;
  readonly rxFifoErrors: number;
  readonly rxMissedErrors: number;
  readonly txAbortedErrors: number;
  readonly txCarrierErrors: number;
  readonly txFifoErrors: number;
  readonly txHeartbeatErrors: number;
  readonly txWindowErrors: number;
  readonly rxCompressed: number;
  readonly txCompressed: number;
}

/** One network interface: `RTM_NEWLINK`. Absent attributes are absent keys. */
export interface LinkObject {
  readonly index: IfIndex;
  /**
   * `IFLA_IFNAME`; any byte but `/`, NUL and white space, 1 to 15 bytes; not UTF-8 where the kernel's is not.
   */
  readonly name: string;
  readonly altNames: readonly string[];
  /** `ARPHRD_*` of linux/if_arp.h: 1 ether, 772 loopback, 65534 none … */
  readonly hardwareType: number;
  /** `IFLA_ADDRESS`, lower-case hex joined by colons; '' where the link has none. */
  readonly hardwareAddress: string;
  readonly broadcastAddress: string;
  readonly permanentAddress?: string;
  /** `ifi_flags`, see LinkFlag. */
  readonly flags: number;
  readonly mtu: number;
  readonly txQueueLength: number;
  /** `IFLA_OPERSTATE`, see OperStatus. */
  readonly operStatus: number;
  /** `IFLA_MASTER`: the bridge, bond or VRF that has the link as a port. */
  readonly master?: IfIndex;
  /** `IFLA_LINK`: the lower device or the peer. */
  readonly lower?: IfIndex;
  /** `IFLA_LINK_NETNSID`: the namespace of `lower`, if it is another one. */
  readonly lowerNamespaceId?: number;
  /** `IFLA_INFO_KIND`: veth, bridge, vlan …; absent for hardware. */
  readonly kind?: string;
  readonly alias?: string;
  readonly group: number;
  readonly promiscuity: number;
  readonly numTxQueues: number;
  readonly numRxQueues: number;
  readonly gsoMaxSize: number;
  readonly gsoMaxSegs: number;
  readonly statistics?: LinkStatistics;
}

/** One address of a link: `RTM_NEWADDR`. */
export interface AddressObject {
  readonly ifindex: IfIndex;
  readonly family: Family;
  /** The link's own address: `IFA_LOCAL`, else `IFA_ADDRESS`. */
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** `IFA_ADDRESS` where it differs from the own address: the other end of a point-to-point link. */
  readonly peer?: IpAddress;
  readonly broadcast?: IpAddress;
  readonly label?: string;
  /** See Scope. */
  readonly scope: number;
  /** `IFA_FLAGS`, see AddressFlag. */
  readonly flags: number;
  /** Seconds; 4294967295 means forever. */
  readonly validLifetime: number;
  readonly preferredLifetime: number;
}

/** One next hop of a route: a `struct rtnexthop`, or the route's own gateway and interface. */
export interface NextHop {
  /** 0 where the route has no output interface. */
  readonly ifindex: IfIndex;
  /** `RTA_GATEWAY`, or `RTA_VIA`, which may be of the other family (RFC 5549). */
  readonly gateway?: IpAddress;
  /** 1 to 256. */
  readonly weight: number;
  /** `RTNH_F_*`. */
  readonly flags: number;
}

/** One nexthop object: `RTM_NEWNEXTHOP` (ip-nexthop(8)). Routes refer to it by its id. */
export type NextHopObject =
  | { readonly kind: 'hop'; readonly id: number; readonly hop: NextHop }
  | { readonly kind: 'group'; readonly id: number; readonly members: readonly NextHopMember[] }
  | { readonly kind: 'blackhole'; readonly id: number };

/** A nexthop object of a group; `weight`: 1 to 65536. */
export interface NextHopMember {
  readonly id: number;
  readonly weight: number;
}

/** One route: `RTM_NEWROUTE`. */
export interface RouteObject {
  readonly family: Family;
  readonly table: TableId;
  readonly destination: IpAddress;
  readonly prefixLength: number;
  /** `RTA_SRC`: IPv6 source routing. */
  readonly source?: IpAddress;
  readonly sourceLength: number;
  readonly tos: number;
  /** See RouteType, RouteProtocol, Scope. */
  readonly type: number;
  readonly protocol: number;
  readonly scope: number;
  /** `rtm_flags`, see RouteFlag. */
  readonly flags: number;
  /** `RTA_PRIORITY`; 0 where absent. */
  readonly priority: number;
  readonly preferredSource?: IpAddress;
  /** One entry for a plain route, several for multipath, none for blackhole and its like. */
  readonly nextHops: readonly NextHop[];
  /** `RTA_NH_ID`. */
  readonly nextHopId?: number;
  /** `RTAX_*` number to value. */
  readonly metrics?: Readonly<Record<number, number>>;
  /** `RTA_PREF` (RFC 4191): 0 medium, 1 high, 3 low. */
  readonly preference?: number;
}

/** One policy rule: `RTM_NEWRULE`. Absent selectors match everything. */
export interface RuleObject {
  readonly family: Family;
  /** `FRA_PRIORITY`; 0 where absent. */
  readonly priority: number;
  readonly source?: Readonly<{ address: IpAddress; length: number }>;
  readonly destination?: Readonly<{ address: IpAddress; length: number }>;
  readonly inputInterface?: string;
  readonly outputInterface?: string;
  readonly table: TableId;
  /** See RuleAction. */
  readonly action: number;
  /** `FRA_PROTOCOL`: the program that added it. */
  readonly protocol: number;
  /** `FRA_SUPPRESS_PREFIXLEN`; absent where it is not set (-1). */
  readonly suppressPrefixLength?: number;
  readonly suppressInterfaceGroup?: number;
  readonly firewallMark?: number;
  readonly firewallMask?: number;
  readonly gotoTarget?: number;
  readonly l3mdev?: boolean;
  readonly tos: number;
  /** `FIB_RULE_*` flags of linux/fib_rules.h: permanent 1, invert 2, unresolved 4 … */
  readonly flags: number;
  readonly ipProtocol?: number;
  readonly sourcePorts?: readonly [number, number];
  readonly destinationPorts?: readonly [number, number];
  readonly uidRange?: readonly [number, number];
  readonly tunnelId?: bigint;
  /**
   * Attributes that netevd does not know, as hex by type: rules that differ only there are different rules.
   */
  readonly unknown?: Readonly<Record<number, string>>;
}
