/**
 * The engine's step: facts and outcomes go in, effects come out as plain data. It reads no clock, waits for nothing and
 * starts nothing; the loop carries the effects out in their order and reports how they ended.
 *
 *   facts → reduce → diff → events → queue → hooks
 *                      └→ policy routing, name resolution, resync
 */
import type { ConfigReloaded, Finding, LifecyclePhase, ReloadProblem } from './activity.ts';
import { diff } from './diff/diff.ts';
import type { Effect } from './effect.ts';
import type { EngineOptions, EnginePolicy, Moment } from './engine-options.ts';
import { isAbout } from './events/damping/about-link.ts';
import { planReleaseEvents } from './events/damping/release-events.ts';
import { EventLane } from './events/event-lane.ts';
import { type EventOptions, planEvents } from './events/plan-events.ts';
import { type OnStart, planStartEvents } from './events/start-events.ts';
import { placeBeforeRemovals } from './events/transitions/placement.ts';
import { newsOf } from './events/wider-read.ts';
import { type HookPayload, type HookRunOrder, withPresentName } from './hooks/hook-order.ts';
import type { HookRun } from './hooks/hook-run.ts';
import { HookQueue, type LaneKey } from './hooks/queue.ts';
import { InitialReads, isReadAgain } from './initial-reads.ts';
import type { PendingEvent } from './journal/recovery.ts';
import { diffSilentUpdate } from './journal/silent-update.ts';
import { trustedState } from './journal/trusted-state.ts';
import type { Change, LinkRef } from './model/change.ts';
import { emptyState } from './model/empty-state.ts';
import type { EventDraft, NetworkEvent } from './model/event.ts';
import type { Fact } from './model/fact.ts';
import { type Epoch, type EventId, earliest, type Instant, millis, type TableId } from './model/ids.ts';
import { ReservedTable } from './model/kernel-objects.ts';
import { NETEVD_PROTOCOL } from './model/routing-identity.ts';
import type { State } from './model/state.ts';
import { RecordNumbers } from './record-numbers.ts';
import { withFreshStatus } from './reduce/derive-status.ts';
import { reduce } from './reduce/reduce.ts';
import type { LinkService, ResolverOutcome } from './resolver/call.ts';
import { ResolverLane } from './resolver/lane.ts';
import { ResyncLane } from './resync/lane.ts';
import { RoutingLane } from './routing/lane.ts';
import type { RoutingOutcome } from './routing/plan/routing-effect.ts';
import type { Snapshot } from './snapshot.ts';
import { SourceChanges } from './source-changes.ts';

/** What a fact changed, without the events that follow from it. */
type Difference = Pick<Finding, 'before' | 'after' | 'changes' | 'silentUpdate'>;
/** How the findings of a step are marked. */
type Marks = Pick<Finding, 'resync' | 'initial'>;

/** Takes each effect as soon as it is known, so that a hook does not wait for the rest of a burst. Must not call the engine. */
export type EffectSink = (effect: Effect) => void;

/** How the hooks of an event went, apart from the runs themselves. */
export interface HooksFinished {
  readonly link: LinkRef | undefined;
  /** Values that were withheld from the hooks, by variable. */
  readonly rejected: readonly (readonly [variable: string, count: number])[];
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #emit: EffectSink;
  readonly #numbers: RecordNumbers;
  #policy: EnginePolicy;
  #state: State;
  /** What was known before any source reported: the first dump is compared with it. */
  readonly #baseline: State;
  readonly #initialReads = new InitialReads();
  readonly #queue: HookQueue<HookPayload>;
  readonly #sourceChanges = new SourceChanges();
  readonly #events: EventLane;
  readonly #resync = new ResyncLane();
  readonly #routing = new RoutingLane();
  readonly #resolver = new ResolverLane();
  /** The newest event: the cause of the next change of routing. */
  #newestEvent: EventId | undefined;

  constructor(options: EngineOptions, emit: EffectSink) {
    this.#options = options;
    this.#emit = emit;
    this.#numbers = new RecordNumbers(options.epoch, options.lastSeq);
    this.#policy = options.policy;
    const recovered = options.recovered?.state ?? emptyState(options.policy.backend);
    this.#state = reduce(recovered, { kind: 'backendChosen', backend: options.policy.backend });
    this.#baseline = this.#state;
    this.#queue = new HookQueue(options.policy.limits);
    this.#events = new EventLane(options.recovered?.reported);
    if (options.recovered !== undefined) this.#resolver.resume(this.#state, options.policy.resolver);
  }

  /** Everything that is known now. The same objects as long as nothing changes. */
  snapshot(now: Instant): Snapshot {
    const policy = this.#policy;
    return {
      state: this.#state,
      epoch: this.#numbers.epoch,
      seq: this.#numbers.last,
      isReady: this.isReady,
      load: { waiting: this.#queue.waiting, running: this.#queue.running },
      selection: policy.selection,
      damping: (index) => this.#events.damping(this.#state, index, policy, now),
      tableNames: () => this.#routing.tableNames(policy.routing),
      routing: () => this.#routing.status(policy.routing, now),
    };
  }

  /** Whether the kernel has been read once, so that the state is complete. */
  get isReady(): boolean {
    return this.#initialReads.isStarted;
  }

  /** Whether no change of rules or routes is in flight. */
  get isRoutingIdle(): boolean {
    return this.#routing.isIdle;
  }

  /** Processes the facts of a source, in order. */
  observe(facts: readonly Fact[], at: Moment): void {
    for (const fact of facts) {
      const before = this.#state;
      this.#state = reduce(before, fact);
      this.#publishSourceChanges(before, fact, at);
      const finding = this.isReady ? this.#follow(before, fact, at) : this.#start(fact, at);
      if (finding === undefined) continue;
      this.#emit({ kind: 'publish', activity: finding });
      this.#startHooks(at.now);
    }
    this.#planFollowUp(at);
  }

  /** A script of an event has ended, or was not allowed to start. */
  hookRunEnded(run: HookRun, at: Moment): void {
    this.#emit({
      kind: 'publish',
      activity: { kind: 'hookRunEnded', ...this.#numbers.next(at.wall), run },
    });
  }

  /** All scripts of a lane's event have run. */
  hooksFinished(lane: LaneKey, { link, rejected }: HooksFinished, at: Moment): void {
    if (rejected.length > 0) {
      this.#emit({ kind: 'publish', activity: { kind: 'hookValuesRejected', link, rejected } });
    }
    this.#queue.finished(lane);
    this.#planFollowUp(at);
  }

  /** The outcomes of the effects of `changeRouting`. */
  routingFinished(outcomes: readonly RoutingOutcome[], at: Moment): void {
    this.#routing.finished(outcomes, at.now);
    const cause = this.#newestEvent === undefined ? {} : { causedBy: this.#newestEvent };
    for (const outcome of outcomes) {
      const numbered = this.#numbers.next(at.wall);
      this.#emit({ kind: 'publish', activity: { kind: 'routingChanged', ...numbered, outcome, ...cause } });
    }
    this.#planFollowUp(at);
  }

  /** The outcomes of the calls of `callResolver`. */
  resolverFinished(outcomes: readonly ResolverOutcome[], at: Moment): void {
    this.#resolver.finished(outcomes, at.now);
    for (const outcome of outcomes) {
      const numbered = this.#numbers.next(at.wall);
      this.#emit({ kind: 'publish', activity: { kind: 'resolverChanged', ...numbered, outcome } });
    }
    this.#planFollowUp(at);
  }

  /** The service is available again. */
  resolverReturned(service: LinkService, at: Moment): void {
    this.#resolver.serviceReturned(service);
    this.#planFollowUp(at);
  }

  /** The time that `nextWakeAt` returned has come. */
  wake(at: Moment): void {
    this.#planFollowUp(at);
  }

  /** Applies a policy that is not read from the configuration file, and so is no reload. */
  configure(policy: EnginePolicy, at: Moment): void {
    const limitsChanged = JSON.stringify(policy.limits) !== JSON.stringify(this.#policy.limits);
    this.#policy = policy;
    if (limitsChanged) this.#queue.configure(policy.limits);
    this.#routing.reconsider(at.now);
    if (this.isReady) this.#events.configure(this.#state, policy, at);
    this.observe([{ kind: 'backendChosen', backend: policy.backend }], at);
  }

  /** The configuration was read again and applies from now on. Waiting and running events stay as they are. */
  reloaded(policy: EnginePolicy, changed: readonly string[], at: Moment): void {
    this.#publishReload({ ok: true, changed, problems: [] }, at);
    this.configure(policy, at);
  }

  /** The configuration was read again and refused: the old one stays. */
  reloadRefused(problems: readonly ReloadProblem[], at: Moment): void {
    this.#publishReload({ ok: false, changed: [], problems }, at);
  }

  /** The daemon is ready, or about to end. */
  lifecycle(phase: LifecyclePhase, at: Moment): void {
    this.#emit({
      kind: 'publish',
      activity: { kind: 'lifecycle', ...this.#numbers.next(at.wall), phase },
    });
  }

  /** Numbers records from 1 in a new epoch: the history has begun a new database. */
  beginEpoch(epoch: Epoch): void {
    this.#numbers.begin(epoch);
    this.#emit({ kind: 'publish', activity: { kind: 'epochBegan', epoch } });
  }

  /** When to call `wake` if nothing else happens before; undefined if time alone changes nothing. */
  nextWakeAt(): Instant | undefined {
    const resolverDueAt = this.isReady ? this.#resolver.nextWakeAt() : undefined;
    return earliest([
      this.#queue.nextWakeAt(),
      this.#events.nextWakeAt(this.#policy),
      this.#resync.nextWakeAt(),
      this.#routing.nextWakeAt(),
      resolverDueAt,
    ]);
  }

  #publishReload(result: Pick<ConfigReloaded, 'ok' | 'changed' | 'problems'>, at: Moment): void {
    this.#emit({
      kind: 'publish',
      activity: { kind: 'configReloaded', ...this.#numbers.next(at.wall), ...result },
    });
  }

  #publishSourceChanges(before: State, fact: Fact, at: Moment): void {
    for (const draft of this.#sourceChanges.follow(before, this.#state, fact)) {
      this.#emit({ kind: 'publish', activity: { ...draft, ...this.#numbers.next(at.wall) } });
    }
  }

  /** The first complete dump: returns the difference to the previous run's state, or everything at boot. */
  #start(fact: Fact, at: Moment): Finding | undefined {
    if (!this.#initialReads.start(fact, at.now)) return undefined;
    const { recovered } = this.#options;
    if (recovered !== undefined) this.#state = withFreshStatus(this.#state);
    this.#sourceChanges.begin(this.#state);
    const difference = this.#differenceFrom(this.#baseline);
    this.#resumePending(recovered?.pending ?? [], at);
    const drafts = this.#startDrafts(difference.changes, this.#policy.onStart);
    const transitions = this.#events.start(this.#state, difference.changes, this.#policy, at);
    const marks = { resync: false, initial: true };
    return this.#find(difference, placeBeforeRemovals(drafts, transitions), at, marks);
  }

  #resumePending(pending: readonly PendingEvent[], at: Moment): void {
    // Without debounce or limit: an event that has run in part must not be merged or superseded.
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
    const isInitialRead = this.#initialReads.isInitial(fact, at.now);
    const difference = this.#differenceFrom(before);
    const { changes, silentUpdate } = difference;
    const marks = { resync: !isInitialRead && isReadAgain(before, fact), initial: isInitialRead };
    const others = this.#events.follow({ ...difference, ...marks, isInitialRead }, this.#policy, at);
    if (changes.length === 0 && silentUpdate === undefined) return undefined;
    // `replay` has already replayed every link when the kernel was read.
    const drafts = isInitialRead
      ? this.#startDrafts(changes, this.#policy.onStart === 'never' ? 'never' : 'changed')
      : planEvents(newsOf(fact, changes), this.#state, this.#eventOptions(marks));
    return this.#find(difference, placeBeforeRemovals(drafts, others), at, marks);
  }

  /** Reports what a link that is no longer damped did meanwhile, and the values that have come to rest. */
  #publishLateEvents(at: Moment): void {
    if (!this.isReady) return;
    const marks = { resync: false, initial: false };
    const publish = (difference: Difference, drafts: readonly EventDraft[]): void =>
      this.#emit({ kind: 'publish', activity: this.#find(difference, drafts, at, marks) });
    for (const { link, before } of this.#events.takeReleased(this.#state, this.#policy, at)) {
      const changes = diff(before, this.#state).filter((change) => isAbout(change, link));
      const drafts = planReleaseEvents(link, changes, this.#state, this.#eventOptions(marks));
      publish({ before, after: this.#state, changes }, drafts);
    }
    const drafts = this.#events.takeTransitions(this.#state, this.#policy, at);
    if (drafts.length === 0 && !this.#events.hasUpdates) return;
    publish({ before: this.#state, after: this.#state, changes: [] }, drafts);
  }

  #differenceFrom(before: State): Difference {
    const after = this.#state;
    const changes = diff(before, after);
    const silentUpdate = diffSilentUpdate(before, after);
    return { before, after, changes, ...(silentUpdate !== undefined && { silentUpdate }) };
  }

  #find(difference: Difference, drafts: readonly EventDraft[], at: Moment, marks: Marks): Finding {
    const superseded: HookRunOrder[] = [];
    let withoutHooks: Set<EventId> | undefined;
    const events = drafts.map((planned) => {
      const draft = this.#events.withhold(planned);
      const event = this.#numbers.event(draft, at.wall);
      this.#newestEvent = event.id;
      if (event.recordOnly === true || this.#hasNoHooks(event)) {
        withoutHooks ??= new Set();
        withoutHooks.add(event.id);
        return event;
      }
      const payload = { state: this.#stateFor(event, difference.before) };
      const { superseded: dropped } = this.#queue.enqueue(event, payload, at.now);
      if (dropped !== undefined) superseded.push(dropped);
      return event;
    });
    const reported = this.#events.takeUpdates();
    const damped = this.#events.dampedLinks();
    return {
      kind: 'finding',
      ...difference,
      events,
      ...(withoutHooks !== undefined && { withoutHooks }),
      ...(reported.length > 0 && { reported }),
      ...(damped.length > 0 && { damped }),
      superseded,
      ...marks,
    };
  }

  #hasNoHooks({ directory }: NetworkEvent): boolean {
    return this.#state.hookDirectories?.has(directory) === false;
  }

  /** Returns a state that contains the event's link: `before` if the link is gone. */
  #stateFor(event: NetworkEvent, before: State): State {
    if (event.link === undefined) return this.#state;
    const current = this.#state.links.get(event.link.index);
    return current?.generation === event.link.generation ? this.#state : before;
  }

  #eventOptions(marks: Marks): EventOptions {
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

  /** Plans what follows from the state after an input. */
  #planFollowUp(at: Moment): void {
    this.#publishLateEvents(at);
    this.#startHooks(at.now);
    this.#planResync(at.now);
    this.#planRouting(at);
    this.#planResolver(at);
  }

  #startHooks(now: Instant): void {
    for (const order of this.#queue.takeReady(now)) {
      this.#emit({ kind: 'runHooks', order: withPresentName(order, this.#state) });
    }
  }

  #planResync(now: Instant): void {
    const isAudited = this.isReady && this.#policy.routing.links.length > 0;
    const { kernel, networkd } = this.#resync.plan(this.#state, isAudited, now);
    for (const request of kernel) this.#emit({ kind: 'readKernel', request });
    if (networkd) this.#emit({ kind: 'readNetworkd' });
  }

  #planRouting({ now, wall }: Moment): void {
    if (!this.isReady) return;
    const state = trustedState(this.#state, this.#initialReads.kinds);
    const { effects, notices } = this.#routing.plan(state, this.#policy.routing, now);
    for (const notice of notices) {
      this.#emit({
        kind: 'publish',
        activity: { kind: 'routingNoticed', ...this.#numbers.next(wall), notice },
      });
    }
    if (effects.length > 0) this.#emit({ kind: 'changeRouting', effects });
  }

  #planResolver({ now, wall }: Moment): void {
    if (!this.isReady) return;
    const { calls, notices } = this.#resolver.plan(this.#state, this.#policy.resolver, now);
    for (const notice of notices) {
      this.#emit({
        kind: 'publish',
        activity: { kind: 'resolverNoticed', ...this.#numbers.next(wall), notice },
      });
    }
    if (calls.length > 0) this.#emit({ kind: 'callResolver', calls });
  }
}
