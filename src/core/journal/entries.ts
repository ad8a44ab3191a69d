/**
 * The book: what is written down before anything is started, so that an end at any moment loses no transition and runs
 * none twice. Entries are plain data, one after the other; folded in their order they give what the next run inherits.
 */
import type { Change } from '../model/change.ts';
import type { NetworkEvent } from '../model/event.ts';
import type { Epoch, EventId, Generation, IfIndex, Seq } from '../model/ids.ts';
import type { AddressObject, LinkObject, RouteObject } from '../model/kernel-objects.ts';
import type { ActiveLease, HostStatus, LinkStatus } from '../model/state.ts';
import type { ReportedUpdates, TopicValue } from '../model/transition.ts';
import type { SilentUpdate, Words } from './silent-update.ts';

/** Counted up when an entry's meaning changes; a book of another version is not read. */
export const journalVersion = 2;

/** How far a script has come with an event. */
export type ScriptProgress = 'starting' | 'launched' | 'started' | 'finished';

export interface JournaledScript {
  readonly progress: ScriptProgress;
  readonly pid?: number;
  readonly startTime?: number;
}

/** An event whose hooks have not all had their turn. */
export interface JournaledEvent {
  readonly event: NetworkEvent;
  /** By path. */
  readonly scripts: Readonly<Record<string, JournaledScript>>;
}

/** A link as it was told of last. */
export interface JournaledLink {
  readonly object: LinkObject;
  readonly status: LinkStatus;
  readonly addresses: readonly AddressObject[];
}

/** Everything at once: the first entry of a book. */
export interface JournalSnapshot {
  /** Whether the network was ever read to its end: until then there is nothing to compare with. */
  readonly complete: boolean;
  readonly links: readonly JournaledLink[];
  readonly generations: readonly (readonly [IfIndex, Generation])[];
  readonly routes: readonly RouteObject[];
  readonly leases: readonly ActiveLease[];
  /** What managers say of the host, by source. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What managers say of links. */
  readonly words: Words;
  readonly hostStatus?: HostStatus;
  readonly pending: readonly JournaledEvent[];
  /** What transitions were reported last, by key. Absent in a journal of an older version. */
  readonly reported?: readonly (readonly [key: string, reading: TopicValue])[];
  readonly lastSeq: Seq;
}

export type JournalEntry =
  /** `context` is of one boot and one network: what was true elsewhere says nothing here. */
  | {
      readonly kind: 'opened';
      readonly version: typeof journalVersion;
      readonly epoch: Epoch;
      readonly context: string;
      /** Device and inode of the file that was begun with this entry: a copy is another file. */
      readonly file: string;
      readonly snapshot: JournalSnapshot;
    }
  | {
      readonly kind: 'found';
      /** The first of a run: what there was when the network had been read. */
      readonly initial?: true;
      readonly changes: readonly Change[];
      readonly silentUpdate?: SilentUpdate;
      readonly events: readonly NetworkEvent[];
      readonly superseded: readonly EventId[];
      /** Changes of what transitions were reported last. Absent if there are none. */
      readonly reported?: ReportedUpdates;
      /** Of the newest event, where some are left out because no hook was there for them. */
      readonly lastSeq?: Seq;
    }
  /** An event's turn has come; it stands for those that were merged into it. */
  | {
      readonly kind: 'taken';
      readonly id: EventId;
      readonly covers: readonly EventId[];
      readonly event: NetworkEvent;
    }
  | { readonly kind: 'starting'; readonly id: EventId; readonly path: string }
  /** Written by the process that becomes the script; its number is not known. */
  | { readonly kind: 'launched'; readonly id: EventId; readonly path: string }
  | {
      readonly kind: 'started';
      readonly id: EventId;
      readonly path: string;
      readonly pid: number;
      readonly startTime: number;
    }
  | { readonly kind: 'finished'; readonly id: EventId; readonly path: string }
  /** It was not started after all, and is to be started another time. */
  | { readonly kind: 'withdrawn'; readonly id: EventId; readonly path: string }
  /** Records that the journal keeps nothing else of have been numbered up to here. */
  | { readonly kind: 'numbered'; readonly lastSeq: Seq }
  /** All scripts of the event have had their turn. */
  | { readonly kind: 'done'; readonly id: EventId };
