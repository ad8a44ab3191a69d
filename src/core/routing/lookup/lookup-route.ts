/**
 * Which rule and which route decide about a packet: the kernel's own walk (fib_rules_lookup of net/core/fib_rules.c,
 * fib_table_lookup of net/ipv4/fib_trie.c, fib6_table_lookup of net/ipv6/route.c), over rules and routes as they were read.
 */
import { familyOf } from '../../model/address.ts';
import type { TableId } from '../../model/ids.ts';
import {
  type NextHop,
  RouteFlag,
  type RouteObject,
  RouteType,
  RuleAction,
  type RuleObject,
} from '../../model/kernel-objects.ts';
import type { Flow, LookupInput } from './lookup-input.ts';
import { lookupTable } from './lookup-table.ts';
import { mismatchOf } from './rule-match.ts';

/** What became of one rule. */
export type LookupStep =
  /** A selector does not fit; `reason` says which. */
  | { readonly kind: 'noMatch'; readonly rule: RuleObject; readonly reason: string }
  /** The table knows nothing better, so the next rule is asked. */
  | { readonly kind: 'noRoute'; readonly rule: RuleObject }
  /** The route is too general for this rule. */
  | { readonly kind: 'suppressed'; readonly rule: RuleObject; readonly route: RouteObject }
  /** A `throw` route: the next rule is asked. */
  | { readonly kind: 'thrown'; readonly rule: RuleObject; readonly route: RouteObject }
  /** `goto` or `nop`. */
  | { readonly kind: 'passed'; readonly rule: RuleObject }
  | { readonly kind: 'decides'; readonly rule: RuleObject; readonly route?: RouteObject };

export type LookupVerdict =
  /** One of `ways` is taken, by a hash of the packet where there are several. */
  | {
      readonly kind: 'routed';
      readonly route: RouteObject;
      readonly table: TableId;
      readonly ways: readonly NextHop[];
    }
  /** For this machine itself, a broadcast or a multicast group. */
  | { readonly kind: 'delivered'; readonly route: RouteObject; readonly table: TableId }
  /** `code`: the errno that the sender would see. */
  | { readonly kind: 'rejected'; readonly code: RejectCode; readonly route?: RouteObject }
  /** No rule led to a route. */
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

/** Pure. Neighbours are not looked at: IPv6 may pass over a router that does not answer. */
export function lookupRoute(flow: Flow, world: LookupInput): LookupResult {
  const family = familyOf(flow.destination);
  const rules = world.rules
    .filter((rule) => rule.family === family)
    .toSorted((a, b) => a.priority - b.priority);
  const steps: LookupStep[] = [];
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at];
    if (rule === undefined) break;
    const step = askRule(rule, flow, world);
    steps.push(step);
    if (step.kind === 'decides') return { steps, verdict: verdictOf(step.rule, step.route) };
    if (step.kind === 'passed' && rule.action === RuleAction.goto) {
      const target = rules.findIndex((other) => other.priority === rule.gotoTarget);
      // A target that is not there, or not behind, makes the rule one that does nothing.
      if (target > at) at = target - 1;
    }
  }
  return { steps, verdict: { kind: 'unreachable' } };
}

function askRule(rule: RuleObject, flow: Flow, world: LookupInput): LookupStep {
  const reason = mismatchOf(rule, flow, world);
  if (reason !== undefined) return { kind: 'noMatch', rule, reason };
  if (rule.action === RuleAction.goto || rule.action === RuleAction.nop) return { kind: 'passed', rule };
  if (rule.action !== RuleAction.toTable) return { kind: 'decides', rule };
  const route = lookupTable(rule.table, flow, world.routes);
  if (route === undefined) return { kind: 'noRoute', rule };
  if (route.type === RouteType.throw) return { kind: 'thrown', rule, route };
  if (isSuppressed(rule, route, world)) return { kind: 'suppressed', rule, route };
  return { kind: 'decides', rule, route };
}

/** A route that rejects is never too general (fib4_rule_suppress is asked for successes alone). */
function isSuppressed(rule: RuleObject, route: RouteObject, world: LookupInput): boolean {
  if (routeErrors.has(route.type)) return false;
  const { suppressPrefixLength, suppressInterfaceGroup } = rule;
  if (suppressPrefixLength !== undefined && route.prefixLength <= suppressPrefixLength) return true;
  if (suppressInterfaceGroup === undefined) return false;
  const index = route.nextHops[0]?.ifindex;
  return world.links.find((link) => link.index === index)?.group === suppressInterfaceGroup;
}

function verdictOf(rule: RuleObject, route: RouteObject | undefined): LookupVerdict {
  if (route === undefined) {
    return { kind: 'rejected', code: ruleErrors.get(rule.action) ?? 'EINVAL' };
  }
  const code = routeErrors.get(route.type);
  if (code !== undefined) return { kind: 'rejected', code, route };
  const { table } = route;
  if (route.type !== RouteType.unicast) return { kind: 'delivered', route, table };
  return { kind: 'routed', route, table, ways: route.nextHops.filter(isAlive) };
}

const isAlive = (hop: NextHop): boolean => (hop.flags & RouteFlag.dead) === 0;
