/**
 * A record is anything that the daemon numbers and stores. All kinds share one number sequence, so that a run
 * or a repair can be traced to its cause.
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
  /** Number within the epoch, without gaps. */
  readonly seq: number;
  readonly ts: Time;
  /**
   * What `?event_type=` selects by: the hook directory without `.d` of an event or a hook run; else the
   * values that each kind lists.
   */
  readonly event: string;
  /** Name and ifindex of the link at that time; both `null` if the record concerns the host. */
  readonly link: string | null;
  readonly index: number | null;
  readonly severity: Severity;
  /** One line of text, without the link's name and the time: `carrier lost (routable → no-carrier)`. */
  readonly message: string;
  /** The record that caused this one; `null` if none did. */
  readonly caused_by: RecordId | null;
}

/** A transition of a link or of the host: what hooks get as `JSON`, without `Interface`. */
export interface EventRecord extends RecordHead {
  readonly kind: 'event';
  readonly state: string;
  readonly previous_state: string | null;
  readonly backend: SourceName;
  /** Reported because the daemon started, not because it happened now. */
  readonly initial: boolean;
  /** Found by a resync after messages were lost. */
  readonly resync: boolean;
  readonly addresses: readonly string[];
  /** The addresses that came or went; `null` on other events. */
  readonly changed_addresses: readonly string[] | null;
  readonly mtu: number | null;
  readonly operstate: string | null;
  readonly flags: readonly string[];
  readonly routes_delta: readonly RouteDeltaView[];
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  /** Of `manager`: the properties that the manager reported. */
  readonly properties?: Readonly<Record<string, string>>;
  /** `EVENT` of the hooks: `bound`, `changed`, `lost`, `new` …; mostly the directory. */
  readonly action: string;
  /** Of a transition that exists once per family. */
  readonly family?: FamilyName;
  /** Names of the values that differ, with both sides; a side is `null` if there was, or is, nothing. */
  readonly changed?: readonly string[];
  readonly before?: JsonObject | null;
  readonly after?: JsonObject | null;
  /** With `?full=1` alone: the interface as it is now, in the PascalCase keys of the hooks' JSON. */
  readonly interface?: JsonObject;
}

export type DeltaRoute = {
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
};

/** One route that was added, removed or changed; `previous` only with `change`. */
export type RouteDeltaView = DeltaRoute & {
  readonly action: 'new' | 'del' | 'change';
  readonly previous?: DeltaRoute;
};

/**
 * How a hook script ended. `not_started`: execve(2) failed. `stopped`: the daemon was stopping. `unknown`: it
 * ended while no daemon was running.
 */
export type HookResult = 'ok' | 'failed' | 'timeout' | 'refused' | 'not_started' | 'stopped' | 'unknown';

/** One run of one hook script, without what it wrote. */
export interface HookRunSummary {
  /** Name of the run's record, for `/hooks/runs/{id}`. */
  readonly id: RecordId;
  readonly directory: string;
  /** Name of the file; '' if the whole directory was refused. */
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
  /** 0 to 255 if it exited. */
  readonly exit_code: number | null;
  /** `SIGSEGV`, if a signal ended it. */
  readonly signal: string | null;
  /** Why it was refused or did not start, and how to fix it, mostly a command. */
  readonly reason: string | null;
  readonly remedy: string | null;
  /** Whether it may have run before, because the daemon crashed. */
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
  readonly action: 'added' | 'removed' | 'set' | 'reverted';
  /** In the syntax of ip(8) for a rule or route, else the value. */
  readonly text: string;
  readonly table: number | null;
  readonly result: 'done' | 'failed';
  /** Whether it brings back what another program removed; otherwise netevd follows the network. */
  readonly restores: boolean;
  /** Errno or D-Bus error if it failed. */
  readonly error: { readonly code: string; readonly text: string | null } | null;
}

/** A problem of policy routing or name resolution that netevd reports once while it lasts. */
export interface NoticeRecord extends RecordHead {
  readonly kind: 'repair';
  readonly object: 'notice';
  /** How to fix it, if netevd knows. */
  readonly remedy: string | null;
}

/** `event`: `source-up`, `source-lost`, `resync`. */
export interface SourceRecord extends RecordHead {
  readonly kind: 'source';
  readonly source: SourceName;
  readonly state: SourceState;
  readonly cause: string | null;
}

/** The lifecycle of the daemon. `event`: `start`, `stop`, `reload`, `reload-refused`. */
export interface ConfigRecord extends RecordHead {
  readonly kind: 'config';
  /** Sections of the configuration that a reload changed. */
  readonly changed: readonly string[];
  /** Errors that made a reload fail. */
  readonly problems: number;
}

export type NetevdRecord =
  | EventRecord
  | HookRunRecord
  | RepairRecord
  | NoticeRecord
  | SourceRecord
  | ConfigRecord;

/** One row of `GET /api/v1/events`: the documented keys, and the whole record in `details`. */
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
 * `GET /api/v1/events`: newest first; with only `since`, oldest first. `next` is the value of `until` (newest
 * first) or `since` (oldest first) that continues the list; `null` at its end.
 */
export interface EventsAnswer {
  readonly events: readonly EventRow[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next: string | null;
  /** The oldest and the newest available record; `null` if there is none. */
  readonly oldest_seq: number | null;
  readonly head_seq: number | null;
  /** Whether `since` is older than the oldest stored record. */
  readonly truncated: boolean;
}
