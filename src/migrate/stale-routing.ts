/**
 * Finds rules and routes that a predecessor left. network-broker, netevd 0.2.0 for Rust and the later ones put the default
 * route of a link into the table 9999, 200 or 1000 + ifindex, with rules `from ADDRESS` and `to ADDRESS`, all
 * without their own protocol number. They outlive the program and the link.
 */
import { isLoopback } from '../core/model/address.ts';
import type { KernelSnapshot } from '../core/model/fact.ts';
import {
  type RouteObject,
  RouteProtocol,
  RuleAction,
  type RuleObject,
} from '../core/model/kernel-objects.ts';
import type { StaleRouting } from './plan.ts';

interface Maker {
  readonly name: string;
  readonly base: number;
  /** `RTA_PROTOCOL` of its routes: the rtnetlink crate uses static, Go's netlink package boot. */
  readonly routeProtocol: number;
}

const makers: readonly Maker[] = [
  { name: 'netevd 0.2.0 for Rust', base: 200, routeProtocol: RouteProtocol.static },
  { name: 'netevd for Rust', base: 1000, routeProtocol: RouteProtocol.static },
  { name: 'network-broker', base: 9999, routeProtocol: RouteProtocol.boot },
];

/** The highest index that a table number is interpreted as: higher numbers belong to other programs. */
const maxIndex = 999;
/** Numbers 253 to 255, of 200 + index, are the kernel's own tables. */
const maxLowIndex = 52;

/**
 * Recognizes only a pair of rules in the exact form that they made; the rest is uncertain and stays. A person with ip(8) can
 * make the same pair, so nothing is removed without a request.
 */
export function findStaleRouting(snapshot: KernelSnapshot): StaleRouting {
  const removals: StaleRouting['removals'][number][] = [];
  const doubtful: StaleRouting['doubtful'][number][] = [];
  const candidates = snapshot.rules.flatMap((rule) => {
    const maker = makerOf(rule);
    return maker === undefined ? [] : [{ rule, maker }];
  });
  const pairs = pairedKeys(candidates.map(({ rule }) => rule));
  const tables = new Map<number, Maker>();
  for (const { rule, maker } of candidates) {
    const command = ruleCommand(rule);
    if (!pairs.has(keyOf(rule))) {
      doubtful.push({ command, why: `half of a pair of rules like those of ${maker.name}` });
      continue;
    }
    tables.set(rule.table, maker);
    const why = `a rule of ${maker.name}: ${maker.base} + index ${rule.table - maker.base}`;
    removals.push({ effect: { kind: 'removeRule', rule }, command, why });
  }
  for (const route of snapshot.routes) {
    const maker = tables.get(route.table) ?? makers.find((each) => inRange(each, route.table));
    if (maker === undefined || !isDefaultOf(route, maker)) continue;
    const command = routeCommand(route, snapshot);
    if (tables.has(route.table)) {
      const why = `the default route of a table of ${maker.name}`;
      removals.push({ effect: { kind: 'removeRoute', route }, command, why });
    } else doubtful.push({ command, why: `a default route like those of ${maker.name}, without its rules` });
  }
  return { removals, doubtful };
}

const inRange = ({ base }: Maker, table: number): boolean =>
  table > base && table <= base + (base === 200 ? maxLowIndex : maxIndex);

/** `from A lookup T` or `to A lookup T` and nothing else, without a protocol number. */
function makerOf(rule: RuleObject): Maker | undefined {
  const bits = rule.family === 4 ? 32 : 128;
  const ends = [rule.source, rule.destination].filter((end) => end !== undefined && end.length > 0);
  const [end] = ends;
  if (ends.length !== 1 || end === undefined || end.length !== bits || isLoopback(end.address))
    return undefined;
  if (rule.protocol !== RouteProtocol.unspec || rule.action !== RuleAction.toTable || hasMore(rule))
    return undefined;
  return makers.find((maker) => inRange(maker, rule.table));
}

const hasMore = (rule: RuleObject): boolean =>
  [
    rule.inputInterface,
    rule.outputInterface,
    rule.suppressPrefixLength,
    rule.suppressInterfaceGroup,
    rule.firewallMark,
    rule.firewallMask,
    rule.ipProtocol,
    rule.sourcePorts,
    rule.destinationPorts,
    rule.uidRange,
    rule.tunnelId,
    rule.unknown,
  ].some((selector) => selector !== undefined) ||
  rule.tos !== 0 ||
  rule.l3mdev === true;

/** What both rules of a pair have in common. */
const keyOf = (rule: RuleObject): string => `${rule.table} ${endOf(rule)}`;
const isFrom = (rule: RuleObject): boolean => (rule.source?.length ?? 0) > 0;
const endOf = (rule: RuleObject): string =>
  (isFrom(rule) ? rule.source?.address : rule.destination?.address) ?? '';

function pairedKeys(rules: readonly RuleObject[]): ReadonlySet<string> {
  const from = new Set(rules.filter(isFrom).map(keyOf));
  return new Set(
    rules
      .filter((rule) => !isFrom(rule))
      .map(keyOf)
      .filter((key) => from.has(key)),
  );
}

function isDefaultOf(route: RouteObject, { base, routeProtocol }: Maker): boolean {
  const [hop, ...others] = route.nextHops;
  return (
    route.prefixLength === 0 &&
    route.protocol === routeProtocol &&
    hop?.gateway !== undefined &&
    others.length === 0 &&
    hop.ifindex === route.table - base
  );
}

const familyFlag = (family: 4 | 6): string => (family === 6 ? '-6 ' : '');

function ruleCommand(rule: RuleObject): string {
  const way = isFrom(rule) ? 'from' : 'to';
  return `ip ${familyFlag(rule.family)}rule del ${way} ${endOf(rule)} lookup ${rule.table} priority ${rule.priority}`;
}

function routeCommand({ family, table, nextHops, priority }: RouteObject, { links }: KernelSnapshot): string {
  const [hop] = nextHops;
  const link = links.find(({ index }) => index === hop?.ifindex)?.name ?? `if${hop?.ifindex ?? 0}`;
  const metric = priority === 0 ? '' : ` metric ${priority}`;
  return `ip ${familyFlag(family)}route del default via ${hop?.gateway ?? ''} dev ${link} table ${table}${metric}`;
}
