/**
 * A record: anything that the daemon numbers and keeps. One timeline, one number line for all kinds, so that a run or a
 * repair can be followed back to its cause.
 */
import type {
  FamilyName,
  JsonObject,
  RecordId,
  Severity,
  SourceName,
  SourceState,
  Time,
} from './vocabulary.ts';

export type RecordKind = 'event' | 'hook_run' | 'repair' | 'source' | 'config';

interface RecordHead {
  readonly schema: 'netevd.event.v1';
  readonly id: RecordId;
  /** Number within the epoch, without holes. */
  readonly seq: number;
  readonly ts: Time;
  /**
   * What `?event_type=` selects by: of an event and a hook run the hook directory without `.d`; else the words that
   * each kind lists.
   */
  readonly event: string;
  /** Name and ifindex of the link at that time; both `null` where it is about the host. */
  readonly link: string | null;
  readonly index: number | null;
  readonly severity: Severity;
  /** One line for people, without the link's name and the time: `carrier lost (routable → no-carrier)`. */
  readonly message: string;
  /** The record that led to this one; `null` where none did. */
  readonly caused_by: RecordId | null;
}

/** A transition of a link or of the host: what hooks get as `JSON`, less the interface's block. */
export interface EventRecord extends RecordHead {
  readonly kind: 'event';
  readonly state: string;
  readonly previous_state: string | null;
  readonly backend: SourceName;
  /** Reported because the daemon started, not because it happened now. */
  readonly initial: boolean;
  /** Found by reading again after messages were lost. */
  readonly resync: boolean;
  readonly addresses: readonly string[];
  readonly changed_addresses?: readonly string[];
  readonly mtu: number | null;
  readonly operstate: string | null;
  readonly flags: readonly string[];
  readonly routes_delta: readonly RouteDelta[];
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  /** Of `manager`: the properties that the manager reported. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Names of the values that differ, with both values: `addresses`, `gateway`, `dns`, `lease` … */
  readonly changed?: readonly string[];
  readonly before?: JsonObject;
  readonly after?: JsonObject;
  /** With `?full=1` alone: the interface in the PascalCase keys of the hooks' JSON. */
  readonly interface?: JsonObject;
}

export interface DeltaRoute {
  readonly family: FamilyName;
  /** With its prefix length. */
  readonly dst: string;
  readonly gateway: string | null;
  readonly src: string | null;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  readonly priority: number;
}

/** One route that came, went or changed; `previous` with `change` alone. */
export interface RouteDelta extends DeltaRoute {
  readonly action: 'new' | 'del' | 'change';
  readonly previous?: DeltaRoute;
}

/**
 * How a hook script ended. `not_started`: execve(2) failed. `stopped`: the daemon was stopping. `unknown`: it ended
 * while no daemon watched.
 */
export type HookResult = 'ok' | 'failed' | 'timeout' | 'refused' | 'not_started' | 'stopped' | 'unknown';

/** One run of one hook script, without what it wrote. */
export interface HookRunSummary {
  /** Name of the run's record, for `/hooks/runs/{id}`. */
  readonly id: RecordId;
  readonly directory: string;
  /** Name of the file; '' where the whole directory was refused. */
  readonly script: string;
  /** Absolute. */
  readonly path: string;
  readonly link: string | null;
  readonly index: number | null;
  readonly state: string;
  readonly backend: SourceName;
  readonly started_at: Time;
  readonly duration_ms: number;
  readonly cpu_ms: number;
  readonly result: HookResult;
  /** 0 to 255 where it exited. */
  readonly exit_code: number | null;
  /** `SIGSEGV`, where a signal ended it. */
  readonly signal: string | null;
  /** Why it was refused or did not start, and what to do about it, mostly a command. */
  readonly reason: string | null;
  readonly remedy: string | null;
  /** It may have run before: a crash left that unknown. */
  readonly retry: boolean;
  /** The event that it ran for. */
  readonly caused_by: RecordId | null;
}

/** `event` is the hook directory, `caused_by` the event that it ran for. Numbered when the run has ended. */
export interface HookRunRecord extends RecordHead {
  readonly kind: 'hook_run';
  readonly run: HookRunSummary;
}

/** What netevd changed, or failed to change. `event` is `object`. */
export interface RepairRecord extends RecordHead {
  readonly kind: 'repair';
  readonly object: 'rule' | 'route' | 'dns' | 'domains' | 'hostname';
  readonly action: 'added' | 'removed' | 'restored' | 'set' | 'reverted';
  /** In iproute2's words for a rule or route, else the value. */
  readonly text: string;
  readonly table: number | null;
  readonly result: 'done' | 'refused' | 'failed';
  /** Errno or D-Bus error where it was not done. */
  readonly error: { readonly code: string; readonly text: string | null } | null;
  readonly attempt: number;
}

/** `event`: `source-up`, `source-lost`, `resync`. */
export interface SourceRecord extends RecordHead {
  readonly kind: 'source';
  readonly source: SourceName;
  readonly state: SourceState;
  readonly cause: string | null;
}

/** The daemon's own life. `event`: `start`, `stop`, `reload`, `reload-refused`. */
export interface ConfigRecord extends RecordHead {
  readonly kind: 'config';
  /** Sections of the file that a reload changed. */
  readonly changed: readonly string[];
  /** Errors that made a reload fail. */
  readonly problems: number;
}

export type NetevdRecord = EventRecord | HookRunRecord | RepairRecord | SourceRecord | ConfigRecord;

/** One row of `GET /api/v1/events`: the documented keys, and the record whole in `details`. */
export interface EventRow {
  readonly id: RecordId;
  readonly seq: number;
  readonly timestamp: Time;
  readonly event_type: string;
  readonly interface: string | null;
  /** The `message` of the record. */
  readonly action: string;
  readonly details: NetevdRecord;
}

/**
 * `GET /api/v1/events`: newest first; with `since` alone, oldest first.
 * `next` is the value of `until` (newest first) or `since` (oldest first) that continues the list; `null` at its end.
 */
export interface EventsAnswer {
  readonly events: readonly EventRow[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next: string | null;
  /** The oldest and the newest record that can be had; `null` where there is none. */
  readonly oldest_seq: number | null;
  readonly head_seq: number | null;
  /** `since` reached back further than what is kept. */
  readonly truncated: boolean;
}
