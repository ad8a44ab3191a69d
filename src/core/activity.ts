/**
 * Activity: everything that happens in the daemon, in one order, as plain data. Observers (log, history, metrics, audit,
 * stream) subscribe to it and learn of the daemon's work by nothing else.
 */

import type { HookRunOrder } from './hooks/hook-order.ts';
import type { HookRun } from './hooks/hook-run.ts';
import type { SilentUpdate } from './journal/silent-update.ts';
import type { Change, LinkRef } from './model/change.ts';
import type { NetworkEvent } from './model/event.ts';
import type { EventId } from './model/ids.ts';
import type { SyncLoss } from './model/invalidation.ts';
import type { Numbered } from './model/record.ts';
import type { Freshness, State } from './model/state.ts';
import type { Source } from './model/vocabulary.ts';
import type { ResolverOutcome } from './resolver/call.ts';
import type { ResolverNotice } from './resolver/resolver-notices.ts';
import type { RoutingOutcome } from './routing/plan/routing-effect.ts';
import type { RoutingNotice } from './routing/report/routing-notices.ts';

/** What one fact changed: everything in it that must outlive the process goes into the journal. */
export interface Finding {
  readonly kind: 'finding';
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  /** New state that no change reports, and that a restart must know. Absent where there is none. */
  readonly silentUpdate?: SilentUpdate;
  /** New events, each numbered. */
  readonly events: readonly NetworkEvent[];
  /** Those of them for which no hook exists: they wait for nothing. Absent where there are none. */
  readonly withoutHooks?: ReadonlySet<EventId>;
  /** Events that were dropped from a full queue and will not run. */
  readonly superseded: readonly HookRunOrder[];
  /** Found by reading a source again after messages were lost. */
  readonly resync: boolean;
  /** The first of all: what exists at the start. */
  readonly initial: boolean;
}

/** A hook ended, or was not allowed to start. `run.eventId` names the event. */
export interface HookRunEnded extends Numbered {
  readonly kind: 'hookRunEnded';
  readonly run: HookRun;
}

/** Values that were withheld from the hooks of an event because they are not of their type. */
export interface HookValuesRejected {
  readonly kind: 'hookValuesRejected';
  readonly link: LinkRef | undefined;
  readonly rejected: readonly (readonly [variable: string, count: number])[];
}

/** netevd changed a rule or route, or the kernel refused. `causedBy`: the event that made it necessary, where one did. */
export interface RoutingChanged extends Numbered {
  readonly kind: 'routingChanged';
  readonly outcome: RoutingOutcome;
  readonly causedBy?: EventId;
}

/** A problem of policy routing that the operator should know; published once while it lasts. */
export interface RoutingNoticed extends Numbered {
  readonly kind: 'routingNoticed';
  readonly notice: RoutingNotice;
}

/** netevd set DNS servers, domains or the host name, or was refused. */
export interface ResolverChanged extends Numbered {
  readonly kind: 'resolverChanged';
  readonly outcome: ResolverOutcome;
}

/** A problem of name resolution that the operator should know; published once while it lasts. */
export interface ResolverNoticed extends Numbered {
  readonly kind: 'resolverNoticed';
  readonly notice: ResolverNotice;
}

/** A source became available, went away, lost messages, or is complete again. */
export interface SourceChanged extends Numbered {
  readonly kind: 'sourceChanged';
  readonly source: Source;
  readonly from: Freshness;
  readonly to: Freshness;
  /** Why messages were lost, where they were. */
  readonly cause?: SyncLoss;
}

/** A problem of a configuration file, as an observer shows it. */
export interface ReloadProblem {
  readonly code: string;
  readonly message: string;
  /** 0 where no line is at fault. */
  readonly line: number;
  readonly column: number;
  /** The key's path; empty for the file as a whole. */
  readonly path: string;
  /** All of it in one line, with the file's name. */
  readonly text: string;
}

/** The configuration was read again. Where it was refused, the old one stays. */
export interface ConfigReloaded extends Numbered {
  readonly kind: 'configReloaded';
  readonly ok: boolean;
  /** Sections that differ from before. */
  readonly changed: readonly string[];
  readonly problems: readonly ReloadProblem[];
}

/** The daemon has read the whole network, or is about to end. */
export interface LifecycleChanged extends Numbered {
  readonly kind: 'lifecycle';
  readonly phase: LifecyclePhase;
}

export type LifecyclePhase = 'ready' | 'stopping';

export type Activity =
  | Finding
  | HookRunEnded
  | HookValuesRejected
  | RoutingChanged
  | RoutingNoticed
  | ResolverChanged
  | ResolverNoticed
  | SourceChanged
  | ConfigReloaded
  | LifecycleChanged;
