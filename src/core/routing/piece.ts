/**
 * Identity of rules and routes: two objects with the same key are the same to the kernel. Keys of one object are
 * computed once, since objects are immutable and live long.
 */
import { type NextHop, RouteFlag, type RouteObject, type RuleObject } from '../model/kernel-objects.ts';
import { routeKey, ruleKey } from '../model/keys.ts';
import { NETEVD_PROTOCOL } from '../model/routing-identity.ts';

/** A rule or a route. */
export type Piece =
  | { readonly kind: 'rule'; readonly rule: RuleObject }
  | { readonly kind: 'route'; readonly route: RouteObject };

const ruleKeys = new WeakMap<RuleObject, string>();
const routeKeys = new WeakMap<RouteObject, string>();

/** Names a rule or route among all, as the kernel tells them apart. */
export function pieceKey(piece: Piece): string {
  return piece.kind === 'rule' ? rulePieceKey(piece.rule) : routePieceKey(piece.route);
}

/** Everything by which the kernel tells two rules apart, who made them included. */
export function rulePieceKey(rule: RuleObject): string {
  let key = ruleKeys.get(rule);
  if (key === undefined) {
    key = `rule ${ruleKey(rule)}`;
    ruleKeys.set(rule, key);
  }
  return key;
}

/** Everything that netevd sets of a route; not what the kernel finds out about it. */
export function routePieceKey(route: RouteObject): string {
  let key = routeKeys.get(route);
  if (key === undefined) {
    key = `${routeSlot(route)} ${describeWays(route)}`;
    routeKeys.set(route, key);
  }
  return key;
}

/** What a table holds once: the kernel refuses a second route here (NLM_F_EXCL), whoever made the first. */
export const routeSlot = (route: RouteObject): string => `route ${routeKey(route)}`;

/** Whether netevd made it. Nothing else tells, and nothing else is ever removed. */
export const isOwn = (object: { readonly protocol: number }): boolean => object.protocol === NETEVD_PROTOCOL;

function describeWays(route: RouteObject): string {
  const ways = route.nextHops.map(describeHop).join(',');
  const metrics = Object.entries(route.metrics ?? {}).join(';');
  const { type, protocol, scope, preferredSource } = route;
  return `${type} ${protocol} ${scope} ${ways} ${preferredSource ?? ''} ${metrics}`;
}

const describeHop = (hop: NextHop): string =>
  `${hop.ifindex}/${hop.gateway ?? ''}/${hop.weight}/${hop.flags & RouteFlag.onlink}`;
