/**
 * The book of hooks that are about to run, run, and have run: what a daemon that crashed must know to run none twice
 * and forget none. For each script the calls come in this order, and the next is not made before the last is kept.
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

/** None of the calls fails: an implementation that cannot keep what it is told says so itself, and the hook runs. */
export interface HookRunJournal {
  /** It will be started now. Found alone after a crash: it may have run, or not. */
  starting(entry: HookRunKey): void | Promise<void>;
  /**
   * What the process is to write right before it becomes the script. Found without `started` after a crash: it ran, and
   * may still. Without it, or where it could not be written, a crash between `starting` and `started` leaves that open.
   */
  launchNote?(entry: HookRunKey): LaunchNote | undefined;
  /** It runs, as this process. Found alone after a crash: it ran, and may still. */
  started(
    entry: HookRunKey,
    process: { readonly pid: number; readonly startTime: number },
  ): void | Promise<void>;
  /** It was not started after all, because the daemon stops: it is still to be run. */
  withdrawn(entry: HookRunKey): void | Promise<void>;
  /** It has ended, or was refused: nothing is to be done for it any more. */
  finished(entry: HookRunKey, run: HookRun): void | Promise<void>;
}
