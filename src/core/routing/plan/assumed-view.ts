/** The view as acknowledgements make it, before the notifications of the kernel have arrived. */
import { routeKey, ruleKey } from '../../model/keys.ts';
import type { Piece } from '../piece.ts';
import { group } from '../view/split-by-owner.ts';
import type { RoutingView } from '../view/view.ts';
import type { RoutingComparison } from './compare.ts';

/** Returns `view` with the rules and routes of netevd that exist by the newest acknowledgements. */
export function assumedView(view: RoutingView, comparison: RoutingComparison): RoutingView {
  if (comparison.assumed.size === 0) return view;
  const pieces: readonly Piece[] = [
    ...[...comparison.wanted.values()]
      .filter(({ key }) => comparison.isPresent(key))
      .map(({ piece }) => piece),
    ...comparison.surplus.map(({ piece }) => piece),
  ];
  const rules = pieces.flatMap((piece) => (piece.kind === 'rule' ? [{ rule: piece.rule, count: 1 }] : []));
  const routes = pieces.flatMap((piece) => (piece.kind === 'route' ? [piece.route] : []));
  return { ...view, ownRules: group(rules, ({ rule }) => ruleKey(rule)), ownRoutes: group(routes, routeKey) };
}
