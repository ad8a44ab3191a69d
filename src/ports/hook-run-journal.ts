/**
 * The journal of hook runs: what a daemon must know after a crash to run no hook twice and forget none. For
 * each script the calls come in this order, and each waits until the previous entry is written.
 */
import type { HookRun } from '../core/hooks/hook-run.ts';
import type { EventId } from '../core/model/ids.ts';
import type { LaunchNote } from './process-spawner.ts';

/** One script for one event. */
export interface HookRunKey {
  readonly eventId: EventId;
  /** Absolute path of the script. */
  readonly path: string;
}

/** No call fails: an implementation that cannot write logs that itself, and the hook runs. */
export interface HookRunJournal {
  /** The script starts next. If this is the last entry after a crash, it may have run or not. */
  starting(entry: HookRunKey): void | Promise<void>;
  /**
   * The line that the process writes right before it becomes the script. If it is found without `started` after a crash, the
   * script ran and may still run. If it could not be written, a crash between
   * `starting` and `started` leaves open whether the script ran.
   */
  launchNote?(entry: HookRunKey): LaunchNote | undefined;
  /** The script runs as this process. If this is the last entry after a crash, it ran and may still run. */
  started(
    entry: HookRunKey,
    process: { readonly pid: number; readonly startTime: number },
  ): void | Promise<void>;
  /** The script was not started because the daemon stops. It must run after the next start. */
  withdrawn(entry: HookRunKey): void | Promise<void>;
  /** The script has ended or was refused. */
  finished(entry: HookRunKey, run: HookRun): void | Promise<void>;
}
