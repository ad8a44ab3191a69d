/** Compares wanted and existing rules and routes. */
import type { Instant } from '../../model/ids.ts';
import type { RouteObject } from '../../model/kernel-objects.ts';
import { type Piece, routePieceKey, routeSlot, rulePieceKey } from '../piece.ts';
import { type Grouped, itemsOf } from '../view/split-by-owner.ts';
import type { RoutingView, ViewRule } from '../view/view.ts';
import type { Wanted, WantedPiece } from '../wanted/wanted.ts';
import type { Assumption, RoutingMemory } from './routing-memory.ts';

export interface OwnPiece {
  readonly key: string;
  readonly piece: Piece;
  /** Number of equal rules: the kernel may have several. */
  readonly count: number;
}

export interface RoutingComparison {
  readonly wanted: ReadonlyMap<string, WantedPiece>;
  /** In the order of their addition. */
  readonly missing: readonly WantedPiece[];
  /** Wanted, but possibly present: the kernel's routes are invalidated. */
  readonly uncertain: readonly WantedPiece[];
  /** Own and not wanted, or duplicate. */
  readonly surplus: readonly OwnPiece[];
  /** Own routes by their slot. */
  readonly slots: ReadonlyMap<string, RouteObject>;
  /** Whether a piece exists, by the kernel's state or a newer acknowledgement. */
  readonly isPresent: (key: string) => boolean;
  /** Acknowledgements whose notifications have not arrived yet. */
  readonly assumed: ReadonlyMap<string, Assumption>;
}

/** Compares the rules and routes that policy routing wants with those that exist or were acknowledged. */
export function compare(
  view: RoutingView,
  { pieces }: Wanted,
  memory: RoutingMemory,
  now: Instant,
): RoutingComparison {
  const rules = ownRules(view.ownRules);
  const { byKey: routes, bySlot } = ownRoutes(view.ownRoutes);
  const isKnown = (key: string): boolean => rules.has(key) || routes.has(key);
  const assumed = new Map(
    [...memory.assumed].filter(([key, { present, until }]) => now < until && present !== isKnown(key)),
  );
  // netevd removes a wanted piece only as a duplicate, so an assumed absence does not count for it.
  const isPresent = (key: string): boolean =>
    isKnown(key) ? !assumed.has(key) || pieces.has(key) : assumed.get(key)?.present === true;
  const isCertain = ({ piece }: { readonly piece: Piece }): boolean =>
    piece.kind === 'rule' || view.certain.routes[piece.route.family];
  const missing: WantedPiece[] = [];
  const uncertain: WantedPiece[] = [];
  for (const one of pieces.values()) {
    if (!isCertain(one)) uncertain.push(one);
    else if (!isPresent(one.key)) missing.push(one);
  }
  const isSurplus = (one: OwnPiece): boolean =>
    isCertain(one) && (pieces.has(one.key) ? one.count > 1 && !assumed.has(one.key) : isPresent(one.key));
  const surplus = [...rules.values(), ...routes.values()].filter(isSurplus);
  return { wanted: pieces, missing, uncertain, surplus, slots: bySlot, isPresent, assumed };
}

type Pieces = ReadonlyMap<string, OwnPiece>;

interface OwnRoutes {
  readonly byKey: Pieces;
  readonly bySlot: ReadonlyMap<string, RouteObject>;
}

const rulesByKey = new WeakMap<Grouped<ViewRule>, Pieces>();
const routesByKey = new WeakMap<Grouped<RouteObject>, OwnRoutes>();

function ownRules(rules: Grouped<ViewRule>): Pieces {
  let pieces = rulesByKey.get(rules);
  if (pieces === undefined) {
    const byKey = new Map<string, OwnPiece>();
    for (const { rule, count } of itemsOf(rules)) {
      const key = rulePieceKey(rule);
      byKey.set(key, { key, piece: { kind: 'rule', rule }, count });
    }
    pieces = byKey;
    rulesByKey.set(rules, pieces);
  }
  return pieces;
}

function ownRoutes(routes: Grouped<RouteObject>): OwnRoutes {
  let own = routesByKey.get(routes);
  if (own === undefined) {
    const byKey = new Map<string, OwnPiece>();
    const bySlot = new Map<string, RouteObject>();
    for (const route of itemsOf(routes)) {
      const key = routePieceKey(route);
      byKey.set(key, { key, piece: { kind: 'route', route }, count: 1 });
      bySlot.set(routeSlot(route), route);
    }
    own = { byKey, bySlot };
    routesByKey.set(routes, own);
  }
  return own;
}
