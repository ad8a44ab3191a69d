/**
 * When to read the kernel again, and what. Doubts of the state say why; this decides how soon: all of it at most once a
 * second and ever less often while it keeps being needed; routes a moment after the doubt, coalesced, but never put off by
 * the next one.
 */
import type { Family } from '../model/address.ts';
import { after, type Instant, instant, type Millis, millis } from '../model/ids.ts';
import type { KernelInvalidation, KernelInvalidations } from '../model/invalidation.ts';
import type { KernelState } from '../model/state.ts';
import { routesOf } from '../reduce/kernel-invalidation.ts';

/** What a source of the kernel is to read. It answers with `kernelRead` or `routesRead`, or with `sourceLostSync`. */
export type ResyncRequest =
  | { readonly kind: 'everything' }
  | { readonly kind: 'routes'; readonly family: Family };

interface FullReadings {
  /** The doubt that a reading under way will answer. */
  readonly asked?: KernelInvalidation;
  readonly lastAt?: Instant;
  /** How often in a row a reading was needed again soon after the last. */
  readonly level: number;
}

interface RouteReadings {
  readonly asked?: KernelInvalidation;
  /** The doubt seen last, and since when one has been waiting. */
  readonly seen?: KernelInvalidation;
  readonly since?: Instant;
  readonly lastAt?: Instant;
  /** At least so long from one reading to the next: a large table is read less often. */
  readonly gap: Millis;
  /** When to look once more, for a flush that came after its message. */
  readonly confirmAt?: Instant;
}

/** Where the planner stands; a value. */
export interface ResyncMachine {
  readonly everything: FullReadings;
  readonly ipv4: RouteReadings;
  readonly ipv6: RouteReadings;
}

export interface ResyncPlan {
  readonly machine: ResyncMachine;
  /** To be asked for now. */
  readonly readings: readonly ResyncRequest[];
  /** When to plan again if nothing happens before; undefined where nothing waits. */
  readonly nextAt: Instant | undefined;
}

/** Least time between two readings of everything, and the most that back-off makes of it. */
const fullGap: Millis = millis(1_000);
const longestFullGap: Millis = millis(30_000);
/** A doubt waits so long for others of its kind: a link that goes down takes addresses with it. */
const coalesceTime: Millis = millis(10);
const leastRouteGap: Millis = millis(50);
/** ResyncLane take at most one part in so many of the time. */
const dutyFactor = 5;
/**
 * The kernel tells of a link or an address that goes before it flushes the routes (dev_close_many, inet_del_ifa), so
 * the first reading may be early.
 */
const confirmDelay: Millis = millis(250);

export const newResyncMachine: ResyncMachine = {
  everything: { level: 0 },
  ipv4: { gap: leastRouteGap },
  ipv6: { gap: leastRouteGap },
};

/** What to read now, and when to ask again. To be called after each fact and at `nextAt`. */
export function planResync(
  machine: ResyncMachine,
  { invalidations }: Pick<KernelState, 'invalidations'>,
  now: Instant,
): ResyncPlan {
  if (isQuiet(machine, invalidations)) return { machine, readings: [], nextAt: undefined };
  const full = planFull(machine.everything, invalidations.all, now);
  if (invalidations.all !== undefined) {
    const readings: readonly ResyncRequest[] = full.isDue ? [{ kind: 'everything' }] : [];
    return { machine: { ...machine, everything: full.next }, readings, nextAt: full.nextAt };
  }
  return planRoutes({ ...machine, everything: full.next }, invalidations, now);
}

/** Nothing is doubted, and nothing under way: what is so after nearly every fact. */
const isQuiet = ({ everything, ipv4, ipv6 }: ResyncMachine, invalidations: KernelInvalidations): boolean =>
  invalidations.all === undefined &&
  invalidations.ipv4Routes === undefined &&
  invalidations.ipv6Routes === undefined &&
  everything.asked === undefined &&
  isIdle(ipv4) &&
  isIdle(ipv6);

const isIdle = (routes: RouteReadings): boolean =>
  routes.asked === undefined && routes.seen === undefined && routes.confirmAt === undefined;

interface Step<M> {
  readonly next: M;
  readonly isDue: boolean;
  readonly nextAt: Instant | undefined;
}

function planFull(
  full: FullReadings,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): Step<FullReadings> {
  const { asked: _asked, ...idle } = full;
  if (invalidation === undefined) return { next: idle, isDue: false, nextAt: undefined };
  if (invalidation === full.asked) return { next: full, isDue: false, nextAt: undefined };
  const gap = gapOf(full.level);
  const dueAt = full.lastAt === undefined ? now : after(full.lastAt, gap);
  if (dueAt > now) return { next: idle, isDue: false, nextAt: dueAt };
  const isSoon = full.lastAt !== undefined && now - full.lastAt <= 2 * gap;
  const next = { asked: invalidation, lastAt: now, level: isSoon ? full.level + 1 : 0 };
  return { next, isDue: true, nextAt: undefined };
}

const gapOf = (level: number): Millis => millis(Math.min(longestFullGap, fullGap * 2 ** level));

function planRoutes(machine: ResyncMachine, invalidations: KernelInvalidations, now: Instant): ResyncPlan {
  const ipv4 = stepRoutes(machine.ipv4, invalidations[routesOf(4)], now);
  const ipv6 = stepRoutes(machine.ipv6, invalidations[routesOf(6)], now);
  const readings: ResyncRequest[] = [];
  if (ipv4.isDue) readings.push({ kind: 'routes', family: 4 });
  if (ipv6.isDue) readings.push({ kind: 'routes', family: 6 });
  return {
    machine: { ...machine, ipv4: ipv4.next, ipv6: ipv6.next },
    readings,
    nextAt: earlier(ipv4.nextAt, ipv6.nextAt),
  };
}

function stepRoutes(
  routes: RouteReadings,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): Step<RouteReadings> {
  const noted = noteDoubt(noteAnswer(routes, invalidation, now), invalidation, now);
  const dueAt = dueOf(noted, invalidation);
  if (dueAt === undefined || dueAt > now) return { next: noted, isDue: false, nextAt: dueAt };
  const { since: _since, confirmAt, ...rest } = noted;
  const isConfirmed = confirmAt === undefined || confirmAt <= now;
  const next: RouteReadings = {
    ...rest,
    lastAt: now,
    ...(invalidation !== undefined && { asked: invalidation }),
    ...(!isConfirmed && { confirmAt }),
  };
  return { next, isDue: true, nextAt: isConfirmed ? undefined : confirmAt };
}

/** A reading that is over tells how long one takes. */
function noteAnswer(
  routes: RouteReadings,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): RouteReadings {
  const { asked, ...idle } = routes;
  if (asked === undefined || asked === invalidation) return routes;
  const took = routes.lastAt === undefined ? 0 : now - routes.lastAt;
  return { ...idle, gap: millis(Math.max(leastRouteGap, took * dutyFactor)) };
}

function noteDoubt(
  routes: RouteReadings,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): RouteReadings {
  if (invalidation === routes.seen) return routes;
  const { seen: _seen, since, ...rest } = routes;
  if (invalidation === undefined) return rest;
  const noted = { ...rest, seen: invalidation, since: since ?? now };
  return invalidation.cause === 'ambiguous-message'
    ? noted
    : { ...noted, confirmAt: after(now, confirmDelay) };
}

/** When the next reading is due; undefined while one is under way, or where nothing asks for one. */
function dueOf(routes: RouteReadings, invalidation: KernelInvalidation | undefined): Instant | undefined {
  if (routes.asked !== undefined) return undefined;
  const wantedAt =
    invalidation !== undefined && routes.since !== undefined
      ? after(routes.since, coalesceTime)
      : routes.confirmAt;
  if (wantedAt === undefined || routes.lastAt === undefined) return wantedAt;
  return instant(Math.max(wantedAt, after(routes.lastAt, routes.gap)));
}

function earlier(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return instant(Math.min(a, b));
}
