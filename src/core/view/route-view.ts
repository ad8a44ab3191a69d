/** Routes and rules as JSON. */
import { maxPrefixLength } from '../model/address.ts';
import type { NextHop, RouteObject, RuleObject } from '../model/kernel-objects.ts';
import { ReservedTable, RouteType, RuleAction, Scope } from '../model/kernel-objects.ts';
import { NETEVD_PROTOCOL } from '../model/routing-identity.ts';
import type { State } from '../model/state.ts';
import { describeProtocol, describeRule, type LinkNameOf } from '../routing/report/labels.ts';
import { linkName } from './link-name.ts';
import type { Route, Rule } from './types/links.ts';
import type { FamilyName } from './types/vocabulary.ts';

/** Returns the name of a table that the kernel reserves or netevd uses, else its number. */
export type TableName = (table: number) => string;

/** Names the reserved tables and those of policy routing. */
export function tableNamer(own: ReadonlyMap<number, string>): TableName {
  const reserved: ReadonlyMap<number, string> = new Map([
    [ReservedTable.default, 'default'],
    [ReservedTable.main, 'main'],
    [ReservedTable.local, 'local'],
  ]);
  return (table) => reserved.get(table) ?? own.get(table) ?? String(table);
}

export const familyName = (family: 4 | 6): FamilyName => (family === 4 ? 'ipv4' : 'ipv6');

const routeTypeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(RouteType).map(([name, type]) => [type, name]),
);

const scopeNames: ReadonlyMap<number, string> = new Map([
  [Scope.universe, 'global'],
  [Scope.site, 'site'],
  [Scope.link, 'link'],
  [Scope.host, 'host'],
  [Scope.nowhere, 'nowhere'],
]);

/** Returns the name of a scope in ip(8), else its number. */
export const scopeName = (scope: number): string => scopeNames.get(scope) ?? String(scope);

/** Renders a route as one element per next hop; one element without an interface if it has no next hop. */
export function routeViews(route: RouteObject, nameOf: LinkNameOf, tableName: TableName): readonly Route[] {
  const hops: readonly (NextHop | undefined)[] = route.nextHops.length === 0 ? [undefined] : route.nextHops;
  return hops.map((hop) => ({
    destination: route.prefixLength === 0 ? 'default' : `${route.destination}/${route.prefixLength}`,
    gateway: hop?.gateway ?? null,
    interface: hop === undefined || hop.ifindex === 0 ? null : nameOf(hop.ifindex),
    metric: route.priority,
    table: route.table,
    table_name: tableName(route.table),
    family: familyName(route.family),
    protocol: describeProtocol(route.protocol),
    scope: scopeName(route.scope),
    type: routeTypeNames.get(route.type) ?? String(route.type),
    source: route.preferredSource ?? null,
  }));
}

export interface RouteQuery {
  readonly interface?: string;
  readonly table?: number;
  readonly family?: FamilyName;
}

/**
 * Yields the matching routes in the order of the state. Lazy: the cost depends on how many the caller takes.
 */
export function* selectRouteViews(state: State, query: RouteQuery, tableName: TableName): Generator<Route> {
  const nameOf: LinkNameOf = (index) => linkName(state, index);
  for (const routes of state.kernel.routes.values()) {
    for (const route of routes) {
      if (query.table !== undefined && route.table !== query.table) continue;
      if (query.family !== undefined && familyName(route.family) !== query.family) continue;
      for (const view of routeViews(route, nameOf, tableName)) {
        if (query.interface === undefined || view.interface === query.interface) yield view;
      }
    }
  }
}

const actionNames: ReadonlyMap<number, string> = new Map(
  Object.entries({ ...RuleAction }).map(([name, action]) => [action, name === 'toTable' ? 'lookup' : name]),
);

/** Renders every rule, sorted by family and priority. A rule that the kernel has twice is listed twice. */
export function ruleViews({ kernel }: State): readonly Rule[] {
  const rules = [...kernel.rules.values()].flatMap(({ rule, count }) =>
    Array.from({ length: count }, () => rule),
  );
  rules.sort((a, b) => a.family - b.family || a.priority - b.priority);
  return rules.map(ruleView);
}

const ruleView = (rule: RuleObject): Rule => ({
  priority: rule.priority,
  from: prefixText(rule.source, rule.family),
  to: prefixText(rule.destination, rule.family),
  table: rule.table,
  action: actionNames.get(rule.action) ?? String(rule.action),
  interface: rule.inputInterface ?? null,
  family: familyName(rule.family),
  owner: rule.protocol === NETEVD_PROTOCOL ? 'netevd' : 'other',
  protocol: describeProtocol(rule.protocol),
  text: describeRule(rule),
});

function prefixText(prefix: RuleObject['source'], family: 4 | 6): string {
  if (prefix === undefined) return 'all';
  return prefix.length === maxPrefixLength(family) ? prefix.address : `${prefix.address}/${prefix.length}`;
}
