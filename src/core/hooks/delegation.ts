/** What the daemon and the runner of privileged hooks tell each other. */
import type { HookDirectory } from '../model/event-table.ts';
import type { Millis, Timestamp } from '../model/ids.ts';
import type { HookEvent } from './environment.ts';
import type { HookOutcome } from './hook-run.ts';

/** Where netevd-runner.socket listens. */
export const runnerSocket = '/run/netevd-runner.sock';
/** Bytes of the largest request that the runner reads. */
export const maxRequestBytes: number = 1024 * 1024;

/** All that the daemon sends: which hook, and the event. */
export interface DelegatedHook {
  readonly directory: HookDirectory;
  readonly name: string;
  readonly event: HookEvent;
}

/** How a hook ended, as the runner saw it. */
export interface DelegatedReport {
  readonly outcome: HookOutcome;
  readonly startedAt: Timestamp;
  readonly duration: Millis;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of output beyond the limit. */
  readonly dropped: number;
}

/** The runner's answers, one per line. `accepted` comes first; after `limit` the daemon waits no longer. */
export type RunnerAnswer =
  | { readonly kind: 'accepted'; readonly limit: Millis | null }
  | { readonly kind: 'ended'; readonly report: DelegatedReport };
