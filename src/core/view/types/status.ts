/** The condition of the daemon and of the host. */
import type { RecordId, Severity, SourceName, SourceState, Time } from './vocabulary.ts';

/** A present problem. It leaves the list as soon as it is solved. */
export interface HostProblem {
  /** Stable while the problem lasts: `link-no-carrier:wwan0`, `hook-failed:no-carrier/10-alert`. */
  readonly id: string;
  readonly severity: Exclude<Severity, 'info'>;
  readonly since: Time;
  readonly link: string | null;
  /** A sentence without the link's name and without a duration: `no carrier (was routable)`. */
  readonly what: string;
  /** What to do or to check, mostly a command line. */
  readonly remedy: string | null;
  /** The record of its beginning. */
  readonly caused_by: RecordId | null;
}

export interface SourceStatus {
  readonly state: SourceState;
  readonly since: Time | null;
  /** Whether the configuration uses it: an unwanted source that is absent is not a problem. */
  readonly wanted: boolean;
}

/** `GET /api/v1/status`. The first eight keys are the documented ones. */
export interface Status {
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly uptime_seconds: number;
  /** As configured: `auto`, `systemd-networkd`, `NetworkManager`, `dhclient`, `kernel`. */
  readonly backend: string;
  readonly interfaces_monitored: number;
  readonly events_processed: number;
  readonly scripts_executed: number;
  readonly last_event: Time | null;
  /** The daemon's clock now: clients compute ages from it, not from their own clock. */
  readonly time: Time;
  readonly started_at: Time;
  readonly epoch: string;
  readonly hostname: string;
  readonly pid: number;
  /** `healthy` if there is no problem. */
  readonly health: 'healthy' | 'problems';
  /** Newest first. */
  readonly problems: readonly HostProblem[];
  readonly sources: Readonly<Record<SourceName, SourceStatus>>;
  /** How many watched links are in each state, and how many are not watched. */
  readonly links: { readonly by_state: Readonly<Record<string, number>>; readonly not_watched: number };
  readonly hooks: {
    readonly queued: number;
    readonly running: number;
    readonly ran_24h: number;
    readonly failed_24h: number;
    /** Hook files that are refused. */
    readonly refused: number;
  };
  readonly routing: { readonly links: number; readonly in_sync: number; readonly repairs_24h: number };
  readonly history: {
    readonly oldest_seq: number | null;
    readonly oldest_at: Time | null;
    readonly head_seq: number | null;
    /** `null`: only in memory. */
    readonly path: string | null;
    readonly size_bytes: number;
    /** Why records are only in memory although a file is configured. */
    readonly error: string | null;
  };
  /** Readers of the stream. */
  readonly streams: number;
  readonly dry_run: boolean;
}

/** `GET /health`: 200 if `status` is `healthy`, else 503. Each check: `ok`, `absent`, or a sentence. */
export interface Health {
  readonly status: 'healthy' | 'unhealthy';
  readonly checks: {
    readonly netlink: string;
    readonly dbus: string;
    readonly config: string;
    readonly backend: string;
    readonly history: string;
  };
}
