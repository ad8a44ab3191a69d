/**
 * What events remember between steps: the values that transitions reported last, and the penalties of links
 * that flap.
 */
import type { EnginePolicy, Moment } from '../engine-options.ts';
import type { Change, LinkRef } from '../model/change.ts';
import type { EventDraft } from '../model/event.ts';
import { earliest, type IfIndex, type Instant } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import type { ReportedUpdates, ReportedValues } from '../model/transition.ts';
import { dampingDraft } from './damping/damping-draft.ts';
import { DampingLane, type DampingStatus, type Release } from './damping/damping-lane.ts';
import type { Marks } from './transitions/drafts.ts';
import { TransitionLane, type TransitionStep } from './transitions/transition-lane.ts';

/** The changes of one step, and how its events are marked. */
export interface EventStep extends Marks {
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  /** What a manager says for the first time. */
  readonly isInitialRead: boolean;
}

type Policy = Pick<EnginePolicy, 'limits' | 'online' | 'damping' | 'selection' | 'onStart'>;

export class EventLane {
  readonly #transitions: TransitionLane;
  readonly #damping = new DampingLane();
  /** Whether an earlier run left its reports: what differs from them is news also at the start. */
  readonly #isRecovered: boolean;

  constructor(recovered: ReportedValues | undefined) {
    this.#transitions = new TransitionLane(recovered);
    this.#isRecovered = recovered !== undefined;
  }

  /** Takes the first complete reading. Returns the transitions of links that an earlier run knew. */
  start(state: State, changes: readonly Change[], policy: Policy, at: Moment): readonly EventDraft[] {
    const step = this.#step(policy, at, { initial: true, resync: false }, true);
    const drafts = this.#transitions.start(state, changes, step);
    if (policy.onStart === 'replay') this.#transitions.replayOnline(state, step);
    return drafts;
  }

  /** Follows one step. Returns the links that are damped from now on, and the transitions of vanished links. */
  follow(step: EventStep, policy: Policy, at: Moment): readonly EventDraft[] {
    const { before, after, changes, isInitialRead } = step;
    const monitored = changes.filter(
      (change) => 'link' in change && policy.selection.isMonitored(change.link.name),
    );
    const damped = this.#damping.follow(before, monitored, policy.damping, at.now);
    this.#damping.forget(changes);
    const transitions = this.#transitions.follow(
      before,
      after,
      changes,
      this.#step(policy, at, step, isInitialRead),
    );
    return [...damped.map((link) => dampingDraft('damped', link, after)), ...transitions];
  }

  /** Marks what no hook may run for while its link is damped. */
  withhold(draft: EventDraft): EventDraft {
    const { link, directory, transition, state } = draft;
    if (link === undefined || directory === 'damped' || !this.#damping.isDamped(link)) return draft;
    // The transitions of a link that vanished are net differences already.
    return transition !== undefined && state === 'missing' ? draft : { ...draft, recordOnly: true };
  }

  /** The links whose hooks wait. */
  dampedLinks(): readonly LinkRef[] {
    return this.#damping.dampedLinks();
  }

  /** Returns the links whose hooks may run again. */
  takeReleased(state: State, policy: Policy, { now }: Moment): readonly Release[] {
    const released = this.#damping.takeReleased(state, policy.damping, now);
    for (const { link } of released) this.#transitions.hasten(link, now);
    return released;
  }

  /** Returns the transitions whose values have come to rest. */
  takeTransitions(state: State, policy: Policy, at: Moment): readonly EventDraft[] {
    return this.#transitions.takeDue(state, {
      ...this.#step(policy, at, { initial: false, resync: false }),
      heldUntil: (index) => this.#heldUntil(state, index, policy),
    });
  }

  /** Applies another policy. */
  configure(state: State, policy: Policy, at: Moment): void {
    this.#transitions.reselect(state, this.#step(policy, at, { initial: false, resync: false }));
  }

  /** Whether the journal lacks what was reported. */
  get hasUpdates(): boolean {
    return this.#transitions.hasUpdates;
  }

  /** Returns what was reported since the last call, for the journal. */
  takeUpdates(): ReportedUpdates {
    return this.#transitions.takeUpdates();
  }

  nextWakeAt(policy: Policy): Instant | undefined {
    return earliest([this.#transitions.nextWakeAt(), this.#damping.nextWakeAt(policy.damping)]);
  }

  /** The flap damping of a link; undefined if it has lost no carrier. */
  damping(state: State, index: IfIndex, policy: Policy, now: Instant): DampingStatus | undefined {
    const link = state.links.get(index);
    return link === undefined ? undefined : this.#damping.read(link, policy.damping, now);
  }

  #heldUntil(state: State, index: IfIndex, policy: Policy): Instant | undefined {
    const link = state.links.get(index);
    return link === undefined ? undefined : this.#damping.releaseAt(link, policy.damping);
  }

  /** At boot, what is true counts as reported; after a restart it is compared with what the journal says. */
  #step(policy: Policy, { now, wall }: Moment, { initial, resync }: Marks, isFirst = false): TransitionStep {
    const { limits, online, selection, onStart } = policy;
    const isAdopted = isFirst && (!this.#isRecovered || onStart === 'never');
    return {
      now,
      wall,
      mode: isAdopted ? 'adopt' : 'compare',
      initial,
      resync,
      policy: { debounce: limits.debounce, online, isMonitored: (name) => selection.isMonitored(name) },
    };
  }
}
