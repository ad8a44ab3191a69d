/** Formats rules and routes like ip-rule(8) and ip-route(8). */
import { familyOf, maxPrefixLength } from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import {
  type NextHop,
  ReservedTable,
  RouteFlag,
  type RouteObject,
  RouteProtocol,
  RouteType,
  RuleAction,
  type RuleObject,
} from '../../model/kernel-objects.ts';
import { NETEVD_PROTOCOL } from '../../model/routing-identity.ts';

/** Returns the current name of a link, or `if` and its index. */
export type LinkNameOf = (index: IfIndex) => string;

const tableNames: ReadonlyMap<number, string> = new Map([
  [ReservedTable.default, 'default'],
  [ReservedTable.main, 'main'],
  [ReservedTable.local, 'local'],
]);

export const describeTable = (table: TableId): string => tableNames.get(table) ?? String(table);

const protocolNames: ReadonlyMap<number, string> = new Map([
  [RouteProtocol.redirect, 'redirect'],
  [RouteProtocol.kernel, 'kernel'],
  [RouteProtocol.boot, 'boot'],
  [RouteProtocol.static, 'static'],
  [RouteProtocol.ra, 'ra'],
  [RouteProtocol.dhcp, 'dhcp'],
  [NETEVD_PROTOCOL, 'netevd'],
]);

export const describeProtocol = (protocol: number): string => protocolNames.get(protocol) ?? String(protocol);

const typeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(RouteType).map(([name, type]) => [type, name]),
);

const actionNames: ReadonlyMap<number, string> = new Map([
  [RuleAction.nop, 'nop'],
  [RuleAction.blackhole, 'blackhole'],
  [RuleAction.unreachable, 'unreachable'],
  [RuleAction.prohibit, 'prohibit'],
]);

const number = (value: number): string => `0x${value.toString(16)}`;
const range = ([from, to]: readonly [number, number]): string => (from === to ? `${from}` : `${from}-${to}`);

/** Formats a prefix; leaves out the length of a single address. */
function describePrefix(prefix: { readonly address: string; readonly length: number }): string {
  const whole = maxPrefixLength(prefix.address.includes(':') ? 6 : 4);
  return prefix.length === whole ? prefix.address : `${prefix.address}/${prefix.length}`;
}

/** Formats a rule as `ip rule` shows it after the priority, without `proto`. */
export function describeRule(rule: RuleObject): string {
  const parts = [
    (rule.flags & invertFlag) === 0 ? '' : 'not',
    `from ${rule.source === undefined ? 'all' : describePrefix(rule.source)}`,
    rule.destination === undefined ? '' : `to ${describePrefix(rule.destination)}`,
    rule.tos === 0 ? '' : `tos ${number(rule.tos)}`,
    describeMark(rule),
    rule.inputInterface === undefined ? '' : `iif ${rule.inputInterface}`,
    rule.outputInterface === undefined ? '' : `oif ${rule.outputInterface}`,
    rule.uidRange === undefined ? '' : `uidrange ${rule.uidRange.join('-')}`,
    rule.ipProtocol === undefined ? '' : `ipproto ${rule.ipProtocol}`,
    rule.sourcePorts === undefined ? '' : `sport ${range(rule.sourcePorts)}`,
    rule.destinationPorts === undefined ? '' : `dport ${range(rule.destinationPorts)}`,
    describeAction(rule),
    rule.suppressPrefixLength === undefined ? '' : `suppress_prefixlength ${rule.suppressPrefixLength}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** `FIB_RULE_INVERT` of linux/fib_rules.h. */
const invertFlag = 2;

function describeMark({ firewallMark, firewallMask }: RuleObject): string {
  if (firewallMark === undefined) return '';
  const mask = firewallMask === undefined || firewallMask === 0xffff_ffff ? '' : `/${number(firewallMask)}`;
  return `fwmark ${number(firewallMark)}${mask}`;
}

function describeAction(rule: RuleObject): string {
  if (rule.l3mdev === true) return 'lookup [l3mdev-table]';
  if (rule.action === RuleAction.toTable) return `lookup ${describeTable(rule.table)}`;
  if (rule.action === RuleAction.goto) return `goto ${rule.gotoTarget ?? 0}`;
  return actionNames.get(rule.action) ?? `action ${rule.action}`;
}

/** Formats a route as `ip route show table T` shows it, without the table. */
export function describeRoute(route: RouteObject, nameOf: LinkNameOf): string {
  const destination =
    route.prefixLength === 0
      ? 'default'
      : describePrefix({ address: route.destination, length: route.prefixLength });
  const [only, ...others] = route.nextHops;
  const hops =
    others.length === 0
      ? [only === undefined ? '' : describeHop(only, route, nameOf)]
      : route.nextHops.map((hop) => `nexthop ${describeHop(hop, route, nameOf)} weight ${hop.weight}`);
  const parts = [
    route.type === RouteType.unicast ? '' : (typeNames.get(route.type) ?? `type ${route.type}`),
    destination,
    route.source === undefined ? '' : `from ${route.source}/${route.sourceLength}`,
    route.tos === 0 ? '' : `tos ${number(route.tos)}`,
    ...(others.length === 0 ? hops : []),
    route.preferredSource === undefined ? '' : `src ${route.preferredSource}`,
    route.priority === 0 ? '' : `metric ${route.priority}`,
    ...(others.length === 0 ? [] : hops),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function describeHop(hop: NextHop, route: RouteObject, nameOf: LinkNameOf): string {
  const parts: string[] = [];
  if (hop.gateway !== undefined) {
    const other = familyOf(hop.gateway) !== route.family;
    parts.push(
      other ? `via inet${familyOf(hop.gateway) === 6 ? '6' : ''} ${hop.gateway}` : `via ${hop.gateway}`,
    );
  }
  if (hop.ifindex !== 0) parts.push(`dev ${nameOf(hop.ifindex as IfIndex)}`);
  if ((hop.flags & RouteFlag.onlink) !== 0) parts.push('onlink');
  return parts.join(' ');
}
