/**
 * Identity of rules and routes: the kernel treats two objects with the same key as the same. Each object's
 * key is computed once, because objects are immutable and live long.
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

/** Returns the key of a rule or route. */
export function pieceKey(piece: Piece): string {
  return piece.kind === 'rule' ? rulePieceKey(piece.rule) : routePieceKey(piece.route);
}

/** All attributes that the kernel compares to distinguish rules, including the protocol number. */
export function rulePieceKey(rule: RuleObject): string {
  let key = ruleKeys.get(rule);
  if (key === undefined) {
    key = `rule ${ruleKey(rule)}`;
    ruleKeys.set(rule, key);
  }
  return key;
}

/** Everything that netevd sets in a route, without what the kernel adds. */
export function routePieceKey(route: RouteObject): string {
  let key = routeKeys.get(route);
  if (key === undefined) {
    key = `${routeSlot(route)} ${describeNextHops(route)}`;
    routeKeys.set(route, key);
  }
  return key;
}

/** The place of a route in its table: the kernel refuses a second route with the same slot (NLM_F_EXCL). */
export const routeSlot = (route: RouteObject): string => `route ${routeKey(route)}`;

/**
 * Whether netevd added the object: only its protocol number shows this. netevd never removes anything else.
 */
export const isOwn = (object: { readonly protocol: number }): boolean => object.protocol === NETEVD_PROTOCOL;

function describeNextHops(route: RouteObject): string {
  const nextHops = route.nextHops.map(describeHop).join(',');
  const metrics = Object.entries(route.metrics ?? {}).join(';');
  const { type, protocol, scope, preferredSource } = route;
  return `${type} ${protocol} ${scope} ${nextHops} ${preferredSource ?? ''} ${metrics}`;
}

const describeHop = (hop: NextHop): string =>
  `${hop.ifindex}/${hop.gateway ?? ''}/${hop.weight}/${hop.flags & RouteFlag.onlink}`;
