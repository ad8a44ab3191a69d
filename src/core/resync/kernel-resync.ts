/**
 * Plans dumps of the kernel from the invalidations of the state. A complete dump runs at most once a second,
 * with exponential back-off while it is needed repeatedly. A dump of routes runs shortly after the
 * invalidation; it coalesces later ones, but they do not postpone it.
 */
import type { Family } from '../model/address.ts';
import { after, earliest, type Instant, instant, type Millis, millis } from '../model/ids.ts';
import type { KernelInvalidation, KernelInvalidations } from '../model/invalidation.ts';
import type { KernelState } from '../model/state.ts';
import { routesOf } from '../reduce/kernel-invalidation.ts';

/**
 * What the kernel source must dump. It answers with `kernelRead` or `routesRead`, or with `sourceLostSync`.
 */
export type ResyncRequest =
  | { readonly kind: 'everything' }
  | { readonly kind: 'routes'; readonly family: Family };

interface FullDumps {
  /** The invalidation that a running dump answers. */
  readonly inProgress?: KernelInvalidation;
  readonly lastAt?: Instant;
  /** How many dumps in a row came soon after the last one. */
  readonly level: number;
}

interface RouteDumps {
  readonly inProgress?: KernelInvalidation;
  /** The last invalidation, and the time since when one is waiting. */
  readonly seen?: KernelInvalidation;
  readonly since?: Instant;
  readonly lastAt?: Instant;
  /** Minimum time between two dumps: a large table is dumped less often. */
  readonly gap: Millis;
  /** Time of one more dump, for a flush that follows its message. */
  readonly confirmAt?: Instant;
}

/** The memory of the planner between two plans. Immutable. */
export interface ResyncMemory {
  readonly everything: FullDumps;
  readonly ipv4: RouteDumps;
  readonly ipv6: RouteDumps;
}

export interface ResyncPlan {
  readonly memory: ResyncMemory;
  /** Dumps to start now. */
  readonly dumps: readonly ResyncRequest[];
  /** When to plan again without a new fact; undefined if nothing waits. */
  readonly nextAt: Instant | undefined;
}

/** Minimum time between two complete dumps, and the maximum after back-off. */
const minFullGap: Millis = millis(1_000);
const maxFullGap: Millis = millis(30_000);
/** Time to wait for further invalidations: a link that goes down takes addresses with it. */
const coalesceTime: Millis = millis(10);
const minRouteGap: Millis = millis(50);
/** Route dumps take at most this fraction (1/5) of the time. */
const dutyFactor = 5;
/**
 * The kernel reports a vanished link or address before it flushes the routes (dev_close_many, inet_del_ifa),
 * so the first dump may be too early.
 */
const confirmDelay: Millis = millis(250);

export const emptyResyncMemory: ResyncMemory = {
  everything: { level: 0 },
  ipv4: { gap: minRouteGap },
  ipv6: { gap: minRouteGap },
};

/** Plans the dumps that are due. Call it after each fact and at `nextAt`. */
export function planResync(
  memory: ResyncMemory,
  { invalidations }: Pick<KernelState, 'invalidations'>,
  now: Instant,
): ResyncPlan {
  if (isIdle(memory, invalidations)) return { memory, dumps: [], nextAt: undefined };
  const full = planFull(memory.everything, invalidations.all, now);
  if (invalidations.all !== undefined) {
    const dumps: readonly ResyncRequest[] = full.isDue ? [{ kind: 'everything' }] : [];
    return { memory: { ...memory, everything: full.next }, dumps, nextAt: full.nextAt };
  }
  return planRoutes({ ...memory, everything: full.next }, invalidations, now);
}

/** The fast path, after nearly every fact: no invalidation, and no dump in progress. */
const isIdle = ({ everything, ipv4, ipv6 }: ResyncMemory, invalidations: KernelInvalidations): boolean =>
  invalidations.all === undefined &&
  invalidations.ipv4Routes === undefined &&
  invalidations.ipv6Routes === undefined &&
  everything.inProgress === undefined &&
  areRoutesIdle(ipv4) &&
  areRoutesIdle(ipv6);

const areRoutesIdle = (routes: RouteDumps): boolean =>
  routes.inProgress === undefined && routes.seen === undefined && routes.confirmAt === undefined;

interface Step<M> {
  readonly next: M;
  readonly isDue: boolean;
  readonly nextAt: Instant | undefined;
}

function planFull(
  full: FullDumps,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): Step<FullDumps> {
  const { inProgress: _inProgress, ...idle } = full;
  if (invalidation === undefined) return { next: idle, isDue: false, nextAt: undefined };
  if (invalidation === full.inProgress) return { next: full, isDue: false, nextAt: undefined };
  const gap = gapOf(full.level);
  const dueAt = full.lastAt === undefined ? now : after(full.lastAt, gap);
  if (dueAt > now) return { next: idle, isDue: false, nextAt: dueAt };
  const isSoon = full.lastAt !== undefined && now - full.lastAt <= 2 * gap;
  const next = { inProgress: invalidation, lastAt: now, level: isSoon ? full.level + 1 : 0 };
  return { next, isDue: true, nextAt: undefined };
}

const gapOf = (level: number): Millis => millis(Math.min(maxFullGap, minFullGap * 2 ** level));

function planRoutes(memory: ResyncMemory, invalidations: KernelInvalidations, now: Instant): ResyncPlan {
  const ipv4 = stepRoutes(memory.ipv4, invalidations[routesOf(4)], now);
  const ipv6 = stepRoutes(memory.ipv6, invalidations[routesOf(6)], now);
  const dumps: ResyncRequest[] = [];
  if (ipv4.isDue) dumps.push({ kind: 'routes', family: 4 });
  if (ipv6.isDue) dumps.push({ kind: 'routes', family: 6 });
  return {
    memory: { ...memory, ipv4: ipv4.next, ipv6: ipv6.next },
    dumps,
    nextAt: earliest([ipv4.nextAt, ipv6.nextAt]),
  };
}

function stepRoutes(
  routes: RouteDumps,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): Step<RouteDumps> {
  const noted = noteInvalidation(noteCompletion(routes, invalidation, now), invalidation, now);
  const dueAt = dueOf(noted, invalidation);
  if (dueAt === undefined || dueAt > now) return { next: noted, isDue: false, nextAt: dueAt };
  const { since: _since, confirmAt, ...rest } = noted;
  const isConfirmed = confirmAt === undefined || confirmAt <= now;
  const next: RouteDumps = {
    ...rest,
    lastAt: now,
    ...(invalidation !== undefined && { inProgress: invalidation }),
    ...(!isConfirmed && { confirmAt }),
  };
  return { next, isDue: true, nextAt: isConfirmed ? undefined : confirmAt };
}

/** Measures a completed dump: its duration sets the gap to the next one. */
function noteCompletion(
  routes: RouteDumps,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): RouteDumps {
  const { inProgress, ...idle } = routes;
  if (inProgress === undefined || inProgress === invalidation) return routes;
  const took = routes.lastAt === undefined ? 0 : now - routes.lastAt;
  return { ...idle, gap: millis(Math.max(minRouteGap, took * dutyFactor)) };
}

function noteInvalidation(
  routes: RouteDumps,
  invalidation: KernelInvalidation | undefined,
  now: Instant,
): RouteDumps {
  if (invalidation === routes.seen) return routes;
  const { seen: _seen, since, ...rest } = routes;
  if (invalidation === undefined) return rest;
  const noted = { ...rest, seen: invalidation, since: since ?? now };
  return invalidation.cause === 'ambiguous-message'
    ? noted
    : { ...noted, confirmAt: after(now, confirmDelay) };
}

/** Returns when the next dump is due; undefined while one is in progress and if none is needed. */
function dueOf(routes: RouteDumps, invalidation: KernelInvalidation | undefined): Instant | undefined {
  if (routes.inProgress !== undefined) return undefined;
  const wantedAt =
    invalidation !== undefined && routes.since !== undefined
      ? after(routes.since, coalesceTime)
      : routes.confirmAt;
  if (wantedAt === undefined || routes.lastAt === undefined) return wantedAt;
  return instant(Math.max(wantedAt, after(routes.lastAt, routes.gap)));
}
