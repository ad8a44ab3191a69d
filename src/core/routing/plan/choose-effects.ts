/** Which effects bring existing to wanted, in an order in which no packet is lost on the way. */
import type { IfIndex, Instant } from '../../model/ids.ts';
import type { RouteObject } from '../../model/kernel-objects.ts';
import { type Piece, routePieceKey, routeSlot } from '../piece.ts';
import type { ViewLink } from '../view/view.ts';
import type { WantedPiece } from '../wanted/wanted.ts';
import type { Comparison, OwnPiece } from './compare.ts';
import { type Contest, isHeldBack } from './contest.ts';
import type { RoutingEffect } from './routing-effect.ts';
import { effectKey, type Failure } from './routing-memory.ts';

export interface Choice {
  readonly effects: readonly RoutingEffect[];
  /** The same by `effectKey`, with the link for which each is. */
  readonly links: ReadonlyMap<string, ViewLink | undefined>;
  /** Failures of effects that are still wanted. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** When the first of those that have to wait may be tried. */
  readonly waitUntil?: Instant;
}

/** One plan carries no more: the next one sees what has become of it. */
const batchLimit = 512;
/** Metric of a route that stands in while the one in its place is exchanged. */
const standInMetric = 1_000_000;

/**
 * Additions first, in the order of the comparison; then removals, rules before routes. An own route that is in the
 * place of another is exchanged without a gap and without ever overwriting: a stand-in with a worse metric is
 * added, then the old one makes room for the new one, then the stand-in goes; each step in a plan of its own, so that a
 * step that fails leaves what was there.
 */
export function chooseEffects(
  comparison: Comparison,
  contests: ReadonlyMap<IfIndex, Contest>,
  failures: ReadonlyMap<string, Failure>,
  now: Instant,
): Choice {
  const gate = new Gate(failures, now);
  const inUse = new Set<string>();
  for (const wanted of comparison.missing) {
    if (gate.isFull) break;
    const contest = contests.get(wanted.link.index);
    if (isHeldBack(contest, wanted.key, now)) gate.wait(contest?.restoreAt);
    else for (const effect of additionOf(wanted, comparison)) gate.offer(effect, wanted.link);
    for (const key of exchangeKeys(wanted, comparison)) inUse.add(key);
  }
  const surplus = comparison.surplus.filter(({ key }) => !inUse.has(key)).toSorted(byRemoval);
  for (const { piece } of surplus) {
    if (gate.isFull) break;
    gate.offer(removal(piece), undefined);
  }
  return gate.choice();
}

/** Lets effects pass that have not failed lately. */
class Gate {
  readonly #failures: ReadonlyMap<string, Failure>;
  readonly #now: Instant;
  readonly #effects: RoutingEffect[] = [];
  readonly #links = new Map<string, ViewLink | undefined>();
  readonly #kept = new Map<string, Failure>();
  #waitUntil: Instant | undefined;

  constructor(failures: ReadonlyMap<string, Failure>, now: Instant) {
    this.#failures = failures;
    this.#now = now;
  }

  /** `link` is the one for which the effect is, as it is now. */
  offer(effect: RoutingEffect, link: ViewLink | undefined): void {
    const key = effectKey(effect);
    const failure = this.#failures.get(key);
    if (failure !== undefined) this.#kept.set(key, failure);
    const waits = failure !== undefined && this.#now < failure.retryAt && failure.link === link;
    if (waits) {
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
    // Of a full batch not everything was looked at: what was not may have failed before.
    const failures = this.isFull ? this.#failures : this.#kept;
    const choice = { effects: this.#effects, links: this.#links, failures };
    return this.#waitUntil === undefined ? choice : { ...choice, waitUntil: this.#waitUntil };
  }
}

function additionOf({ piece }: WantedPiece, comparison: Comparison): readonly RoutingEffect[] {
  if (piece.kind === 'rule') return [{ kind: 'addRule', rule: piece.rule }];
  const add: RoutingEffect = { kind: 'addRoute', route: piece.route };
  const occupant = occupantOf(piece.route, comparison);
  if (occupant === undefined) return [add];
  const standIn = standInFor(piece.route);
  if (!comparison.isThere(routePieceKey(standIn))) return [{ kind: 'addRoute', route: standIn }];
  return [{ kind: 'removeRoute', route: occupant }, add];
}

/** The own route in the place of a missing one. */
function occupantOf(route: RouteObject, comparison: Comparison): RouteObject | undefined {
  const occupant = comparison.slots.get(routeSlot(route));
  return occupant !== undefined && comparison.isThere(routePieceKey(occupant)) ? occupant : undefined;
}

const standInFor = (route: RouteObject): RouteObject => ({
  ...route,
  priority: route.priority + standInMetric,
});

/** What an exchange under way still needs, though it is not wanted. */
function exchangeKeys({ piece }: WantedPiece, comparison: Comparison): readonly string[] {
  if (piece.kind === 'rule') return [];
  const occupant = occupantOf(piece.route, comparison);
  const standIn = routePieceKey(standInFor(piece.route));
  return occupant === undefined ? [standIn] : [standIn, routePieceKey(occupant)];
}

const removal = (piece: Piece): RoutingEffect =>
  piece.kind === 'rule'
    ? { kind: 'removeRule', rule: piece.rule }
    : { kind: 'removeRoute', route: piece.route };

/** The reverse of adding: rules from the last stage to the first, then default routes, then networks. */
function byRemoval(a: OwnPiece, b: OwnPiece): number {
  if (a.piece.kind === 'rule') {
    return b.piece.kind === 'rule' ? b.piece.rule.priority - a.piece.rule.priority : -1;
  }
  return b.piece.kind === 'rule' ? 1 : a.piece.route.prefixLength - b.piece.route.prefixLength;
}
