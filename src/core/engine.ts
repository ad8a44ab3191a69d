/**
 * The loop's step: facts and answers go in, effects come out as plain data. It reads no clock, waits for nothing and
 * starts nothing; whoever owns it carries the effects out in their order and says how they ended.
 *
 *   facts → reduce → diff → events → queue → hooks
 *                      └→ policy routing, readings of the kernel
 */
import type { Change } from './change.ts';
import { diff } from './diff.ts';
import { emptyState } from './empty-state.ts';
import type { EventDraft, NetworkEvent } from './event.ts';
import type { Fact } from './fact.ts';
import { HookQueue, type HookQueueLimits, type LaneKey, type QueuedEvent } from './hook-queue.ts';
import {
  type EventId,
  eventId,
  type Instant,
  instant,
  millis,
  type Seq,
  seq,
  type TableId,
  type Timestamp,
} from './ids.ts';
import { ReservedTable } from './kernel-objects.ts';
import type { LinkSelection } from './link-selection.ts';
import { type EventOptions, planEvents } from './plan/events.ts';
import type { RoutingEffect, RoutingOutcome } from './plan/policy-routing/effect.ts';
import { emptyMemory, noteOutcomes, type RoutingMemory } from './plan/policy-routing/memory.ts';
import type { RoutingNotice } from './plan/policy-routing/notices.ts';
import { planRouting } from './plan/policy-routing/plan.ts';
import type { RoutingPolicy } from './plan/policy-routing/policy.ts';
import { type Projection, projectState } from './plan/policy-routing/project.ts';
import { newResyncMachine, planResync, type Reading, type ResyncMachine } from './plan/resync.ts';
import { reduce, withFreshPictures } from './reduce.ts';
import { NETEVD_PROTOCOL } from './routing-identity.ts';
import type { State } from './state.ts';
import type { Source } from './states.ts';

/** What the operator wants, as far as it decides. */
export interface EnginePolicy {
  readonly backend: Source | 'auto';
  readonly selection: LinkSelection;
  readonly limits: HookQueueLimits;
  readonly onStart: 'changed' | 'replay' | 'never';
  readonly routing: RoutingPolicy;
}

/** When a step happens, on both clocks. */
export interface Moment {
  readonly now: Instant;
  readonly wall: Timestamp;
}

/** An event whose hooks an earlier run has not finished. */
export interface PendingEvent {
  readonly event: NetworkEvent;
  readonly resume: Resumption;
}

/** How far an earlier run has come with the scripts of an event, by their paths. */
export interface Resumption {
  /** Those that have started: they do not run again. */
  readonly done: ReadonlySet<string>;
  /** Those of which it is not known whether they started: they run, and are told so. */
  readonly uncertain: ReadonlySet<string>;
}

/** What an earlier run left behind. */
export interface Inheritance {
  readonly state: State;
  /** In their order. */
  readonly pending: readonly PendingEvent[];
}

export interface EngineOptions {
  readonly policy: EnginePolicy;
  /** Makes event ids unique across restarts of one state directory, together with their numbers. */
  readonly instance: string;
  /** Of the newest event that was ever numbered. */
  readonly lastSeq: Seq;
  /** Absent at boot. */
  readonly inheritance?: Inheritance;
}

/** The network as the hooks of an event are to see it. */
export interface HookPayload {
  readonly state: State;
  readonly resume?: Resumption;
}

export type HookRunOrder = QueuedEvent<HookPayload>;

/** What a step has found out. Everything that must outlive the process is in it. */
export interface Finding {
  readonly kind: 'record';
  readonly changes: readonly Change[];
  /** New events, all of which wait for their turn now. */
  readonly events: readonly NetworkEvent[];
  /** Events that gave way in a full queue and will not run. */
  readonly superseded: readonly HookRunOrder[];
  readonly resync: boolean;
  /** The first of all: what there is at the start. */
  readonly initial: boolean;
}

/** To be carried out in the order given: what is recorded is recorded before anything starts. */
export type Effect =
  | Finding
  | { readonly kind: 'runHooks'; readonly order: HookRunOrder }
  | { readonly kind: 'readKernel'; readonly reading: Reading }
  | { readonly kind: 'changeRouting'; readonly effects: readonly RoutingEffect[] }
  | { readonly kind: 'noticeRouting'; readonly notices: readonly RoutingNotice[] };

export class Engine {
  private readonly options: EngineOptions;
  private policy: EnginePolicy;
  private state: State;
  private readonly queue: HookQueue<HookPayload>;
  private resync: ResyncMachine = newResyncMachine;
  private memory: RoutingMemory = emptyMemory;
  private projection: Projection | undefined;
  private routingDueAt: Instant | undefined;
  private resyncDueAt: Instant | undefined;
  private last: Seq;
  private started = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.policy = options.policy;
    const inherited = options.inheritance?.state ?? emptyState(options.policy.backend);
    this.state = reduce(inherited, { kind: 'backendChosen', backend: options.policy.backend });
    this.queue = new HookQueue(options.policy.limits);
    this.last = options.lastSeq;
  }

  /** The network as it is known now. */
  get network(): State {
    return this.state;
  }

  /** Whether the kernel has been read once, so that what is known is complete. */
  get isReady(): boolean {
    return this.started;
  }

  /** Events that wait, and lanes that run. */
  get load(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.queue.waiting, running: this.queue.running };
  }

  /** Whether no change of rules or routes is under way. */
  get isRoutingSettled(): boolean {
    return this.memory.inFlight.size === 0;
  }

  get lastSeq(): Seq {
    return this.last;
  }

  /** Takes in what a source has observed, in its order. */
  observe(facts: readonly Fact[], at: Moment): Effect[] {
    const effects: Effect[] = [];
    for (const fact of facts) {
      const before = this.state;
      this.state = reduce(before, fact);
      const finding = this.started
        ? this.follow(before, fact, at)
        : fact.kind === 'kernelRead' && this.start(before, at);
      if (finding) effects.push(finding);
    }
    return this.settle(effects, at);
  }

  /** The hooks of a lane's event have ended, however they did. */
  hooksFinished(lane: LaneKey, at: Moment): Effect[] {
    this.queue.finished(lane);
    return this.settle([], at);
  }

  /** How effects of `changeRouting` ended. */
  routingFinished(outcomes: readonly RoutingOutcome[], at: Moment): Effect[] {
    this.memory = noteOutcomes(this.memory, outcomes, at.now);
    this.routingDueAt = at.now;
    return this.settle([], at);
  }

  /** The time that `nextWakeAt` named has come. */
  wake(at: Moment): Effect[] {
    return this.settle([], at);
  }

  /** From now on this is wanted. What waits and what runs is not touched. */
  configure(policy: EnginePolicy, at: Moment): Effect[] {
    const limitsChanged = JSON.stringify(policy.limits) !== JSON.stringify(this.policy.limits);
    this.policy = policy;
    if (limitsChanged) this.queue.configure(policy.limits);
    this.routingDueAt = at.now;
    return this.observe([{ kind: 'backendChosen', backend: policy.backend }], at);
  }

  /** When to call `wake` if nothing else happens before; undefined where time alone changes nothing. */
  nextWakeAt(): Instant | undefined {
    const due = [this.queue.nextWakeAt(), this.resyncDueAt, this.routingDueAt].filter(
      (at) => at !== undefined,
    );
    return due.length === 0 ? undefined : instant(Math.min(...due));
  }

  /** What the first complete reading means: the difference to what an earlier run knew, or everything. */
  private start(before: State, at: Moment): Finding {
    this.started = true;
    const { inheritance } = this.options;
    if (inheritance !== undefined) this.state = withFreshPictures(this.state);
    const changes = diff(before, this.state);
    this.resumePending(inheritance?.pending ?? [], at);
    return this.record(changes, this.startEvents(changes, inheritance !== undefined), at, before, {
      resync: false,
      initial: true,
    });
  }

  private resumePending(pending: readonly PendingEvent[], at: Moment): void {
    // Each on its own, however many: what has run in part must not be merged with anything.
    this.queue.configure({
      ...this.policy.limits,
      debounce: millis(0),
      queueLimit: Number.POSITIVE_INFINITY,
    });
    for (const { event, resume } of pending) {
      this.queue.enqueue(event, { state: this.state, resume }, at.now);
    }
    this.queue.configure(this.policy.limits);
  }

  private startEvents(changes: readonly Change[], inherited: boolean): readonly EventDraft[] {
    const { onStart } = this.policy;
    if (onStart === 'never') return [];
    const options = this.eventOptions({ initial: true, resync: false });
    if (!inherited) return planEvents(changes, this.state, options);
    if (onStart === 'replay') {
      return planEvents(diff(emptyState(this.policy.backend), this.state), this.state, options);
    }
    const drafts = planEvents(changes, this.state, { ...options, initial: false });
    return drafts.map((draft) => ({ ...draft, initial: true }));
  }

  private follow(before: State, fact: Fact, at: Moment): Finding | undefined {
    const changes = diff(before, this.state);
    if (changes.length === 0) return undefined;
    const resync = fact.kind === 'kernelRead';
    const drafts = planEvents(changes, this.state, this.eventOptions({ initial: false, resync }));
    return this.record(changes, drafts, at, before, { resync, initial: false });
  }

  private record(
    changes: readonly Change[],
    drafts: readonly EventDraft[],
    at: Moment,
    before: State,
    marks: { readonly resync: boolean; readonly initial: boolean },
  ): Finding {
    const superseded: HookRunOrder[] = [];
    const events = drafts.map((draft) => {
      const event = this.number(draft, at.wall);
      const { superseded: dropped } = this.queue.enqueue(
        event,
        { state: this.stateFor(event, before) },
        at.now,
      );
      if (dropped !== undefined) superseded.push(dropped);
      return event;
    });
    return { kind: 'record', changes, events, superseded, ...marks };
  }

  /** The state in which the event's link can be seen: the one before, for a link that is gone. */
  private stateFor(event: NetworkEvent, before: State): State {
    if (event.link === undefined) return this.state;
    const there = this.state.links.get(event.link.index);
    return there?.generation === event.link.generation ? this.state : before;
  }

  private number(draft: EventDraft, wall: Timestamp): NetworkEvent {
    this.last = seq(this.last + 1);
    return { ...draft, id: this.idOf(this.last), seq: this.last, at: wall };
  }

  private idOf(number: Seq): EventId {
    return eventId(`${this.options.instance}-${number}`);
  }

  private eventOptions(marks: { readonly initial: boolean; readonly resync: boolean }): EventOptions {
    return {
      isMonitored: (name) => this.policy.selection.isMonitored(name),
      reportsTable: (table) => this.reportsTable(table),
      ownProtocol: NETEVD_PROTOCOL,
      ...marks,
    };
  }

  private reportsTable(table: TableId): boolean {
    return table === ReservedTable.main || this.projection?.interest.tables.has(table) === true;
  }

  /** What follows from where things stand now, after whatever has been found out. */
  private settle(effects: Effect[], { now }: Moment): Effect[] {
    this.settleReadings(effects, now);
    this.settleRouting(effects, now);
    for (const order of this.queue.takeReady(now)) effects.push({ kind: 'runHooks', order });
    return effects;
  }

  private settleReadings(effects: Effect[], now: Instant): void {
    const plan = planResync(this.resync, this.state.kernel, now);
    this.resync = plan.machine;
    this.resyncDueAt = plan.nextAt;
    for (const reading of plan.readings) effects.push({ kind: 'readKernel', reading });
  }

  /** Policy routing is planned where something that it looks at has changed, or its time has come. */
  private settleRouting(effects: Effect[], now: Instant): void {
    if (!this.started) return;
    const before = this.projection;
    this.projection = projectState(this.state, this.policy.routing, before);
    const isDue = this.routingDueAt !== undefined && this.routingDueAt <= now;
    if (!isDue && before?.view === this.projection.view) return;
    const plan = planRouting(this.projection.view, this.policy.routing, this.memory, now);
    this.memory = plan.memory;
    this.routingDueAt = plan.nextAt;
    if (plan.notices.length > 0) effects.push({ kind: 'noticeRouting', notices: plan.notices });
    if (plan.effects.length > 0) effects.push({ kind: 'changeRouting', effects: plan.effects });
  }
}
