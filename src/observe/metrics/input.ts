/** Inputs of the metrics: occurrences as they happen, and the state at each scrape. */
import type { HookDirectory } from '../../core/model/event-table.ts';
import type { Millis } from '../../core/model/ids.ts';
import type { SyncLoss } from '../../core/model/invalidation.ts';
import type { OperationalState, Source } from '../../core/model/vocabulary.ts';

/** How a hook script ended; a `HookOutcome` is one. */
export type ScriptEnding =
  | { readonly kind: 'exited'; readonly code: number }
  /** `signal` is its name, `SIGSEGV`. */
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' | 'unseen' | 'stopped' | 'refused' | 'not-started' };

/** One script and how it ended, such as a `HookRun`, with the latency. */
export interface ScriptRun {
  readonly directory: HookDirectory;
  /** Name of the file; '' if no file of the directory was examined. */
  readonly script: string;
  readonly outcome: ScriptEnding;
  readonly duration: Millis;
}

/** Occurrences. Each call counts one, takes about a microsecond, and neither throws nor waits. */
export interface MetricsInput {
  /** An event got its number. `link` is absent on events of the host as a whole. */
  eventFound(type: HookDirectory, link: string | undefined, source: Source): void;
  /** The last hook of an event has ended; called at once if it has none. `duration` starts when the event was found. */
  eventDone(type: HookDirectory, duration: Millis): void;
  /** A link entered another operational state, whether it causes an event or not. */
  linkStateChanged(link: string, state: OperationalState): void;
  /** A link vanished or was renamed. */
  linkVanished(link: string): void;

  /** The hooks of an event begin to run, or would if its directory had any. */
  eventDispatched(type: HookDirectory, link: string | undefined): void;
  /** An event was merged into a later one. */
  eventCoalesced(): void;
  /** An event was dropped from a full queue. */
  eventSuperseded(): void;
  /** All scripts in the hook directories, at start and after a reload: their counters start at 0. */
  scriptsFound(scripts: readonly Pick<ScriptRun, 'directory' | 'script'>[]): void;
  /**
   * The first script of an event started. `latency` is the time since the message about the change. Not called for
   * changes that no message reported: those of the start and of a resync.
   */
  hookStarted(latency: Millis): void;
  /** A script ended, was refused or did not start. */
  scriptRan(run: ScriptRun): void;

  /** netevd restored a rule or route of a link's policy routing that another program had removed. */
  routingRepaired(link: string): void;

  /** A source is read again because messages were lost, or on demand. */
  resyncStarted(source: Source, cause: SyncLoss): void;
  /**
   * Notifications of one kind: `RTM_NEWLINK`, as rtnetlink(7) spells it. Meant to be called once for each
   * batch.
   */
  netlinkReceived(messageType: string, count: number): void;
  netlinkFailed(): void;
  netlinkOverran(): void;
  dbusCalled(service: string, method: string): void;
  /** A call failed or timed out. */
  dbusCallFailed(): void;
  dbusReconnected(): void;

  configReloaded(isAccepted: boolean): void;
  historyWriteFailed(): void;
  /** Sets the present number. */
  streamClientsChanged(count: number): void;
  streamGapSent(cause: StreamGapCause): void;
  /**
   * `route` is the template, `/api/v1/interfaces/{name}`, never the requested path; '' if none
   * matched.
   */
  httpAnswered(route: string, status: number): void;
}

export const streamGapCauses = ['expired', 'slow-reader', 'other-instance', 'history-failed'] as const;
export type StreamGapCause = (typeof streamGapCauses)[number];

/** The present state of a monitored link. */
export interface SnapshotLink {
  readonly name: string;
  readonly index: number;
  readonly state: OperationalState;
  /** `ether`, `wlan`, … */
  readonly type: string;
  /** '' if the kernel reports none. */
  readonly driver: string;
  /** The source that manages the link. */
  readonly owner: Source;
  /** Flap damping; absent if the link has lost no carrier. */
  readonly damping?: { readonly penalty: number; readonly isDamped: boolean };
}

export type SnapshotFamily = 'ipv4' | 'ipv6';

export interface SnapshotRoutes {
  readonly table: number;
  readonly family: SnapshotFamily;
  readonly count: number;
}

/** The state at the moment of a scrape. */
export interface MetricsSnapshot {
  readonly uptime: Millis;
  /** Monitored links only. */
  readonly links: readonly SnapshotLink[];
  /** At most one entry for each table and family. */
  readonly routes: readonly SnapshotRoutes[];
  /** Tables that netevd uses for policy routing; they keep their number as label. */
  readonly policyTables: ReadonlySet<number>;
  readonly rules: Readonly<Record<SnapshotFamily, number>>;
  /** Existing links of routing.policy_rules. */
  readonly policyRouting: readonly { readonly link: string; readonly isInSync: boolean }[];
  /** Events that wait for their hooks. */
  readonly hooksQueued: number;
  /** Sources that are current or being read. */
  readonly sourcesUp: ReadonlySet<Source>;
}
