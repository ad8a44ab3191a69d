/** Events of transitions. */
import type { LinkRef } from '../../model/change.ts';
import type { EventDraft } from '../../model/event.ts';
import { isSameTopicValue, type TopicValue, transitionOf } from '../../model/transition.ts';
import type { HostTopic } from './host-topics.ts';
import type { LinkTopic, NamingContext } from './topic.ts';

export interface Sides {
  readonly before: TopicValue | undefined;
  readonly after: TopicValue | undefined;
}

export type Marks = Pick<EventDraft, 'initial' | 'resync'>;

/** Where a transition of a link is reported: the link, and its operational state. */
export interface DraftPlace {
  readonly link: LinkRef;
  readonly state: string;
}

export function linkDraft(
  topic: LinkTopic,
  { link, state }: DraftPlace,
  { before, after }: Sides,
  context: NamingContext,
  { initial, resync }: Marks,
): EventDraft {
  return {
    directory: topic.directory,
    name: topic.nameOf?.(before, after, context) ?? topic.directory,
    link,
    source: (after ?? before)?.source ?? 'kernel',
    state,
    transition: transitionOf(before, after, topic.family),
    initial,
    resync,
  };
}

/** A renewal is a record for the history: the values stay, the end moves. */
export function renewalDraft(
  topic: LinkTopic,
  { link, state }: DraftPlace,
  reading: TopicValue,
  { initial, resync }: Marks,
): EventDraft {
  return {
    directory: topic.directory,
    name: 'renewed',
    link,
    source: reading.source,
    state,
    transition: transitionOf(reading, reading, topic.family),
    recordOnly: true,
    initial,
    resync,
  };
}

/** Returns undefined if both sides are the same. */
export function hostDraft(
  topic: HostTopic,
  { before, after }: Sides,
  { initial, resync }: Marks,
): EventDraft | undefined {
  if (isSameTopicValue(before, after)) return undefined;
  return {
    directory: topic.directoryOf(after),
    name: topic.nameOf(before, after),
    source: (after ?? before)?.source ?? 'kernel',
    state: topic.stateOf(after),
    previousState: topic.stateOf(before),
    transition: transitionOf(before, after, topic.family),
    initial,
    resync,
  };
}
