/** Observers of the daemon's activity: log, history, metrics, audit, stream. */
import type { Activity } from '../core/activity.ts';

/** Replaces activity that exceeded the queue of an observer. */
export interface ActivityGap {
  readonly kind: 'gap';
  /** Activities that were left out. */
  readonly lost: number;
}

export interface ActivityObserver {
  /** For diagnostics: `log`, `history`. */
  readonly name: string;
  /** Maximum number of waiting activities; activity beyond it becomes one gap. */
  readonly queueLimit: number;
  /**
   * Takes one activity, in order. The daemon never waits for it: if a promise is returned, the next one is delivered
   * when that resolves. A rejection is a bug and ends the process.
   */
  observe(activity: Activity | ActivityGap): void | Promise<void>;
}

/** Subscribes an observer to all activity, in one order. */
export interface ActivityFeed {
  subscribe(observer: ActivityObserver): Disposable;
}
