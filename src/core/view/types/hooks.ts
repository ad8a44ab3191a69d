/** Hook directories and hook runs. */
import type { HookRunSummary } from './records.ts';
import type { Time } from './vocabulary.ts';

/** One file of a hook directory, and what the daemon would do with it now. */
export interface HookFile {
  readonly name: string;
  readonly path: string;
  /** `masked`: a link to /dev/null. `skipped`: not a hook, by its name or file type. */
  readonly verdict: 'runs' | 'masked' | 'skipped' | 'refused';
  /** The kind of refusal or skip. */
  readonly code: string | null;
  readonly reason: string | null;
  /** How to fix it, mostly a command. */
  readonly remedy: string | null;
  /** A problem that does not refuse the file: a missing interpreter. */
  readonly hint: string | null;
  /** Filters that exclude it for some events: their position in the file, from 1. */
  readonly filtered_by: readonly number[];
  /** Its latest run in the history. */
  readonly last_run: HookRunSummary | null;
}

export interface HookDirectoryStatus {
  /** Without `.d`. */
  readonly event: string;
  readonly path: string;
  /** Continues "runs when …". */
  readonly when: string;
  readonly sources: readonly string[];
  readonly state: 'absent' | 'unreadable' | 'refused' | 'ok';
  readonly reason: string | null;
  readonly remedy: string | null;
  /** In the order in which they run. */
  readonly files: readonly HookFile[];
}

/** A script that is running now. */
export interface RunningHook {
  readonly directory: string;
  readonly script: string;
  readonly link: string | null;
  readonly pid: number | null;
  readonly started_at: Time;
}

/** `GET /api/v1/hooks`. */
export interface HooksAnswer {
  /** `hooks.directory`. */
  readonly directory: string;
  /** The user of the hooks. */
  readonly user: string;
  readonly directories: readonly HookDirectoryStatus[];
  /** Subdirectories that end in `.d` and belong to no event, with the event that was probably meant. */
  readonly unknown_directories: readonly { readonly name: string; readonly meant: string | null }[];
  readonly running: readonly RunningHook[];
  readonly queued: number;
}

/**
 * `GET /api/v1/hooks/runs`: newest first; `?interface=`, `?script=`, `?failed=true`, `?limit=` (100, at most
 * 1 000), `?until=` with the last `next`.
 */
export interface HookRunsAnswer {
  readonly runs: readonly HookRunSummary[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next: string | null;
}

/** `GET /api/v1/hooks/runs/{id}`; secret: 401 on loopback without the token. */
export interface HookRunDetails extends HookRunSummary {
  /** As text; bytes that are not UTF-8 are U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of output past `hooks.output_limit_kb`. */
  readonly dropped_output: number;
  /** Whether a child of the script still had the output open when the script ended. */
  readonly output_held: boolean;
  readonly pid: number | null;
}
