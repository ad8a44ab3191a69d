/** What handlers read and call: everything of the daemon that the API shows. */
import type { Instant, Timestamp } from '../core/model/ids.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { ConfigAnswer, ConfigProblem } from '../core/view/types/config.ts';
import type { HooksAnswer, RunningHook } from '../core/view/types/hooks.ts';
import type { RunOutputs } from '../observe/status/run-outputs.ts';
import type { StatusTracker } from '../observe/status/status-tracker.ts';
import type { Clock } from '../ports/clock.ts';
import type { History } from '../ports/history.ts';
import type { HttpAnswer, HttpCaller } from '../ports/http.ts';
import type { StreamHub } from './stream/stream-hub.ts';

/** Constants of this process. */
export interface About {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: Timestamp;
  readonly startedAtInstant: Instant;
  readonly dryRun: boolean;
  /** As whom hooks run. */
  readonly user: string;
}

/** What became of a reload. */
export interface ReloadOutcome {
  readonly ok: boolean;
  readonly changed: readonly string[];
  readonly problems: readonly ConfigProblem[];
}

export type HistoryView = Pick<History, 'since' | 'latest' | 'oldest' | 'head' | 'health' | 'stats'>;

/** The part of the configuration that answers need. */
export interface ApiSettings {
  readonly backend: string;
  readonly hooksDirectory: string;
  readonly historyPath: string | undefined;
  readonly isMetricsEnabled: boolean;
}

/** A file of the hook directories, as far as answers need it before they render it. */
export type HooksOutline = Omit<HooksAnswer, 'running' | 'queued' | 'directories' | 'user'> & {
  readonly directories: readonly (Omit<HooksAnswer['directories'][number], 'files'> & {
    readonly files: readonly Omit<
      HooksAnswer['directories'][number]['files'][number],
      'last_run' | 'filtered_by'
    >[];
  })[];
};

export interface ApiContext {
  readonly about: About;
  readonly clock: Pick<Clock, 'now' | 'wall' | 'schedule'>;
  readonly tracker: StatusTracker;
  readonly outputs: RunOutputs;
  readonly history: HistoryView;
  readonly streams: StreamHub;
  hostname(): string;
  snapshot(): Snapshot;
  settings(): ApiSettings;
  /** Looks at the hook directories, as the hook runner judges them. */
  hooks(): HooksOutline;
  runningHooks(): readonly RunningHook[];
  /** Numbers, from 1, of the filters that keep the script from running for some events of the directory. */
  filtersOf(directory: string, script: string): readonly number[];
  config(): ConfigAnswer;
  validate(text: string): readonly ConfigProblem[];
  reload(): ReloadOutcome;
  /** The errno that keeps the audit log from being written; undefined where it works or is off. */
  auditProblem(): { readonly errno: string; readonly since: Timestamp } | undefined;
  /** Whether the system bus is connected; undefined where nothing needs it. */
  isBusConnected(): boolean | undefined;
  /** The text of one scrape. */
  metrics(): Uint8Array;
  /** The OpenAPI document, as JSON. */
  openapi(): string;
  /** A file of the dashboard; undefined where there is none at that path. */
  asset(path: string, ifNoneMatch: string | undefined): Promise<HttpAnswer | undefined>;
  /** A short digest of the text, the same for the same text. */
  digest(text: string): string;
  /** A request has been answered: counted, and audited where that is due. */
  answered(answered: Answered): void;
}

export interface Answered {
  readonly caller: HttpCaller;
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** The template of the endpoint; '' where none matched. */
  readonly route: string;
  readonly status: number;
  /** Of an error. */
  readonly code: string | undefined;
  /** Whether the audit log has a line for it: changes, validations and refusals. */
  readonly isAudited: boolean;
}
