/**
 * Activity is everything that happens in the daemon, in one order, as plain data. Observers (log, history,
 * metrics, audit, stream) subscribe to it and have no other input.
 */

import type { HookRunOrder } from './hooks/hook-order.ts';
import type { HookRun } from './hooks/hook-run.ts';
import type { SilentUpdate } from './journal/silent-update.ts';
import type { Change, LinkRef } from './model/change.ts';
import type { NetworkEvent } from './model/event.ts';
import type { Epoch, EventId } from './model/ids.ts';
import type { SyncLoss } from './model/invalidation.ts';
import type { Numbered } from './model/record.ts';
import type { Freshness, State } from './model/state.ts';
import type { ReportedUpdates } from './model/transition.ts';
import type { Source } from './model/vocabulary.ts';
import type { ResolverOutcome } from './resolver/call.ts';
import type { ResolverNotice } from './resolver/resolver-notices.ts';
import type { RoutingOutcome } from './routing/plan/routing-effect.ts';
import type { RoutingNotice } from './routing/report/routing-notices.ts';

/** What one fact changed. The journal stores the parts that must outlive the process. */
export interface Finding {
  readonly kind: 'finding';
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  /** New state that no change reports, and that a restart needs. Absent if there is none. */
  readonly silentUpdate?: SilentUpdate;
  /** New events, with their numbers. */
  readonly events: readonly NetworkEvent[];
  /** The new events for which no hook exists: they are not queued. Absent if there are none. */
  readonly withoutHooks?: ReadonlySet<EventId>;
  /** Events that a full queue dropped: their hooks do not run. */
  readonly superseded: readonly HookRunOrder[];
  /** Changes of what transitions were reported last, for the journal. Absent if there are none. */
  readonly reported?: ReportedUpdates;
  /**
   * Links whose hooks wait (events/damping). The journal leaves out what the step found about them, so that a
   * restart reports it. Absent if there are none.
   */
  readonly damped?: readonly LinkRef[];
  /** Whether a resync after lost messages found it. */
  readonly resync: boolean;
  /** Whether it is the first finding, which contains what exists at the start. */
  readonly initial: boolean;
}

/** A hook ended or was refused. `run.eventId` names the event. */
export interface HookRunEnded extends Numbered {
  readonly kind: 'hookRunEnded';
  readonly run: HookRun;
}

/** Values that were withheld from the hooks of an event because their format is invalid. */
export interface HookValuesRejected {
  readonly kind: 'hookValuesRejected';
  readonly link: LinkRef | undefined;
  readonly rejected: readonly (readonly [variable: string, count: number])[];
}

/**
 * netevd changed a rule or route, or the kernel refused the change. `causedBy` is the event that made it
 * necessary.
 */
export interface RoutingChanged extends Numbered {
  readonly kind: 'routingChanged';
  readonly outcome: RoutingOutcome;
  readonly causedBy?: EventId;
}

/** A problem of policy routing for the operator; published once while it lasts. */
export interface RoutingNoticed extends Numbered {
  readonly kind: 'routingNoticed';
  readonly notice: RoutingNotice;
}

/** netevd set DNS servers, domains or the host name, or the service refused the call. */
export interface ResolverChanged extends Numbered {
  readonly kind: 'resolverChanged';
  readonly outcome: ResolverOutcome;
}

/** A problem of name resolution for the operator; published once while it lasts. */
export interface ResolverNoticed extends Numbered {
  readonly kind: 'resolverNoticed';
  readonly notice: ResolverNotice;
}

/** A source appeared, disappeared, lost messages, or is complete again. */
export interface SourceChanged extends Numbered {
  readonly kind: 'sourceChanged';
  readonly source: Source;
  readonly from: Freshness;
  readonly to: Freshness;
  /** Why messages were lost, if they were. */
  readonly cause?: SyncLoss;
}

/** A problem of a configuration file, as an observer shows it. */
export interface ReloadProblem {
  readonly code: string;
  readonly message: string;
  /** 0 if the problem has no line. */
  readonly line: number;
  readonly column: number;
  /** The key's path; empty for the file as a whole. */
  readonly path: string;
  /** The whole problem in one line, with the name of the file. */
  readonly text: string;
}

/** The configuration was read again. If it was refused, the old one stays in effect. */
export interface ConfigReloaded extends Numbered {
  readonly kind: 'configReloaded';
  readonly ok: boolean;
  /** Sections that differ from before. */
  readonly changed: readonly string[];
  readonly problems: readonly ReloadProblem[];
}

/** The daemon has read the whole network, or stops. */
export interface LifecycleChanged extends Numbered {
  readonly kind: 'lifecycle';
  readonly phase: LifecyclePhase;
}

export type LifecyclePhase = 'ready' | 'stopping';

/** Records get a new line of numbers, because the history has lost the old one. */
export interface EpochBegan {
  readonly kind: 'epochBegan';
  readonly epoch: Epoch;
}

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
  | LifecycleChanged
  | EpochBegan;
