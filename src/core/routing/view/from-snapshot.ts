/** Makes the routing view of a kernel dump, without a daemon or history. */
import type { KernelSnapshot } from '../../model/fact.ts';
import { generation, type IfIndex } from '../../model/ids.ts';
import type { AddressObject, RuleObject } from '../../model/kernel-objects.ts';
import { routeKey, ruleKey } from '../../model/keys.ts';
import { isOwn, rulePieceKey } from '../piece.ts';
import { isSelectedLink, type RoutingPolicy } from '../policy.ts';
import { group } from './split-by-owner.ts';
import type { GatewayReport, RoutingView, ViewRule } from './view.ts';
import { viewLink } from './view-link.ts';

export function viewOfSnapshot(
  snapshot: Omit<KernelSnapshot, 'drivers'>,
  policy: RoutingPolicy,
  reports: ReadonlyMap<IfIndex, readonly GatewayReport[]>,
): RoutingView {
  const addresses = new Map<IfIndex, AddressObject[]>();
  for (const address of snapshot.addresses) {
    const list = addresses.get(address.ifindex);
    if (list === undefined) addresses.set(address.ifindex, [address]);
    else list.push(address);
  }
  const links = snapshot.links
    .toSorted((a, b) => a.index - b.index)
    .map((link) =>
      viewLink(link, generation(0), addresses.get(link.index) ?? [], isSelectedLink(policy, link)),
    );
  const certain = { rules: true, routes: { 4: true, 6: true } };
  const rules = countRules(snapshot.rules);
  return {
    certain,
    links,
    routes: snapshot.routes.filter((route) => !isOwn(route)),
    ownRoutes: group(snapshot.routes.filter(isOwn), routeKey),
    rules: rules.filter(({ rule }) => !isOwn(rule)),
    ownRules: group(
      rules.filter(({ rule }) => isOwn(rule)),
      ({ rule }) => ruleKey(rule),
    ),
    reports,
  };
}

function countRules(rules: readonly RuleObject[]): readonly ViewRule[] {
  const counted = new Map<string, ViewRule>();
  for (const rule of rules) {
    const key = rulePieceKey(rule);
    const count = (counted.get(key)?.count ?? 0) + 1;
    counted.set(key, { rule, count });
  }
  return [...counted.values()];
}
