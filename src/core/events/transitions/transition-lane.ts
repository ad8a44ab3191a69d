/**
 * Transitions of values: compares what was reported last with what is true now. A value is reported once it
 * has been still for `hooks.debounce_ms`, so that a renumbering, or one change that the kernel and a manager
 * report one after the other, is one event; a value that returns to what was reported is none.
 *
 * The lane remembers the reported readings. The journal stores them, so that a restart reports exactly the
 * net difference.
 */
import type { Change, LinkRef } from '../../model/change.ts';
import type { EventDraft } from '../../model/event.ts';
import { type IfIndex, type Instant, type Millis, millis, type Timestamp } from '../../model/ids.ts';
import type { State } from '../../model/state.ts';
import {
  isSameTopicValue,
  type ReportedUpdates,
  type ReportedValues,
  type TopicValue,
} from '../../model/transition.ts';
import { hasCarrier } from '../../model/vocabulary.ts';
import { DefaultRoutes } from './default-routes.ts';
import { hostDraft, linkDraft, type Marks, renewalDraft } from './drafts.ts';
import { hostTopics, type OnlinePolicy, onlineKey } from './host-topics.ts';
import { linkTopics } from './link-topics.ts';
import { Reported } from './reported.ts';
import { Stillness } from './stillness.ts';
import { type LinkSubject, linkSubject } from './subject.ts';
import type { LinkTopic } from './topic.ts';
import { touchedLinks } from './touched-links.ts';

export interface TransitionPolicy {
  readonly debounce: Millis;
  readonly online: OnlinePolicy;
  isMonitored(name: string): boolean;
}

/** One step: when it happens, how its events are marked, and by which policy. */
export interface TransitionStep extends Marks {
  readonly now: Instant;
  readonly wall: Timestamp;
  readonly policy: TransitionPolicy;
  /**
   * `adopt`: what is true now counts as reported, as at boot and at a manager's first report then. `compare`:
   * report what differs.
   */
  readonly mode: 'adopt' | 'compare';
}

export interface DueStep extends Pick<TransitionStep, 'now' | 'wall' | 'policy'> {
  /** Until when nothing of a link may be reported: flap damping. */
  heldUntil(index: IfIndex): Instant | undefined;
}

/** Where a key of a link is read. */
interface Place {
  readonly topic: LinkTopic;
  readonly index: IfIndex;
}

const offline: TopicValue = { source: 'kernel', values: { state: 'offline' } };

export class TransitionLane {
  readonly #routes = new DefaultRoutes();
  readonly #reported: Reported;
  readonly #waiting = new Stillness();
  /** Of waiting keys that belong to a link. */
  readonly #places = new Map<string, Place>();
  #renewals: EventDraft[] = [];

  constructor(recovered: ReportedValues = new Map()) {
    this.#reported = new Reported(recovered);
  }

  /** Takes the first complete reading; `changes` led to it from what an earlier run knew. */
  start(state: State, changes: readonly Change[], step: TransitionStep): EventDraft[] {
    this.#routes.reset(state);
    const drafts = this.#vanishedDrafts(changes, step);
    for (const { index } of state.links.values()) this.#followLink(state, index, step);
    this.#followHost(state, step);
    if (step.mode === 'adopt') this.replayOnline(state, step);
    return drafts;
  }

  /** Reports that the host is online as a state that is true at the start; being offline is no news then. */
  replayOnline(state: State, step: TransitionStep): void {
    this.#waiting.forget(onlineKey);
    this.#reported.adopt(onlineKey, offline);
    const policy = { ...step.policy, debounce: millis(0) };
    this.#followHost(state, { ...step, policy, mode: 'compare' });
  }

  /**
   * Follows one step. Returns the transitions of links that vanished in it: nothing can follow them any more.
   */
  follow(before: State, after: State, changes: readonly Change[], step: TransitionStep): EventDraft[] {
    const routes = this.#routes.follow(changes, after);
    const drafts = this.#vanishedDrafts(changes, step);
    const touched = touchedLinks(before, after, changes, routes);
    for (const index of touched) this.#followLink(after, index, step);
    if (routes.length + touched.length + drafts.length > 0) this.#followHost(after, step);
    return drafts;
  }

  /** Applies another policy: what it adds to the selection or leaves out is no transition. */
  reselect(state: State, step: TransitionStep): void {
    for (const { index, name, generation } of state.links.values()) {
      const link = { index, generation };
      if (!step.policy.isMonitored(name)) this.#forgetLink(link);
      else if (!this.#isKnown(link)) this.#followLink(state, index, { ...step, mode: 'adopt' });
    }
    this.#followHost(state, { ...step, mode: 'compare' });
  }

  /** Makes what waits of a link due. */
  hasten(link: LinkRef, now: Instant): void {
    for (const topic of linkTopics) this.#waiting.hasten(keyOf(topic, link), now);
  }

  /** Returns the transitions that are due: links by index, then the host; and the renewals of leases. */
  takeDue(state: State, step: DueStep): EventDraft[] {
    const drafts = this.#renewals;
    this.#renewals = [];
    const order = {
      rank: (key: string): number => this.#rank(key),
      heldUntil: (key: string): Instant | undefined => this.#heldUntil(key, step),
      precedes: (a: string, b: string): boolean => this.#precedes(a, b),
      window: step.policy.debounce,
    };
    for (const [key, marks] of this.#waiting.takeDue(step.now, order)) {
      const place = this.#places.get(key);
      this.#places.delete(key);
      const draft =
        place === undefined
          ? this.#dueOfHost(state, key, step, marks)
          : this.#dueOfLink(state, key, place, step.wall, marks);
      if (draft !== undefined) drafts.push(draft);
    }
    return drafts;
  }

  /** Whether the journal lacks changes of the reported readings. */
  get hasUpdates(): boolean {
    return this.#reported.hasUpdates;
  }

  /** Returns the changes of the reported readings since the last call, for the journal. */
  takeUpdates(): ReportedUpdates {
    return this.#reported.takeUpdates();
  }

  /** When `takeDue` returns something more if nothing else happens. */
  nextWakeAt(): Instant | undefined {
    return this.#waiting.nextDueAt();
  }

  #followLink(state: State, index: IfIndex, step: TransitionStep): void {
    const subject = linkSubject(state, index, this.#routes);
    if (subject === undefined) return;
    if (!step.policy.isMonitored(subject.link.name)) this.#forgetLink(subject.link);
    else for (const topic of linkTopics) this.#followTopic(subject, topic, step);
  }

  #followTopic(subject: LinkSubject, topic: LinkTopic, step: TransitionStep): void {
    const { link } = subject;
    const key = keyOf(topic, link);
    const reading = topic.read(subject);
    if (step.mode === 'adopt') {
      this.#adopt(key, reading);
      return;
    }
    const isUnsettled = topic.isUnsettled?.(subject) === true;
    if (this.#compare(key, reading, step, isUnsettled)) this.#places.set(key, { topic, index: link.index });
    else {
      this.#places.delete(key);
      this.#noteRenewal(key, topic, subject, reading, step);
    }
  }

  #followHost(state: State, step: TransitionStep): void {
    for (const topic of hostTopics) {
      const reading = topic.read(state, this.#routes, step.policy.online);
      if (step.mode === 'compare') this.#compare(topic.key, reading, step, false);
      else if (topic.key !== onlineKey) this.#adopt(topic.key, reading);
    }
  }

  #compare(
    key: string,
    reading: TopicValue | undefined,
    step: TransitionStep,
    isUnsettled: boolean,
  ): boolean {
    const { debounce } = step.policy;
    const seen = { reported: this.#reported.get(key), reading, isUnsettled, debounce };
    return this.#waiting.observe(key, seen, step.now, step);
  }

  #dueOfLink(
    state: State,
    key: string,
    { topic, index }: Place,
    wall: Timestamp,
    marks: Marks,
  ): EventDraft | undefined {
    const subject = linkSubject(state, index, this.#routes);
    if (subject === undefined) return undefined;
    const before = this.#reported.get(key);
    const after = topic.read(subject);
    if (isSameTopicValue(before, after)) return undefined;
    this.#reported.set(key, after);
    const { operational } = subject.status;
    const place = { link: subject.link, state: operational };
    const context = { wall, hasCarrier: hasCarrier(operational) };
    return linkDraft(topic, place, { before, after }, context, marks);
  }

  #dueOfHost(
    state: State,
    key: string,
    { policy }: Pick<TransitionStep, 'policy'>,
    marks: Marks,
  ): EventDraft | undefined {
    const topic = hostTopics.find((one) => one.key === key);
    if (topic === undefined) return undefined;
    const before = this.#reported.get(key);
    const after = topic.read(state, this.#routes, policy.online);
    this.#reported.adopt(key, after);
    return hostDraft(topic, { before, after }, marks);
  }

  #vanishedDrafts(changes: readonly Change[], step: TransitionStep): EventDraft[] {
    return changes.flatMap((change) =>
      change.kind === 'linkVanished' ? this.#vanished(change.link, step) : [],
    );
  }

  #vanished(link: LinkRef, step: TransitionStep): EventDraft[] {
    const drafts: EventDraft[] = [];
    for (const topic of linkTopics) {
      const key = keyOf(topic, link);
      const before = this.#reported.get(key);
      this.#adopt(key, undefined);
      if (before === undefined || !step.policy.isMonitored(link.name)) continue;
      const place = { link, state: 'missing' };
      const context = { wall: step.wall, hasCarrier: false };
      drafts.push(linkDraft(topic, place, { before, after: undefined }, context, step));
    }
    return drafts;
  }

  #noteRenewal(
    key: string,
    topic: LinkTopic,
    { link, status }: LinkSubject,
    reading: TopicValue | undefined,
    step: TransitionStep,
  ): void {
    const before = this.#reported.get(key);
    if (reading?.expires === undefined || before === undefined || before.expires === reading.expires) return;
    this.#reported.set(key, reading);
    if (topic.directory !== 'lease' || step.initial) return;
    this.#renewals.push(renewalDraft(topic, { link, state: status.operational }, reading, step));
  }

  #adopt(key: string, reading: TopicValue | undefined): void {
    this.#waiting.forget(key);
    this.#places.delete(key);
    this.#reported.adopt(key, reading);
  }

  #isKnown(link: LinkIdentity): boolean {
    return linkTopics.some((topic) => {
      const key = keyOf(topic, link);
      return this.#reported.has(key) || this.#waiting.has(key);
    });
  }

  #forgetLink(link: LinkIdentity): void {
    for (const topic of linkTopics) this.#adopt(keyOf(topic, link), undefined);
  }

  #heldUntil(key: string, step: DueStep): Instant | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : step.heldUntil(place.index);
  }

  /** Earlier topics of the same link come first, and links before the host. */
  #precedes(first: string, second: string): boolean {
    const [place, other] = [this.#places.get(first), this.#places.get(second)];
    if (place === undefined) return other === undefined && this.#rank(first) < this.#rank(second);
    return other === undefined || (place.index === other.index && this.#rank(first) < this.#rank(second));
  }

  #rank(key: string): number {
    const place = this.#places.get(key);
    if (place !== undefined) return place.index * linkTopics.length + linkTopics.indexOf(place.topic);
    return Number.MAX_SAFE_INTEGER - hostTopics.length + hostTopics.findIndex((one) => one.key === key);
  }
}

type LinkIdentity = Pick<LinkRef, 'index' | 'generation'>;

const keyOf = (topic: LinkTopic, { index, generation }: LinkIdentity): string =>
  `${topic.key}@${index}.${generation}`;
