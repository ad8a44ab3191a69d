/**
 * The journal: written before a hook starts, so that an end of the daemon at any moment loses no event and runs no hook
 * twice. Entries are plain data. Folded in their order they give the recovered run of the next start.
 */
import type { Change } from '../model/change.ts';
import type { NetworkEvent } from '../model/event.ts';
import type { Epoch, EventId, Generation, IfIndex, Seq } from '../model/ids.ts';
import type { AddressObject, LinkObject, RouteObject } from '../model/kernel-objects.ts';
import type { ActiveLease, HostStatus, LinkStatus } from '../model/state.ts';
import type { ReportedUpdates, TopicValue } from '../model/transition.ts';
import type { SilentUpdate, Words } from './silent-update.ts';

/** Incremented when the meaning of an entry changes. A journal of another version is not read. */
export const journalVersion = 2;

/** How far a script is with an event. */
export type ScriptProgress = 'starting' | 'launched' | 'started' | 'finished';

export interface JournaledScript {
  readonly progress: ScriptProgress;
  readonly pid?: number;
  readonly startTime?: number;
}

/** An event whose hooks have not all run yet. */
export interface JournaledEvent {
  readonly event: NetworkEvent;
  /** By path. */
  readonly scripts: Readonly<Record<string, JournaledScript>>;
}

/** A link as the last entry about it describes it. */
export interface JournaledLink {
  readonly object: LinkObject;
  readonly status: LinkStatus;
  readonly addresses: readonly AddressObject[];
}

/** Everything that is known: the first entry of a journal. */
export interface JournalSnapshot {
  /** Whether the kernel was ever read completely. Without that, the next start has nothing to compare with. */
  readonly complete: boolean;
  readonly links: readonly JournaledLink[];
  readonly generations: readonly (readonly [IfIndex, Generation])[];
  readonly routes: readonly RouteObject[];
  readonly leases: readonly ActiveLease[];
  /** Properties of the host that managers report, by source. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What managers report about links. */
  readonly words: Words;
  readonly hostStatus?: HostStatus;
  readonly pending: readonly JournaledEvent[];
  /** What transitions were reported last, by key. Absent in a journal of an older version. */
  readonly reported?: readonly (readonly [key: string, reading: TopicValue])[];
  readonly lastSeq: Seq;
}

export type JournalEntry =
  /** `context` names one boot and one network namespace: a journal of another one is not used. */
  | {
      readonly kind: 'opened';
      readonly version: typeof journalVersion;
      readonly epoch: Epoch;
      readonly context: string;
      /** Device and inode of the journal file, so that a copy of the file is recognized as one. */
      readonly file: string;
      readonly snapshot: JournalSnapshot;
    }
  | {
      readonly kind: 'found';
      /** The first finding of a run: what exists when the kernel has been read. */
      readonly initial?: true;
      readonly changes: readonly Change[];
      readonly silentUpdate?: SilentUpdate;
      readonly events: readonly NetworkEvent[];
      readonly superseded: readonly EventId[];
      /** Changes of what transitions were reported last. Absent if there are none. */
      readonly reported?: ReportedUpdates;
      /** Number of the newest event. Present if events without hooks are left out of `events`. */
      readonly lastSeq?: Seq;
    }
  /** The hooks of an event are about to run. It stands for the events that were merged into it. */
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
  /** The script was not started and must be started later. */
  | { readonly kind: 'withdrawn'; readonly id: EventId; readonly path: string }
  /** Records up to this number exist; the journal contains nothing else about them. */
  | { readonly kind: 'numbered'; readonly lastSeq: Seq }
  /** All scripts of the event have run. */
  | { readonly kind: 'done'; readonly id: EventId };
