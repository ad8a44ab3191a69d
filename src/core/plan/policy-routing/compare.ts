/** Wanted against existing. */
import type { Instant } from '../../ids.ts';
import type { RouteObject } from '../../kernel-objects.ts';
import type { Assumption, RoutingMemory } from './memory.ts';
import { isOwn, type Piece, routePieceKey, routeSlot, rulePieceKey } from './objects.ts';
import { indexRoutes } from './route-index.ts';
import type { RoutingView, ViewLink } from './view.ts';
import type { WantedLink } from './wanted.ts';

export interface WantedPiece {
  readonly key: string;
  readonly piece: Piece;
  readonly link: ViewLink;
}

export interface OwnPiece {
  readonly key: string;
  readonly piece: Piece;
  /** Equal rules: the kernel may hold several. */
  readonly count: number;
}

export interface Comparison {
  /** In the order in which they have to be added. */
  readonly wanted: ReadonlyMap<string, WantedPiece>;
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
  links: readonly WantedLink[],
  memory: RoutingMemory,
  now: Instant,
): Comparison {
  const wanted = flatten(links);
  const own = ownPieces(view);
  const assumed = new Map(
    [...memory.assumed].filter(([key, { present, until }]) => now < until && present !== own.has(key)),
  );
  // What is wanted was never removed but as one of several: there its absence is not believed.
  const isThere = (key: string): boolean =>
    own.has(key) ? assumed.get(key) === undefined || wanted.has(key) : assumed.get(key)?.present === true;
  const isSure = ({ piece }: { readonly piece: Piece }): boolean =>
    piece.kind === 'rule' || view.certain.routes[piece.route.family];
  return {
    wanted,
    missing: [...wanted.values()].filter((one) => isSure(one) && !isThere(one.key)),
    unsure: [...wanted.values()].filter((one) => !isSure(one)),
    surplus: [...own.values()].filter(
      (one) =>
        isSure(one) && (wanted.has(one.key) ? one.count > 1 && !assumed.has(one.key) : isThere(one.key)),
    ),
    slots: new Map(indexRoutes(view.routes).own.map((route) => [routeSlot(route), route])),
    isThere,
    assumed,
  };
}

/** Routes of all links before rules of any: no packet is sent to a table that is not ready. */
function flatten(links: readonly WantedLink[]): ReadonlyMap<string, WantedPiece> {
  const wanted = new Map<string, WantedPiece>();
  for (const { link, families } of links) {
    for (const route of families.flatMap((family) => family.routes)) {
      const key = routePieceKey(route);
      wanted.set(key, { key, piece: { kind: 'route', route }, link });
    }
  }
  for (const { link, families } of links) {
    for (const rule of families.flatMap((family) => family.rules)) {
      const key = rulePieceKey(rule);
      wanted.set(key, { key, piece: { kind: 'rule', rule }, link });
    }
  }
  return wanted;
}

/** Everything that bears the own protocol number, wherever it is. */
function ownPieces(view: RoutingView): ReadonlyMap<string, OwnPiece> {
  const own = new Map<string, OwnPiece>();
  for (const route of indexRoutes(view.routes).own) {
    const key = routePieceKey(route);
    own.set(key, { key, piece: { kind: 'route', route }, count: 1 });
  }
  for (const { rule, count } of view.rules) {
    if (!isOwn(rule)) continue;
    const key = rulePieceKey(rule);
    own.set(key, { key, piece: { kind: 'rule', rule }, count });
  }
  return own;
}
