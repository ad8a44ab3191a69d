/**
 * The loop's step: facts and answers go in, effects come out as plain data. It reads no clock, waits for nothing and
 * starts nothing; whoever owns it carries the effects out in their order and says how they ended.
 *
 *   facts → reduce → diff → events → queue → hooks
 *                      └→ policy routing, name resolution, readings of the kernel
 */

import { diff } from './diff/diff.ts';
import type { Effect, Finding, HookPayload, HookRunOrder } from './effect.ts';
import { type EventOptions, planEvents } from './events/plan-events.ts';
import { type OnStart, planStartEvents } from './events/start-events.ts';
import { HookQueue, type HookQueueLimits, type LaneKey } from './hooks/queue.ts';
import type { Inheritance, PendingEvent } from './journal/recovery.ts';
import { diffSilentUpdate } from './journal/silent-update.ts';
import { trustedState } from './journal/trusted-state.ts';
import type { Change } from './model/change.ts';
import { emptyState } from './model/empty-state.ts';
import type { EventDraft, HookDirectory, NetworkEvent } from './model/event.ts';
import type { Fact } from './model/fact.ts';
import {
  type EventId,
  eventId,
  type Instant,
  instant,
  type Millis,
  millis,
  type Seq,
  seq,
  type TableId,
  type Timestamp,
} from './model/ids.ts';
import { ReservedTable } from './model/kernel-objects.ts';
import type { LinkSelection } from './model/link-selection.ts';
import { NETEVD_PROTOCOL } from './model/routing-identity.ts';
import type { State } from './model/state.ts';
import type { Source } from './model/vocabulary.ts';
import { withFreshStatus } from './reduce/derive-status.ts';
import { reduce } from './reduce/reduce.ts';
import type { LinkService, ResolverOutcome } from './resolver/call.ts';
import { ResolverLane } from './resolver/lane.ts';
import type { ResolverSettings } from './resolver/wanted-settings.ts';
import { ResyncLane } from './resync/lane.ts';
import { RoutingLane } from './routing/lane.ts';
import type { RoutingOutcome } from './routing/plan/routing-effect.ts';
import type { RoutingPolicy } from './routing/policy.ts';
import type { RoutingStatus } from './routing/report/status.ts';
import type { TableNames } from './routing/wanted/table-names.ts';

/** What the operator wants, as far as it decides. */
export interface EnginePolicy {
  readonly backend: Source | 'auto';
  readonly selection: LinkSelection;
  readonly limits: HookQueueLimits;
  readonly onStart: OnStart;
  readonly routing: RoutingPolicy;
  readonly resolver: ResolverSettings;
}

/** When a step happens, on both clocks. */
export interface Moment {
  readonly now: Instant;
  readonly wall: Timestamp;
}

export interface EngineOptions {
  readonly policy: EnginePolicy;
  /** Makes event ids unique across restarts of one state directory, together with their numbers. */
  readonly instance: string;
  /** Of the newest event that was ever numbered. */
  readonly lastSeq: Seq;
  /** Absent at boot. */
  readonly recovered?: Inheritance;
  /** Whether a hook is there for events of the directory; asked for every event. Absent: for all of them. */
  readonly hasHooks?: (directory: HookDirectory) => boolean;
}

/** ResyncLane of managers: whole pictures, of which the first is no news. */
const managerReadings: ReadonlySet<Fact['kind']> = new Set([
  'networkdRead',
  'networkManagerRead',
  'leasesRead',
]);
/** So long after the kernel a manager's first reading belongs to the start: a bus may need to be waited for. */
const startUpWindow: Millis = millis(10_000);

/** What has come of a step, and the state before it. */
type Difference = Pick<Finding, 'changes' | 'silentUpdate'> & { readonly before: State };

/** Whether the fact is a reading after messages were lost. */
function isReadAgain({ networkd, networkManager }: State, { kind }: Fact): boolean {
  switch (kind) {
    case 'kernelRead':
      return true;
    case 'networkdRead':
      return networkd.freshness === 'stale';
    case 'networkManagerRead':
      return networkManager.freshness === 'stale';
    default:
      return false;
  }
}

/** Effects of one step: handed over one by one as soon as they are known, or kept until the step is over. */
class Effects {
  readonly kept: Effect[] = [];
  readonly #carryOut: ((effect: Effect) => void) | undefined;

  constructor(carryOut: ((effect: Effect) => void) | undefined) {
    this.#carryOut = carryOut;
  }

  push(effect: Effect): void {
    if (this.#carryOut === undefined) this.kept.push(effect);
    else this.#carryOut(effect);
  }
}

export class Engine {
  readonly #options: EngineOptions;
  #policy: EnginePolicy;
  #state: State;
  /** What was known before anything was heard: what the first reading is compared with. */
  readonly #baseline: State;
  #startedAt: Instant | undefined;
  /** Managers whose first reading has come. */
  readonly #initialReads = new Set<Fact['kind']>();
  readonly #queue: HookQueue<HookPayload>;
  readonly #resync = new ResyncLane();
  readonly #routing = new RoutingLane();
  readonly #resolver = new ResolverLane();
  #last: Seq;
  #carryOut: ((effect: Effect) => void) | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#policy = options.policy;
    const recovered = options.recovered?.state ?? emptyState(options.policy.backend);
    this.#state = reduce(recovered, { kind: 'backendChosen', backend: options.policy.backend });
    this.#baseline = this.#state;
    this.#queue = new HookQueue(options.policy.limits);
    this.#last = options.lastSeq;
    if (options.recovered !== undefined) this.#resolver.resume(this.#state, options.policy.resolver);
  }

  /**
   * From now on each effect is handed over as soon as it is known, and none is returned: a hook does not wait for what
   * else a burst of messages means. `carryOut` must not call the engine.
   */
  handOver(carryOut: (effect: Effect) => void): void {
    this.#carryOut = carryOut;
  }

  /** The network as it is known now. */
  get network(): State {
    return this.#state;
  }

  /** Whether the kernel has been read once, so that what is known is complete. */
  get isReady(): boolean {
    return this.#startedAt !== undefined;
  }

  /** Events that wait, and lanes that run. */
  get load(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#queue.waiting, running: this.#queue.running };
  }

  /** Whether no change of rules or routes is under way. */
  get isRoutingIdle(): boolean {
    return this.#routing.isIdle;
  }

  /** How policy routing stands; costs a plan. Undefined before the kernel has been read. */
  routingStatus(now: Instant): RoutingStatus | undefined {
    return this.#routing.status(this.#policy.routing, now);
  }

  /** The tables of the links under policy routing, by their names for people. */
  get tableNames(): TableNames {
    return this.#routing.tableNames(this.#policy.routing);
  }

  get lastSeq(): Seq {
    return this.#last;
  }

  /** Takes in what a source has observed, in its order. */
  observe(facts: readonly Fact[], at: Moment): Effect[] {
    const effects = this.#noEffects();
    for (const fact of facts) {
      const before = this.#state;
      this.#state = reduce(before, fact);
      const finding = this.isReady ? this.#follow(before, fact, at) : this.#start(fact, at);
      if (finding === undefined) continue;
      effects.push(finding);
      this.#startHooks(effects, at.now);
    }
    return this.#planFollowUp(effects, at);
  }

  /** The hooks of a lane's event have ended, however they did. */
  hooksFinished(lane: LaneKey, at: Moment): Effect[] {
    this.#queue.finished(lane);
    return this.#planFollowUp(this.#noEffects(), at);
  }

  /** How effects of `changeRouting` ended. */
  routingFinished(outcomes: readonly RoutingOutcome[], at: Moment): Effect[] {
    this.#routing.finished(outcomes, at.now);
    return this.#planFollowUp(this.#noEffects(), at);
  }

  /** How calls of `callResolver` ended. */
  resolverFinished(outcomes: readonly ResolverOutcome[], at: Moment): Effect[] {
    this.#resolver.finished(outcomes, at.now);
    return this.#planFollowUp(this.#noEffects(), at);
  }

  /** The service is there again, after it was not. */
  resolverReturned(service: LinkService, at: Moment): Effect[] {
    this.#resolver.serviceReturned(service);
    return this.#planFollowUp(this.#noEffects(), at);
  }

  /** The time that `nextWakeAt` named has come. */
  wake(at: Moment): Effect[] {
    return this.#planFollowUp(this.#noEffects(), at);
  }

  /** From now on this is wanted. What waits and what runs is not touched. */
  configure(policy: EnginePolicy, at: Moment): Effect[] {
    const limitsChanged = JSON.stringify(policy.limits) !== JSON.stringify(this.#policy.limits);
    this.#policy = policy;
    if (limitsChanged) this.#queue.configure(policy.limits);
    this.#routing.reconsider(at.now);
    return this.observe([{ kind: 'backendChosen', backend: policy.backend }], at);
  }

  /** When to call `wake` if nothing else happens before; undefined where time alone changes nothing. */
  nextWakeAt(): Instant | undefined {
    const resolverDueAt = this.isReady ? this.#resolver.nextWakeAt() : undefined;
    const due = [
      this.#queue.nextWakeAt(),
      this.#resync.nextWakeAt(),
      this.#routing.nextWakeAt(),
      resolverDueAt,
    ].filter((at) => at !== undefined);
    return due.length === 0 ? undefined : instant(Math.min(...due));
  }

  /** What the first complete reading means: the difference to what an earlier run knew, or everything. */
  #start(fact: Fact, at: Moment): Finding | undefined {
    this.#initialReads.add(fact.kind);
    if (fact.kind !== 'kernelRead') return undefined;
    this.#startedAt = at.now;
    const { recovered } = this.#options;
    if (recovered !== undefined) this.#state = withFreshStatus(this.#state);
    const difference = this.#differenceFrom(this.#baseline);
    this.#resumePending(recovered?.pending ?? [], at);
    const drafts = this.#startDrafts(difference.changes, this.#policy.onStart);
    return this.#record(difference, drafts, at, { resync: false, initial: true });
  }

  #resumePending(pending: readonly PendingEvent[], at: Moment): void {
    // Each on its own, however many: what has run in part must not be merged with anything.
    this.#queue.configure({
      ...this.#policy.limits,
      debounce: millis(0),
      queueLimit: Number.POSITIVE_INFINITY,
    });
    for (const { event, resume } of pending) {
      this.#queue.enqueue(event, { state: this.#stateFor(event, this.#baseline), resume }, at.now);
    }
    this.#queue.configure(this.#policy.limits);
  }

  #startDrafts(changes: readonly Change[], onStart: OnStart): readonly EventDraft[] {
    const isBoot = this.#options.recovered === undefined;
    const options = this.#eventOptions({ initial: true, resync: false });
    return planStartEvents(changes, this.#state, { onStart, isBoot }, options);
  }

  #follow(before: State, fact: Fact, at: Moment): Finding | undefined {
    const isInitialRead = this.#isInitialRead(fact, at.now);
    const difference = this.#differenceFrom(before);
    const { changes, silentUpdate } = difference;
    if (changes.length === 0 && silentUpdate === undefined) return undefined;
    if (isInitialRead) {
      // What `replay` wants of every link, it has got when the kernel was read.
      const drafts = this.#startDrafts(changes, this.#policy.onStart === 'never' ? 'never' : 'changed');
      return this.#record(difference, drafts, at, { resync: false, initial: true });
    }
    const resync = isReadAgain(before, fact);
    const drafts = planEvents(changes, this.#state, this.#eventOptions({ initial: false, resync }));
    return this.#record(difference, drafts, at, { resync, initial: false });
  }

  #differenceFrom(before: State): Difference {
    const changes = diff(before, this.#state);
    const silentUpdate = diffSilentUpdate(before, this.#state);
    return { before, changes, ...(silentUpdate !== undefined && { silentUpdate }) };
  }

  /** A manager that is read for the first time soon after the kernel was there at the start: its states are no news. */
  #isInitialRead({ kind }: Fact, now: Instant): boolean {
    if (!managerReadings.has(kind) || this.#initialReads.has(kind) || this.#startedAt === undefined)
      return false;
    this.#initialReads.add(kind);
    return now - this.#startedAt <= startUpWindow;
  }

  #record(
    { before, ...found }: Difference,
    drafts: readonly EventDraft[],
    at: Moment,
    marks: { readonly resync: boolean; readonly initial: boolean },
  ): Finding {
    const superseded: HookRunOrder[] = [];
    let withoutHooks: Set<EventId> | undefined;
    const events = drafts.map((draft) => {
      const event = this.#number(draft, at.wall);
      if (this.#options.hasHooks?.(event.directory) === false) {
        withoutHooks ??= new Set();
        withoutHooks.add(event.id);
        return event;
      }
      const { superseded: dropped } = this.#queue.enqueue(
        event,
        { state: this.#stateFor(event, before) },
        at.now,
      );
      if (dropped !== undefined) superseded.push(dropped);
      return event;
    });
    return {
      kind: 'record',
      ...found,
      events,
      ...(withoutHooks !== undefined && { withoutHooks }),
      superseded,
      ...marks,
    };
  }

  /** The state in which the event's link can be seen: the one before, for a link that is gone. */
  #stateFor(event: NetworkEvent, before: State): State {
    if (event.link === undefined) return this.#state;
    const there = this.#state.links.get(event.link.index);
    return there?.generation === event.link.generation ? this.#state : before;
  }

  #number(draft: EventDraft, wall: Timestamp): NetworkEvent {
    this.#last = seq(this.#last + 1);
    return { ...draft, id: this.#idOf(this.#last), seq: this.#last, at: wall };
  }

  #idOf(number: Seq): EventId {
    return eventId(`${this.#options.instance}-${number}`);
  }

  #eventOptions(marks: { readonly initial: boolean; readonly resync: boolean }): EventOptions {
    return {
      isMonitored: (name) => this.#policy.selection.isMonitored(name),
      reportsTable: (table) => this.#reportsTable(table),
      ownProtocol: NETEVD_PROTOCOL,
      ...marks,
    };
  }

  #reportsTable(table: TableId): boolean {
    return table === ReservedTable.main || this.#routing.isConcernedWith(table);
  }

  /** What follows from where things stand now, after whatever has been found out. */
  #planFollowUp(effects: Effects, { now }: Moment): Effect[] {
    this.#startHooks(effects, now);
    this.#planResync(effects, now);
    this.#planRouting(effects, now);
    this.#planResolver(effects, now);
    return effects.kept;
  }

  #noEffects(): Effects {
    return new Effects(this.#carryOut);
  }

  #startHooks(effects: Effects, now: Instant): void {
    for (const order of this.#queue.takeReady(now)) effects.push({ kind: 'runHooks', order });
  }

  #planResync(effects: Effects, now: Instant): void {
    const isAudited = this.isReady && this.#policy.routing.links.length > 0;
    const { kernel, networkd } = this.#resync.plan(this.#state, isAudited, now);
    for (const reading of kernel) effects.push({ kind: 'readKernel', reading });
    if (networkd) effects.push({ kind: 'readNetworkd' });
  }

  #planRouting(effects: Effects, now: Instant): void {
    if (!this.isReady) return;
    const state = trustedState(this.#state, this.#initialReads);
    const turn = this.#routing.plan(state, this.#policy.routing, now);
    if (turn.notices.length > 0) effects.push({ kind: 'noticeRouting', notices: turn.notices });
    if (turn.effects.length > 0) effects.push({ kind: 'changeRouting', effects: turn.effects });
  }

  #planResolver(effects: Effects, now: Instant): void {
    if (!this.isReady) return;
    const { calls, notices } = this.#resolver.plan(this.#state, this.#policy.resolver, now);
    if (notices.length > 0) effects.push({ kind: 'noticeResolver', notices });
    if (calls.length > 0) effects.push({ kind: 'callResolver', calls });
  }
}
