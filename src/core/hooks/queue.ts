/**
 * Decides which event's hooks run next. Plain data: it reads no clock and starts nothing. The caller passes
 * the time, starts what `takeReady` returns and calls `finished` when that has ended.
 *
 * - One lane per link (index and generation) and one for the host. A lane runs one event at a time, in order.
 * - Address, mtu and route events wait `debounce` for others of their kind and are told together. Merging loses no
 *   value and lets none overtake an event about the same value. Whatever else comes for the link closes the wait:
 *   nothing ever waits on a timer in front of a state.
 * - A link that takes the name of another one waits until that one's events have run: scripts know names, not indexes
 *   (name-order.ts).
 * - Past `limit` waiting events of a lane the oldest of the same kind gives way, and is handed back to be recorded.
 */

import type { NetworkEvent } from '../model/event.ts';
import { eventEntry } from '../model/event-table.ts';
import { type EventId, type Instant, after as later, type Millis } from '../model/ids.ts';
import { mergeEvents, mergeKind, valuesOf } from './merge-events.ts';
import { NameOrder } from './name-order.ts';

export interface HookQueueLimits {
  /** How long an address, mtu or route event waits for others of its kind. */
  readonly debounce: Millis;
  /** Lanes that run at the same time; at least 1. */
  readonly maxParallel: number;
  /** Events that wait in one lane; at least 1. */
  readonly queueLimit: number;
}

/** Identity of a lane: `3.0` for the first link with index 3, `host` for the host. */
export type LaneKey = string;

/** One event that waits or runs, and the payload of the newest event that was merged into it. */
export interface QueuedEvent<T> {
  readonly lane: LaneKey;
  /** The merged event: the identity of the first, and the values of all. */
  readonly event: NetworkEvent;
  /** Every event that was merged into it, oldest first, with itself. */
  readonly covers: readonly NetworkEvent[];
  readonly payload: T;
}

export interface Enqueued<T> {
  /** The waiting event that the new one was merged into; absent if it was not merged. */
  readonly mergedInto?: EventId;
  /** Events that the new one superseded: they never run. */
  readonly superseded?: QueuedEvent<T>;
}

/** An event that waits. Other events may be merged into it until it is taken. */
interface Waiting<T> {
  readonly covers: [NetworkEvent, ...NetworkEvent[]];
  payload: T;
  readonly kind: string;
  readonly values: Set<string>;
  /** When the debounce ends; undefined once it waits only for its turn. */
  openUntil: Instant | undefined;
}

interface Lane<T> {
  readonly key: LaneKey;
  readonly waiting: Waiting<T>[];
  running: QueuedEvent<T> | undefined;
  /** Whether the lane is in `ready`. */
  listed: boolean;
}

/** Maximum number of values of one merged event, so that no event grows without bound. */
const maxMergedValues = 4096;

/** The lane of an event: that of its link, or of the host. */
export const laneOf = (event: NetworkEvent): LaneKey =>
  event.link === undefined ? 'host' : `${event.link.index}.${event.link.generation}`;

/** The events between their observation and their hooks. `T` is the payload of each event. Starts nothing itself. */
export class HookQueue<T> {
  #limits: HookQueueLimits;
  readonly #lanes = new Map<LaneKey, Lane<T>>();
  /** Lanes whose first event may run, in the order in which they became ready: no lane is passed over twice. */
  readonly #ready: Lane<T>[] = [];
  /** Lanes whose first event is debounced, in order: the debounce is the same for all. */
  readonly #open: { readonly until: Instant; readonly lane: Lane<T>; readonly item: Waiting<T> }[] = [];
  /** Which lane waits for which, because of a name. */
  readonly #names = new NameOrder();
  #runningCount = 0;
  #waitingCount = 0;

  constructor(limits: HookQueueLimits) {
    this.#limits = limits;
  }

  /** Events that wait, in all lanes. */
  get waiting(): number {
    return this.#waitingCount;
  }

  /** Lanes that run. */
  get running(): number {
    return this.#runningCount;
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#waitingCount === 0 && this.#runningCount === 0;
  }

  /** Sets the limits for new events. Ends every debounce; drops nothing. */
  configure(limits: HookQueueLimits): void {
    this.#limits = limits;
    for (const lane of this.#lanes.values()) this.#close(lane);
    this.#open.length = 0;
  }

  enqueue(event: NetworkEvent, payload: T, now: Instant): Enqueued<T> {
    const lane = this.#lane(laneOf(event));
    if (event.link !== undefined) this.#names.take(event.link.name, lane.key);
    this.#expire(now);
    const host = this.#hostFor(lane, event);
    if (host !== undefined) {
      host.covers.push(event);
      host.payload = payload;
      for (const value of valuesOf(event)) host.values.add(value);
      return { mergedInto: host.covers[0].id };
    }
    const superseded = this.#makeRoom(lane, event);
    this.#append(lane, event, payload, now);
    return superseded === undefined ? {} : { superseded };
  }

  /** Returns the events to start now. Each runs until `finished` is called for its lane. */
  takeReady(now: Instant): QueuedEvent<T>[] {
    this.#expire(now);
    const taken: QueuedEvent<T>[] = [];
    while (this.#runningCount < this.#limits.maxParallel) {
      const lane = this.#ready.shift();
      if (lane === undefined) break;
      lane.listed = false;
      if (this.#names.mustWait(lane.key)) continue;
      const next = lane.waiting.shift();
      if (next === undefined) continue;
      lane.running = queuedIn(lane, next);
      this.#waitingCount--;
      this.#runningCount++;
      taken.push(lane.running);
    }
    return taken;
  }

  /** The event that ran in this lane has ended. No effect on a lane that runs nothing. */
  finished(key: LaneKey): void {
    const lane = this.#lanes.get(key);
    if (lane?.running === undefined) return;
    lane.running = undefined;
    this.#runningCount--;
    if (lane.waiting.length === 0) this.#forget(key);
    else this.#list(lane);
  }

  /** When to call `takeReady` if nothing else happens; undefined if time alone changes nothing. */
  nextWakeAt(): Instant | undefined {
    for (let first = this.#open[0]; first !== undefined; first = this.#open[0]) {
      if (first.item.openUntil !== undefined) return first.until;
      this.#open.shift();
    }
    return undefined;
  }

  /** Returns all waiting events, in each lane's order, without removing them. */
  *pending(): Generator<QueuedEvent<T>> {
    for (const lane of this.#lanes.values()) for (const item of lane.waiting) yield queuedIn(lane, item);
  }

  /** Returns the events that run now. */
  *active(): Generator<QueuedEvent<T>> {
    for (const lane of this.#lanes.values()) if (lane.running !== undefined) yield lane.running;
  }

  /** Removes and returns all waiting events: the daemon stops, and the next run continues with them. */
  drain(): QueuedEvent<T>[] {
    const left = [...this.pending()];
    for (const lane of [...this.#lanes.values()]) {
      lane.waiting.length = 0;
      if (lane.running === undefined) this.#forget(lane.key);
    }
    this.#ready.length = 0;
    this.#open.length = 0;
    this.#waitingCount = 0;
    return left;
  }

  /** The lane has nothing left: those that waited for a name of its link may go on. */
  #forget(key: LaneKey): void {
    this.#lanes.delete(key);
    for (const follower of this.#names.release(key)) {
      const lane = this.#lanes.get(follower);
      if (lane !== undefined) this.#list(lane);
    }
  }

  #lane(key: LaneKey): Lane<T> {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane<T> = { key, waiting: [], running: undefined, listed: false };
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Returns the waiting event that this one can be merged into, if there is one. */
  #hostFor(lane: Lane<T>, event: NetworkEvent): Waiting<T> | undefined {
    const kind = mergeKind(event);
    const values = valuesOf(event);
    for (let i = lane.waiting.length - 1; i >= 0; i--) {
      const item = lane.waiting[i];
      if (item?.openUntil === undefined) return undefined;
      if (item.kind === kind) return item.values.size + values.length <= maxMergedValues ? item : undefined;
      if (values.some((value) => item.values.has(value))) return undefined;
    }
    return undefined;
  }

  #append(lane: Lane<T>, event: NetworkEvent, payload: T, now: Instant): void {
    const waits = eventEntry(event.directory).isDebounced === true && this.#limits.debounce > 0;
    if (!waits) this.#close(lane);
    const openUntil = waits ? later(now, this.#limits.debounce) : undefined;
    const values = new Set(valuesOf(event));
    const item: Waiting<T> = { covers: [event], payload, kind: mergeKind(event), values, openUntil };
    lane.waiting.push(item);
    this.#waitingCount++;
    if (openUntil !== undefined) this.#open.push({ until: openUntil, lane, item });
    this.#list(lane);
  }

  /** If the lane is full, drops the oldest event of the same kind, else the oldest of all. */
  #makeRoom(lane: Lane<T>, event: NetworkEvent): QueuedEvent<T> | undefined {
    if (lane.waiting.length < this.#limits.queueLimit) return undefined;
    const same = lane.waiting.findIndex((item) => item.covers[0].directory === event.directory);
    const [dropped] = lane.waiting.splice(Math.max(same, 0), 1);
    if (dropped === undefined) return undefined;
    dropped.openUntil = undefined;
    this.#waitingCount--;
    return queuedIn(lane, dropped);
  }

  /** Ends the debounce of all events in the lane. */
  #close(lane: Lane<T>): void {
    for (const item of lane.waiting) item.openUntil = undefined;
    this.#list(lane);
  }

  /** Ends each debounce that is over. */
  #expire(now: Instant): void {
    for (let first = this.#open[0]; first !== undefined && first.until <= now; first = this.#open[0]) {
      this.#open.shift();
      first.item.openUntil = undefined;
      this.#list(first.lane);
    }
  }

  /** Adds the lane to the ready ones if its first event may run. */
  #list(lane: Lane<T>): void {
    const head = lane.waiting[0];
    if (lane.listed || lane.running !== undefined || head === undefined) return;
    if (this.#names.mustWait(lane.key)) return;
    if (head.openUntil !== undefined) return;
    lane.listed = true;
    this.#ready.push(lane);
  }
}

function queuedIn<T>(lane: Lane<T>, { covers, payload }: Waiting<T>): QueuedEvent<T> {
  return { lane: lane.key, event: mergeEvents(covers), covers, payload };
}
