/** A topic: one kind of value whose transitions hooks can run for. */
import type { Family } from '../../model/address.ts';
import type { HookDirectory } from '../../model/event-table.ts';
import type { Timestamp } from '../../model/ids.ts';
import type { TopicValue } from '../../model/transition.ts';
import type { LinkSubject } from './subject.ts';

/** What names a transition beside its values. */
export interface NamingContext {
  readonly wall: Timestamp;
  readonly hasCarrier: boolean;
}

/** A value that each link has. */
export interface LinkTopic {
  /** Names the topic in the journal: never changes. */
  readonly key: string;
  readonly directory: HookDirectory;
  readonly family?: Family;
  /** Reads the value; undefined if the link has none. */
  read(subject: LinkSubject): TopicValue | undefined;
  /** Whether the value is about to change, for a reason that ends by itself: do not report it yet. */
  isUnsettled?(subject: LinkSubject): boolean;
  /** `EVENT`; by default the directory. */
  nameOf?(before: TopicValue | undefined, after: TopicValue | undefined, context: NamingContext): string;
}
