/**
 * Finds the rule and the route that decide about a packet, like the kernel (fib_rules_lookup of
 * net/core/fib_rules.c, fib_table_lookup of net/ipv4/fib_trie.c, fib6_table_lookup of net/ipv6/route.c), in
 * the rules and routes of a dump.
 */
import { familyOf, type IpAddress, isMulticast } from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import {
  type NextHop,
  RouteFlag,
  type RouteObject,
  RouteType,
  RuleAction,
  type RuleObject,
} from '../../model/kernel-objects.ts';
import type { Flow, LookupInput } from './lookup-input.ts';
import { lookupTable, possibleRoutes } from './lookup-table.ts';
import { mismatchOf } from './rule-match.ts';

/** The result of one rule. */
export type LookupStep =
  /** A selector does not match; `reason` names it. */
  | { readonly kind: 'noMatch'; readonly rule: RuleObject; readonly reason: string }
  /** The table has no route: the next rule applies. */
  | { readonly kind: 'noRoute'; readonly rule: RuleObject }
  /** The route is too general for this rule. */
  | { readonly kind: 'suppressed'; readonly rule: RuleObject; readonly route: RouteObject }
  /** A `throw` route: the next rule applies. */
  | { readonly kind: 'thrown'; readonly rule: RuleObject; readonly route: RouteObject }
  /** `goto` or `nop`. */
  | { readonly kind: 'passed'; readonly rule: RuleObject }
  | { readonly kind: 'decides'; readonly rule: RuleObject; readonly route?: RouteObject };

export type LookupVerdict =
  /** The kernel uses one of `nextHops`, by a hash of the packet if there are several. */
  | {
      readonly kind: 'routed';
      readonly route: RouteObject;
      readonly table: TableId;
      readonly nextHops: readonly NextHop[];
    }
  /** To this machine itself, a broadcast or a multicast group. */
  | { readonly kind: 'delivered'; readonly route: RouteObject; readonly table: TableId }
  /**
   * An IPv4 broadcast to 255.255.255.255 or an IPv4 multicast, about which no rule is asked: it leaves by the link of
   * its source, or has come in by the link.
   */
  | { readonly kind: 'group'; readonly cast: 'broadcast' | 'multicast'; readonly link: IfIndex }
  /** `code`: the errno that the sender gets. */
  | { readonly kind: 'rejected'; readonly code: RejectCode; readonly route?: RouteObject }
  /** No rule leads to a route. */
  | { readonly kind: 'unreachable' };

type RejectCode = 'EHOSTUNREACH' | 'ENETUNREACH' | 'EACCES' | 'EINVAL';

export interface LookupResult {
  readonly steps: readonly LookupStep[];
  readonly verdict: LookupVerdict;
}

/** fib_props of net/ipv4/fib_semantics.c. */
const routeErrors: ReadonlyMap<number, RejectCode> = new Map([
  [RouteType.blackhole, 'EINVAL'],
  [RouteType.unreachable, 'EHOSTUNREACH'],
  [RouteType.prohibit, 'EACCES'],
]);

const ruleErrors: ReadonlyMap<number, RejectCode> = new Map([
  [RuleAction.blackhole, 'EINVAL'],
  [RuleAction.unreachable, 'ENETUNREACH'],
  [RuleAction.prohibit, 'EACCES'],
]);

/** Looks up the route of a packet. Pure. Ignores neighbours: IPv6 may skip a router that does not answer. */
export function lookupRoute(flow: Flow, input: LookupInput): LookupResult {
  const group = groupVerdict(flow, input);
  if (group !== undefined) return { steps: [], verdict: group };
  const family = familyOf(flow.destination);
  const rules = input.rules
    .filter((rule) => rule.family === family)
    .toSorted((a, b) => a.priority - b.priority);
  const steps: LookupStep[] = [];
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at];
    if (rule === undefined) break;
    const step = applyRule(rule, flow, input);
    steps.push(step);
    if (step.kind === 'decides') return { steps, verdict: verdictOf(step.rule, step.route) };
    if (step.kind === 'passed' && rule.action === RuleAction.goto) {
      const target = rules.findIndex((other) => other.priority === rule.gotoTarget);
      // A rule whose target does not exist, or comes earlier, does nothing.
      if (target > at) at = target - 1;
    }
  }
  return { steps, verdict: { kind: 'unreachable' } };
}

/** ip_route_output_key_hash_rcu and ip_route_input_slow of net/ipv4/route.c. */
function groupVerdict(flow: Flow, { links, addresses = [] }: LookupInput): LookupVerdict | undefined {
  const { source, destination, inputInterface } = flow;
  const isMulticastV4 = familyOf(destination) === 4 && isMulticast(destination);
  if (destination !== limitedBroadcast && !isMulticastV4) return undefined;
  const link =
    inputInterface === undefined
      ? addresses.find(({ address }) => address === source)?.ifindex
      : links.find(({ name }) => name === inputInterface)?.index;
  if (link === undefined) return undefined;
  return { kind: 'group', cast: isMulticastV4 ? 'multicast' : 'broadcast', link };
}

/** RFC 919. */
const limitedBroadcast = '255.255.255.255' as IpAddress;

function applyRule(rule: RuleObject, flow: Flow, input: LookupInput): LookupStep {
  return (
    applySelectors(rule, flow, input) ?? applyRoute(rule, lookupTable(rule.table, flow, input.routes), input)
  );
}

/** Returns every result that a rule may have for a packet: more than one if several IPv6 routes are equally good. */
export function possibleSteps(rule: RuleObject, flow: Flow, input: LookupInput): readonly LookupStep[] {
  const step = applySelectors(rule, flow, input);
  if (step !== undefined) return [step];
  const routes = possibleRoutes(rule.table, flow, input.routes);
  return routes.length === 0
    ? [{ kind: 'noRoute', rule }]
    : routes.map((route) => applyRoute(rule, route, input));
}

/** Returns the result of a rule that asks no table for the packet; undefined if it does. */
function applySelectors(rule: RuleObject, flow: Flow, input: LookupInput): LookupStep | undefined {
  const reason = mismatchOf(rule, flow, input);
  if (reason !== undefined) return { kind: 'noMatch', rule, reason };
  if (rule.action === RuleAction.goto || rule.action === RuleAction.nop) return { kind: 'passed', rule };
  return rule.action === RuleAction.toTable ? undefined : { kind: 'decides', rule };
}

function applyRoute(rule: RuleObject, route: RouteObject | undefined, input: LookupInput): LookupStep {
  if (route === undefined) return { kind: 'noRoute', rule };
  if (route.type === RouteType.throw) return { kind: 'thrown', rule, route };
  if (isSuppressed(rule, route, input)) return { kind: 'suppressed', rule, route };
  return { kind: 'decides', rule, route };
}

/**
 * A route that rejects is never too general (the kernel calls fib4_rule_suppress for successful lookups
 * only).
 */
function isSuppressed(rule: RuleObject, route: RouteObject, input: LookupInput): boolean {
  if (routeErrors.has(route.type)) return false;
  const { suppressPrefixLength, suppressInterfaceGroup } = rule;
  if (suppressPrefixLength !== undefined && route.prefixLength <= suppressPrefixLength) return true;
  if (suppressInterfaceGroup === undefined) return false;
  const index = route.nextHops[0]?.ifindex;
  return input.links.find((link) => link.index === index)?.group === suppressInterfaceGroup;
}

function verdictOf(rule: RuleObject, route: RouteObject | undefined): LookupVerdict {
  if (route === undefined) {
    return { kind: 'rejected', code: ruleErrors.get(rule.action) ?? 'EINVAL' };
  }
  const code = routeErrors.get(route.type);
  if (code !== undefined) return { kind: 'rejected', code, route };
  const { table } = route;
  if (route.type !== RouteType.unicast) return { kind: 'delivered', route, table };
  return { kind: 'routed', route, table, nextHops: route.nextHops.filter(isAlive) };
}

const isAlive = (hop: NextHop): boolean => (hop.flags & RouteFlag.dead) === 0;
