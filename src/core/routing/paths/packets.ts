/**
 * The packets that stand for everything that an address sends to the outside: one for each class that rules and
 * routes distinguish, instead of one for each of the 2^32 destinations.
 *
 * "Outside" is what a default route is for: a destination to which no route or rule of /8 (IPv6: /5) or longer leads.
 * Only (parts of) default routes distinguish such destinations, so one address of each /7 (IPv6: /4) stands for all.
 * Packets have no mark and no type of service: who marks packets wants them to go elsewhere.
 */
import { contains, type Family, type IpAddress, type Prefix } from '../../model/address.ts';
import { isDefaultPart, longestDefaultPart } from '../../model/default-part.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import type { Flow } from '../lookup/lookup-input.ts';

/** A packet without its source. */
export type OutsidePacket = Omit<Flow, 'source'>;

const protocols: Readonly<Record<Family, readonly number[]>> = { 4: [6, 17, 1], 6: [6, 17, 58] };
/** A port that belongs to no service: of the range that clients use (RFC 6335). */
const ephemeralPort = 50_000;
/** The kernel's own answers are root's; servers run as some user. */
const users = [0, 65_534] as const;

/** One unicast address of each /7: 0.0.0.0/7 to 222.0.0.0/7. */
const ipv4Blocks: readonly IpAddress[] = Array.from(
  { length: 112 },
  (_, i) => `${i === 63 ? 126 : 2 * i + 1}.2.3.4` as IpAddress,
);
/** One unicast address of each /4: ::/4 (which has NAT64, 64:ff9b::/96) to e000::/4. */
const ipv6Blocks: readonly IpAddress[] = Array.from(
  { length: 15 },
  (_, i) => (i === 0 ? '64:ff9b::1' : `${i.toString(16)}001::1`) as IpAddress,
);
const blocks = { 4: ipv4Blocks, 6: ipv6Blocks } as const;

/** Returns the classes of packets that `rules` and `routes` of one family distinguish. */
export function outsidePackets(
  family: Family,
  rules: readonly RuleObject[],
  routes: readonly RouteObject[],
): readonly OutsidePacket[] {
  const destinations = destinationClasses(family, rules, routes);
  const isAboutProtocol = rules.some(
    (rule) =>
      rule.ipProtocol !== undefined || rule.sourcePorts !== undefined || rule.destinationPorts !== undefined,
  );
  const isAboutUser = rules.some((rule) => rule.uidRange !== undefined);
  return destinations.flatMap((destination) =>
    (isAboutProtocol ? protocols[family] : protocols[family].slice(0, 1)).flatMap((ipProtocol) =>
      (isAboutUser ? users : users.slice(0, 1)).map((uid) => packetOf(destination, ipProtocol, uid)),
    ),
  );
}

function packetOf(destination: IpAddress, ipProtocol: number, uid: number): OutsidePacket {
  const ports = ipProtocol === 6 || ipProtocol === 17;
  return {
    destination,
    mark: 0,
    tos: 0,
    uid,
    ipProtocol,
    ...(ports ? { sourcePort: ephemeralPort, destinationPort: ephemeralPort } : {}),
  };
}

/** Returns one destination for each set of parts that contain it. */
function destinationClasses(
  family: Family,
  rules: readonly RuleObject[],
  routes: readonly RouteObject[],
): readonly IpAddress[] {
  const parts = new Map<string, Prefix>();
  const add = (prefix: Prefix): unknown => parts.set(`${prefix.address}/${prefix.length}`, prefix);
  for (const { destination } of rules) {
    if (destination !== undefined && destination.length <= longestDefaultPart[family]) add(destination);
  }
  for (const route of routes) {
    if (isDefaultPart(route)) add({ address: route.destination, length: route.prefixLength });
  }
  const distinguishing = [...parts.values()].filter(({ length }) => length > 0);
  const classes = new Map<string, IpAddress>();
  for (const address of blocks[family]) {
    const key = distinguishing.map((part) => (contains(part, address) ? '1' : '0')).join('');
    if (!classes.has(key)) classes.set(key, address);
  }
  return [...classes.values()];
}

/** `FIB_RULE_INVERT` of linux/fib_rules.h. */
const invertFlag = 2;

/**
 * Returns the rule as packets to the outside meet it; undefined if it is about other destinations. An inverted rule
 * about a destination that is not outside matches every such packet.
 */
export function ruleForOutside(rule: RuleObject): RuleObject | undefined {
  const { destination } = rule;
  if (destination === undefined || destination.length <= longestDefaultPart[rule.family]) return rule;
  if ((rule.flags & invertFlag) === 0) return undefined;
  return {
    family: rule.family,
    priority: rule.priority,
    table: rule.table,
    action: rule.action,
    protocol: rule.protocol,
    tos: 0,
    flags: rule.flags & ~invertFlag,
    ...(rule.gotoTarget === undefined ? {} : { gotoTarget: rule.gotoTarget }),
    ...(rule.suppressPrefixLength === undefined ? {} : { suppressPrefixLength: rule.suppressPrefixLength }),
    ...(rule.suppressInterfaceGroup === undefined
      ? {}
      : { suppressInterfaceGroup: rule.suppressInterfaceGroup }),
  };
}
