/** The memory of the policy routing planner between two plans. Immutable. */
import { after, type IfIndex, type Instant, millis } from '../../model/ids.ts';
import { routePieceKey, rulePieceKey } from '../piece.ts';
import type { ViewLink } from '../view/view.ts';
import type { WantedPiece } from '../wanted/wanted.ts';
import type { Contest } from './contest.ts';
import type { BandPlace } from './place-band.ts';
import { retryDelay } from './retry.ts';
import type { RoutingEffect, RoutingOutcome } from './routing-effect.ts';

/** An acknowledged change whose notification has not arrived yet. */
export interface Assumption {
  readonly present: boolean;
  readonly until: Instant;
}

/** An effect that the kernel refused. */
export interface RoutingFailure {
  readonly effect: RoutingEffect;
  readonly attempts: number;
  readonly retryAt: Instant;
  readonly code: string;
  readonly text?: string;
  /** The view of the link at that time: a change of the link causes an immediate retry. */
  readonly link: ViewLink | undefined;
}

export interface RoutingMemory {
  /** Time of the first plan. */
  readonly startedAt?: Instant;
  /** Effects without an outcome yet, by `effectKey`, with their link. Nothing is planned meanwhile. */
  readonly inFlight: ReadonlyMap<string, ViewLink | undefined>;
  /** By the key of the rule or route. */
  readonly assumed: ReadonlyMap<string, Assumption>;
  /** By `effectKey`. */
  readonly failures: ReadonlyMap<string, RoutingFailure>;
  /** Links whose rules or routes another program deletes. */
  readonly contests: ReadonlyMap<IfIndex, Contest>;
  /** What the last plan wanted, and the keys of what was missing. */
  readonly wanted: ReadonlyMap<string, WantedPiece>;
  readonly missing: ReadonlySet<string>;
  /** Where the band of rule priorities is; absent before the first plan. */
  readonly place?: BandPlace;
  /** Keys of current notices that were reported: each is reported once. */
  readonly reported: ReadonlySet<string>;
}

export const emptyRoutingMemory: RoutingMemory = {
  inFlight: new Map(),
  assumed: new Map(),
  failures: new Map(),
  contests: new Map(),
  wanted: new Map(),
  missing: new Set(),
  reported: new Set(),
};

/** How long to wait for a notification after its acknowledgement: they arrive on different sockets. */
const notificationGrace = millis(200);

const isAddition = (effect: RoutingEffect): boolean =>
  effect.kind === 'addRule' || effect.kind === 'addRoute';

/** Returns the key of the rule or route of an effect. */
export const subjectKey = (effect: RoutingEffect): string =>
  'rule' in effect ? rulePieceKey(effect.rule) : routePieceKey(effect.route);

/** Returns the key of an effect: addition or removal, and the key of its object. */
export const effectKey = (effect: RoutingEffect): string =>
  `${isAddition(effect) ? '+' : '-'} ${subjectKey(effect)}`;

/** Records the outcomes of effects. Effects without an outcome stay in flight. */
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
    if (isAlreadyDone(outcome)) {
      const present = isAddition(outcome.effect);
      assumed.set(subjectKey(outcome.effect), { present, until: after(now, notificationGrace) });
    }
    if (outcome.result.kind === 'done') failures.delete(key);
    else failures.set(key, failureOf(memory, outcome, outcome.result, now));
  }
  return { ...memory, inFlight, assumed, failures };
}

/** Errors that mean that there is nothing to do; the kernel's notifications show whether that is true. */
const alreadyDoneCodes: Readonly<Record<RoutingEffect['kind'], readonly string[]>> = {
  addRule: ['EEXIST'],
  addRoute: ['EEXIST'],
  removeRule: ['ENOENT', 'ESRCH'],
  removeRoute: ['ESRCH', 'ENOENT', 'ENODEV'],
};

const isAlreadyDone = ({ effect, result }: RoutingOutcome): boolean =>
  result.kind === 'done' || alreadyDoneCodes[effect.kind].includes(result.code);

function failureOf(
  memory: RoutingMemory,
  { effect }: RoutingOutcome,
  { code, text }: { readonly code: string; readonly text?: string },
  now: Instant,
): RoutingFailure {
  const attempts = (memory.failures.get(effectKey(effect))?.attempts ?? 0) + 1;
  const link = memory.inFlight.get(effectKey(effect));
  const failure = { effect, attempts, code, link, retryAt: after(now, retryDelay(code, attempts)) };
  return text === undefined ? failure : { ...failure, text };
}
