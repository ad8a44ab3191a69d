/** An observer that is made after the start: until then, activity waits for it in the feed's queue. */
import type { Activity } from '../../core/activity.ts';
import type { ActivityGap, ActivityObserver } from '../../ports/activity-observer.ts';

export class DeferredObserver implements ActivityObserver {
  readonly name: string;
  readonly queueLimit: number;
  readonly #opened = Promise.withResolvers<ActivityObserver>();
  #observer: ActivityObserver | undefined;

  constructor(name: string, queueLimit: number) {
    this.name = name;
    this.queueLimit = queueLimit;
  }

  /** Delivers what waits, and from now on everything as it comes. */
  open(observer: ActivityObserver): void {
    this.#observer = observer;
    this.#opened.resolve(observer);
  }

  observe(activity: Activity | ActivityGap): void | Promise<void> {
    if (this.#observer !== undefined) return this.#observer.observe(activity);
    return this.#opened.promise.then((observer) => observer.observe(activity));
  }
}
