/** What the planner remembers between two plans. A plain value; each step returns the next one. */
import { after, type IfIndex, type Instant, millis } from '../../model/ids.ts';
import { routePieceKey, rulePieceKey } from '../piece.ts';
import type { ViewLink } from '../view/view.ts';
import type { WantedPiece } from '../wanted/wanted.ts';
import type { Contest } from './contest.ts';
import { retryDelay } from './retry.ts';
import type { RoutingEffect, RoutingOutcome } from './routing-effect.ts';

/** Something that was acknowledged, and has not been seen yet in what the kernel tells. */
export interface Assumption {
  readonly present: boolean;
  readonly until: Instant;
}

/** An effect that the kernel refused. */
export interface Failure {
  readonly effect: RoutingEffect;
  readonly attempts: number;
  readonly retryAt: Instant;
  readonly code: string;
  readonly text?: string;
  /** The link as it was then: when it changes, trying again makes sense at once. */
  readonly link: ViewLink | undefined;
}

export interface RoutingMemory {
  /** When the first plan was made. */
  readonly startedAt?: Instant;
  /** Effects whose outcome is not known yet, by `effectKey`, and for which link. Nothing is planned meanwhile. */
  readonly inFlight: ReadonlyMap<string, ViewLink | undefined>;
  /** By the key of the rule or route. */
  readonly assumed: ReadonlyMap<string, Assumption>;
  /** By `effectKey`. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** Links whose rules or routes somebody deletes. */
  readonly contests: ReadonlyMap<IfIndex, Contest>;
  /** What the last plan wanted, for which link, and which of it was not there. */
  readonly wanted: ReadonlyMap<string, WantedPiece>;
  readonly missing: ReadonlySet<string>;
  /** Notices that have been given, and hold still: each is given once. */
  readonly told: ReadonlySet<string>;
}

export const emptyMemory: RoutingMemory = {
  inFlight: new Map(),
  assumed: new Map(),
  failures: new Map(),
  contests: new Map(),
  wanted: new Map(),
  missing: new Set(),
  told: new Set(),
};

/** The kernel's notification comes by another socket than its acknowledgement: how long to wait for it. */
const notificationGrace = millis(200);

const isAddition = (effect: RoutingEffect): boolean =>
  effect.kind === 'addRule' || effect.kind === 'addRoute';

/** Key of the rule or route that the effect is about. */
export const subjectKey = (effect: RoutingEffect): string =>
  'rule' in effect ? rulePieceKey(effect.rule) : routePieceKey(effect.route);

/** Names an effect among all: what is done, and to what. */
export const effectKey = (effect: RoutingEffect): string =>
  `${isAddition(effect) ? '+' : '-'} ${subjectKey(effect)}`;

/** Takes in how effects ended. Effects that are not mentioned are still under way. */
export function noteOutcomes(
  memory: RoutingMemory,
  outcomes: readonly RoutingOutcome[],
  now: Instant,
): RoutingMemory {
  const inFlight = new Map(memory.inFlight);
  const assumed = new Map(memory.assumed);
  const failures = new Map(memory.failures);
  for (const outcome of outcomes) {
    const key = effectKey(outcome.effect);
    inFlight.delete(key);
    if (isAlreadySo(outcome)) {
      const present = isAddition(outcome.effect);
      assumed.set(subjectKey(outcome.effect), { present, until: after(now, notificationGrace) });
    }
    if (outcome.result.kind === 'done') failures.delete(key);
    else failures.set(key, failureOf(memory, outcome, outcome.result, now));
  }
  return { ...memory, inFlight, assumed, failures };
}

/** Refusals which say that there is nothing to do; the next reading shows whether that is true. */
const alreadySo: Readonly<Record<RoutingEffect['kind'], readonly string[]>> = {
  addRule: ['EEXIST'],
  addRoute: ['EEXIST'],
  removeRule: ['ENOENT', 'ESRCH'],
  removeRoute: ['ESRCH', 'ENOENT', 'ENODEV'],
};

const isAlreadySo = ({ effect, result }: RoutingOutcome): boolean =>
  result.kind === 'done' || alreadySo[effect.kind].includes(result.code);

function failureOf(
  memory: RoutingMemory,
  { effect }: RoutingOutcome,
  { code, text }: { readonly code: string; readonly text?: string },
  now: Instant,
): Failure {
  const attempts = (memory.failures.get(effectKey(effect))?.attempts ?? 0) + 1;
  const link = memory.inFlight.get(effectKey(effect));
  const failure = { effect, attempts, code, link, retryAt: after(now, retryDelay(code, attempts)) };
  return text === undefined ? failure : { ...failure, text };
}
