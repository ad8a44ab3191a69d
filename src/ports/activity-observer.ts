/** Observers of the daemon's activity: log, history, metrics, audit, stream. */
import type { Activity } from '../core/activity.ts';

/** Stands in place of activity that an observer could not take in time. */
export interface ActivityGap {
  readonly kind: 'gap';
  /** Activities that were left out. */
  readonly lost: number;
}

export interface ActivityObserver {
  /** For diagnostics: `log`, `history`. */
  readonly name: string;
  /** Activities that wait for it at most; what comes beyond becomes one gap. */
  readonly queueLimit: number;
  /**
   * Takes one activity, in order. The daemon never waits for it: where a promise is returned, the next one is delivered
   * when that resolves. A rejection is a bug and ends the process.
   */
  observe(activity: Activity | ActivityGap): void | Promise<void>;
}

/** The second door of the core: subscribe to everything that happens, in one order. */
export interface ActivityFeed {
  subscribe(observer: ActivityObserver): Disposable;
}
