/** Wanted against existing. */
import type { Instant } from '../../model/ids.ts';
import type { RouteObject } from '../../model/kernel-objects.ts';
import { type Piece, routePieceKey, routeSlot, rulePieceKey } from '../piece.ts';
import { type Grouped, itemsOf } from '../view/split-by-link.ts';
import type { RoutingView, ViewRule } from '../view/view.ts';
import type { Wanted, WantedPiece } from '../wanted/wanted.ts';
import type { Assumption, RoutingMemory } from './routing-memory.ts';

export interface OwnPiece {
  readonly key: string;
  readonly piece: Piece;
  /** Equal rules: the kernel may hold several. */
  readonly count: number;
}

export interface Comparison {
  readonly wanted: ReadonlyMap<string, WantedPiece>;
  /** In the order in which they have to be added. */
  readonly missing: readonly WantedPiece[];
  /** Wanted, and nobody knows now whether it is there. */
  readonly unsure: readonly WantedPiece[];
  /** Own and not wanted, or one too many. */
  readonly surplus: readonly OwnPiece[];
  /** Own routes by their slot. */
  readonly slots: ReadonlyMap<string, RouteObject>;
  /** Whether it is there, by the word of the kernel or of an acknowledgement that is newer. */
  readonly isThere: (key: string) => boolean;
  /** Acknowledgements that the kernel's notifications have not caught up with. */
  readonly assumed: ReadonlyMap<string, Assumption>;
}

export function compare(
  view: RoutingView,
  { pieces }: Wanted,
  memory: RoutingMemory,
  now: Instant,
): Comparison {
  const rules = ownRules(view.ownRules);
  const { byKey: routes, bySlot } = ownRoutes(view.ownRoutes);
  const isHeld = (key: string): boolean => rules.has(key) || routes.has(key);
  const assumed = new Map(
    [...memory.assumed].filter(([key, { present, until }]) => now < until && present !== isHeld(key)),
  );
  // What is wanted was never removed but as one of several: there its absence is not believed.
  const isThere = (key: string): boolean =>
    isHeld(key) ? !assumed.has(key) || pieces.has(key) : assumed.get(key)?.present === true;
  const isSure = ({ piece }: { readonly piece: Piece }): boolean =>
    piece.kind === 'rule' || view.certain.routes[piece.route.family];
  const missing: WantedPiece[] = [];
  const unsure: WantedPiece[] = [];
  for (const one of pieces.values()) {
    if (!isSure(one)) unsure.push(one);
    else if (!isThere(one.key)) missing.push(one);
  }
  const isSurplus = (one: OwnPiece): boolean =>
    isSure(one) && (pieces.has(one.key) ? one.count > 1 && !assumed.has(one.key) : isThere(one.key));
  const surplus = [...rules.values(), ...routes.values()].filter(isSurplus);
  return { wanted: pieces, missing, unsure, surplus, slots: bySlot, isThere, assumed };
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
