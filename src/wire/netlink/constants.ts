/**
 * Numbers of the netlink and rtnetlink interface that this codec uses, from the kernel's uapi headers. Each
 * table names its header; released values never change.
 */

/** `AF_*` and `RTNL_FAMILY_*`: include/linux/socket.h, linux/rtnetlink.h. */
export const AddressFamily = {
  unspec: 0,
  inet: 2,
  bridge: 7,
  inet6: 10,
} as const;

/** `NLMSG_*` control types of linux/netlink.h and `RTM_*` of linux/rtnetlink.h. */
export const MessageType = {
  noop: 1,
  error: 2,
  done: 3,
  overrun: 4,
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newAddress: 20,
  delAddress: 21,
  getAddress: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
  newRule: 32,
  delRule: 33,
  getRule: 34,
  newNextHop: 104,
  delNextHop: 105,
  getNextHop: 106,
} as const;

/** `NLM_F_*` of linux/netlink.h. The meaning of values above 0xff depends on the kind of message. */
export const HeaderFlag = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dumpInterrupted: 0x10,
  /** In GET requests: root | match, i.e. all objects. */
  dump: 0x300,
  /** In NEW requests, and in the kernel's notifications about them. */
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
  /** In NLMSG_ERROR: the payload of the request is left out. */
  capped: 0x100,
  /** In NLMSG_ERROR and NLMSG_DONE: attributes follow. */
  ackAttributes: 0x200,
} as const;

/** `RTNLGRP_*` of linux/rtnetlink.h, for NETLINK_ADD_MEMBERSHIP. */
export const Group = {
  link: 1,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv4Rule: 8,
  ipv6Address: 9,
  ipv6Route: 11,
  ipv6Rule: 19,
  /**
   * Removing a nexthop object removes or changes its IPv4 routes without a message about them (seen on 6.18).
   * Routes have its id instead of a gateway if `net.ipv4.nexthop_compat_mode` is 0.
   */
  nextHop: 32,
} as const;

/** Sizes of the structs that start a payload: linux/netlink.h, rtnetlink.h, if_addr.h, fib_rules.h. */
export const StructSize = {
  /** nlmsghdr */
  header: 16,
  /** nlattr, rtattr */
  attribute: 4,
  /** ifinfomsg */
  link: 16,
  /** ifaddrmsg */
  address: 8,
  /** rtmsg */
  route: 12,
  /** rtnexthop */
  nextHop: 8,
  /** nhmsg of linux/nexthop.h */
  nextHopObject: 8,
  /** fib_rule_hdr */
  rule: 12,
  /** `rtnl_link_stats64` up to tx_compressed: every kernel since 2.6.35 has it. */
  linkStatistics: 184,
  /** ifa_cacheinfo */
  addressLifetimes: 16,
} as const;

/** `IFLA_*` of linux/if_link.h. */
export const LinkAttribute = {
  address: 1,
  broadcast: 2,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  wireless: 11,
  txQueueLength: 13,
  operStatus: 16,
  linkInfo: 18,
  alias: 20,
  statistics64: 23,
  group: 27,
  extMask: 29,
  promiscuity: 30,
  numTxQueues: 31,
  numRxQueues: 32,
  linkNamespaceId: 37,
  gsoMaxSegs: 40,
  gsoMaxSize: 41,
  newNamespaceId: 45,
  propertyList: 52,
  altName: 53,
  permanentAddress: 54,
} as const;

/** `IFLA_INFO_*` of linux/if_link.h, within linkInfo. */
export const LinkInfoAttribute = { kind: 1 } as const;

/** `IFA_*` of linux/if_addr.h. */
export const AddressAttribute = {
  address: 1,
  local: 2,
  label: 3,
  broadcast: 4,
  cacheInfo: 6,
  flags: 8,
} as const;

/** `RTA_*` of linux/rtnetlink.h. */
export const RouteAttribute = {
  destination: 1,
  source: 2,
  outputInterface: 4,
  gateway: 5,
  priority: 6,
  preferredSource: 7,
  metrics: 8,
  multipath: 9,
  table: 15,
  via: 18,
  preference: 20,
  nextHopId: 30,
} as const;

/** `NHA_*` of linux/nexthop.h. */
export const NextHopAttribute = {
  id: 1,
  group: 2,
  blackhole: 4,
  outputInterface: 5,
  gateway: 6,
} as const;

/** The `RTAX_*` of linux/rtnetlink.h that are not 32-bit numbers. */
export const RouteMetric = { congestionControl: 16 } as const;

/** `FRA_*` of linux/fib_rules.h. */
export const RuleAttribute = {
  destination: 1,
  source: 2,
  inputInterface: 3,
  goto: 4,
  priority: 6,
  firewallMark: 10,
  tunnelId: 12,
  suppressInterfaceGroup: 13,
  suppressPrefixLength: 14,
  table: 15,
  firewallMask: 16,
  outputInterface: 17,
  padding: 18,
  l3mdev: 19,
  uidRange: 20,
  protocol: 21,
  ipProtocol: 22,
  sourcePorts: 23,
  destinationPorts: 24,
} as const;

/** `NLMSGERR_ATTR_*` of linux/netlink.h. */
export const ErrorAttribute = { message: 1, offset: 2, missingType: 5 } as const;

/** The bits of an attribute's type that contain its number: `NLA_TYPE_MASK` of linux/netlink.h. */
export const attributeTypeMask = 0x3fff;
