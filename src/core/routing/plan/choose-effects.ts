/** Chooses the effects that lead from existing to wanted, in an order that loses no packet. */
import type { IfIndex, Instant } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import { type Piece, routePieceKey, routeSlot } from '../piece.ts';
import type { ViewLink } from '../view/view.ts';
import type { WantedPiece } from '../wanted/wanted.ts';
import type { OwnPiece, RoutingComparison } from './compare.ts';
import { type Contest, isPostponed } from './contest.ts';
import type { RoutingEffect } from './routing-effect.ts';
import { effectKey, type RoutingFailure } from './routing-memory.ts';

export interface Choice {
  readonly effects: readonly RoutingEffect[];
  /** The link of each effect, by `effectKey`. */
  readonly links: ReadonlyMap<string, ViewLink | undefined>;
  /** Failures of effects that are still wanted. */
  readonly failures: ReadonlyMap<string, RoutingFailure>;
  /** When the first postponed effect may be tried. */
  readonly waitUntil?: Instant;
}

/** Maximum number of effects in one plan: the next plan sees their outcomes. */
const batchLimit = 512;
/** Added to the metric of a stand-in, which keeps packets flowing while netevd replaces a route. */
const standInMetric = 1_000_000;

/**
 * Chooses additions first, in the order of the comparison; then removals, rules before routes. Replaces an
 * own route in the slot of a wanted one without a gap and without overwriting it: adds a stand-in with a
 * worse metric, then removes the old route and adds the new one, then removes the stand-in. Each step is in
 * its own plan, so that a failed step leaves the previous routes in place.
 */
export function chooseEffects(
  comparison: RoutingComparison,
  contests: ReadonlyMap<IfIndex, Contest>,
  failures: ReadonlyMap<string, RoutingFailure>,
  now: Instant,
): Choice {
  const batch = new EffectBatch(failures, now);
  const inUse = new Set<string>();
  for (const wanted of comparison.missing) {
    if (batch.isFull) break;
    const contest = contests.get(wanted.link.index);
    if (isPostponed(contest, wanted.key, now)) batch.wait(contest?.restoreAt);
    else for (const effect of additionOf(wanted, comparison)) batch.add(effect, wanted.link);
    for (const key of exchangeKeys(wanted, comparison)) inUse.add(key);
  }
  const moving = addressesOfRules(comparison.missing);
  const surplus = comparison.surplus
    .filter(({ key, piece }) => !inUse.has(key) && !isHeldBack(piece, moving))
    .toSorted(byRemoval);
  for (const { piece } of surplus) {
    if (batch.isFull) break;
    batch.add(removal(piece), undefined);
  }
  return batch.choice();
}

/** Returns the addresses for which a rule is missing. */
const addressesOfRules = (missing: readonly WantedPiece[]): ReadonlySet<string> =>
  new Set(missing.flatMap(({ piece }) => (piece.kind === 'rule' ? [addressOf(piece.rule)] : [])));

const addressOf = ({ source, destination }: RuleObject): string => (source ?? destination)?.address ?? '';

/** Whether a rule must stay until the new ones of its address exist: the kernel may refuse those. */
const isHeldBack = (piece: Piece, moving: ReadonlySet<string>): boolean =>
  piece.kind === 'rule' && moving.has(addressOf(piece.rule));

/** Collects effects; postpones those that failed recently. */
class EffectBatch {
  readonly #failures: ReadonlyMap<string, RoutingFailure>;
  readonly #now: Instant;
  readonly #effects: RoutingEffect[] = [];
  readonly #links = new Map<string, ViewLink | undefined>();
  readonly #stillWanted = new Map<string, RoutingFailure>();
  #waitUntil: Instant | undefined;

  constructor(failures: ReadonlyMap<string, RoutingFailure>, now: Instant) {
    this.#failures = failures;
    this.#now = now;
  }

  /** `link` is the current view of the link of the effect. */
  add(effect: RoutingEffect, link: ViewLink | undefined): void {
    const key = effectKey(effect);
    const failure = this.#failures.get(key);
    if (failure !== undefined) this.#stillWanted.set(key, failure);
    const isWaiting = failure !== undefined && this.#now < failure.retryAt && failure.link === link;
    if (isWaiting) {
      this.wait(failure.retryAt);
    } else {
      this.#effects.push(effect);
      this.#links.set(key, link);
    }
  }

  wait(until: Instant | undefined): void {
    if (until !== undefined && (this.#waitUntil === undefined || until < this.#waitUntil)) {
      this.#waitUntil = until;
    }
  }

  get isFull(): boolean {
    return this.#effects.length >= batchLimit;
  }

  choice(): Choice {
    // A full batch has not seen all wanted effects: keep all failures.
    const failures = this.isFull ? this.#failures : this.#stillWanted;
    const choice = { effects: this.#effects, links: this.#links, failures };
    return this.#waitUntil === undefined ? choice : { ...choice, waitUntil: this.#waitUntil };
  }
}

function additionOf({ piece }: WantedPiece, comparison: RoutingComparison): readonly RoutingEffect[] {
  if (piece.kind === 'rule') return [{ kind: 'addRule', rule: piece.rule }];
  const add: RoutingEffect = { kind: 'addRoute', route: piece.route };
  const occupant = occupantOf(piece.route, comparison);
  if (occupant === undefined) return [add];
  const standIn = standInFor(piece.route);
  if (!comparison.isPresent(routePieceKey(standIn))) return [{ kind: 'addRoute', route: standIn }];
  return [{ kind: 'removeRoute', route: occupant }, add];
}

/** Returns the own route in the slot of a missing one. */
function occupantOf(route: RouteObject, comparison: RoutingComparison): RouteObject | undefined {
  const occupant = comparison.slots.get(routeSlot(route));
  return occupant !== undefined && comparison.isPresent(routePieceKey(occupant)) ? occupant : undefined;
}

const standInFor = (route: RouteObject): RouteObject => ({
  ...route,
  priority: route.priority + standInMetric,
});

/** Returns the keys of unwanted routes that a replacement in progress still needs. */
function exchangeKeys({ piece }: WantedPiece, comparison: RoutingComparison): readonly string[] {
  if (piece.kind === 'rule') return [];
  const occupant = occupantOf(piece.route, comparison);
  const standIn = routePieceKey(standInFor(piece.route));
  return occupant === undefined ? [standIn] : [standIn, routePieceKey(occupant)];
}

const removal = (piece: Piece): RoutingEffect =>
  piece.kind === 'rule'
    ? { kind: 'removeRule', rule: piece.rule }
    : { kind: 'removeRoute', route: piece.route };

/**
 * The reverse order of additions: rules from the last stage to the first, then default routes, then networks.
 */
function byRemoval(a: OwnPiece, b: OwnPiece): number {
  if (a.piece.kind === 'rule') {
    return b.piece.kind === 'rule' ? b.piece.rule.priority - a.piece.rule.priority : -1;
  }
  return b.piece.kind === 'rule' ? 1 : a.piece.route.prefixLength - b.piece.route.prefixLength;
}
