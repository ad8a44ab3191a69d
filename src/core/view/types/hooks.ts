/** Hook directories, and what ran. */
import type { HookRunSummary } from './records.ts';
import type { Time } from './vocabulary.ts';

/** One file of a hook directory, as the daemon judges it now. */
export interface HookFile {
  readonly name: string;
  readonly path: string;
  /** `masked`: a link to /dev/null. `skipped`: no hook by its name or kind. */
  readonly verdict: 'runs' | 'masked' | 'skipped' | 'refused';
  /** What kind of refusal or skip. */
  readonly code: string | null;
  readonly reason: string | null;
  /** What to do about it, mostly a command. */
  readonly remedy: string | null;
  /** What will go wrong although the file is not refused: a missing interpreter. */
  readonly hint: string | null;
  /** Filters, by their number in the file from 1, that keep it from running for some events. */
  readonly filtered_by: readonly number[];
  /** Its latest run that is still kept. */
  readonly last_run: HookRunSummary | null;
}

export interface HookDirectory {
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
  /** As whom hooks run. */
  readonly user: string;
  readonly directories: readonly HookDirectory[];
  /** Directories below that end in `.d` and are no event's, and what may have been meant. */
  readonly unknown_directories: readonly { readonly name: string; readonly meant: string | null }[];
  readonly running: readonly RunningHook[];
  readonly queued: number;
}

/**
 * `GET /api/v1/hooks/runs`: newest first; `?interface=`, `?script=`, `?failed=true`, `?limit=` (100, at most 1 000),
 * `?until=` with the last `next`.
 */
export interface HookRunsAnswer {
  readonly runs: readonly HookRunSummary[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next: string | null;
}

/** `GET /api/v1/hooks/runs/{id}`; secret: 401 on loopback without the token. */
export interface HookRunDetails extends HookRunSummary {
  /** As text; bytes that are no UTF-8 are U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of output past `hooks.output_limit_kb`. */
  readonly dropped_output: number;
  /** A process that it left behind still held its output when it ended. */
  readonly output_held: boolean;
  readonly pid: number | null;
}
