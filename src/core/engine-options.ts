/** The input of a new engine: the operator's policy, and where an earlier run of the daemon ended. */

import type { DampingPolicy } from './events/damping/penalty.ts';
import type { OnStart } from './events/start-events.ts';
import type { OnlinePolicy } from './events/transitions/host-topics.ts';
import type { HookQueueLimits } from './hooks/queue.ts';
import type { RecoveredRun } from './journal/recovery.ts';
import type { Epoch, Instant, Seq, Timestamp } from './model/ids.ts';
import type { LinkSelection } from './model/link-selection.ts';
import type { Source } from './model/vocabulary.ts';
import type { ResolverSettings } from './resolver/wanted-settings.ts';
import type { RoutingPolicy } from './routing/policy.ts';

/** The part of the configuration that the engine uses. */
export interface EnginePolicy {
  readonly backend: Source | 'auto';
  readonly selection: LinkSelection;
  readonly limits: HookQueueLimits;
  readonly onStart: OnStart;
  readonly online: OnlinePolicy;
  readonly damping: DampingPolicy;
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
  /** The record sequence of this run. */
  readonly epoch: Epoch;
  /** Number of the newest record of the epoch; 0 if it has none. */
  readonly lastSeq: Seq;
  /** What the journal recorded of the previous run. Absent at boot. */
  readonly recovered?: RecoveredRun;
}
