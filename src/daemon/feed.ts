/**
 * Delivers activity to its observers after the step that caused it, so that hooks start first. All observers see one order;
 * each has a bounded queue, so that a slow one delays neither the daemon nor the others.
 */
import type { Activity } from '../core/activity.ts';
import type { ActivityFeed, ActivityGap, ActivityObserver } from '../ports/activity-observer.ts';

/** The activities that wait for one observer. */
class Subscription {
  readonly #observer: ActivityObserver;
  readonly #queue: Activity[] = [];
  #lost = 0;
  #isBusy = false;
  #isClosed = false;

  constructor(observer: ActivityObserver) {
    this.#observer = observer;
  }

  add(activity: Activity): void {
    if (this.#queue.length >= this.#observer.queueLimit) this.#lost++;
    else this.#queue.push(activity);
  }

  /** Delivers until the queue is empty or the observer returns a promise. */
  deliver(): void {
    while (!this.#isBusy && !this.#isClosed) {
      const next = this.#next();
      if (next === undefined) return;
      const pending = this.#observer.observe(next);
      if (pending === undefined) continue;
      this.#isBusy = true;
      void pending.then(() => {
        this.#isBusy = false;
        this.deliver();
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
  }

  /** Appends the gap behind the activities that wait, which are older. */
  #next(): Activity | ActivityGap | undefined {
    const next = this.#queue.shift();
    if (next !== undefined || this.#lost === 0) return next;
    const gap: ActivityGap = { kind: 'gap', lost: this.#lost };
    this.#lost = 0;
    return gap;
  }
}

export class Feed implements ActivityFeed, Disposable {
  readonly #subscriptions = new Set<Subscription>();
  #isScheduled = false;

  subscribe(observer: ActivityObserver): Disposable {
    const subscription = new Subscription(observer);
    this.#subscriptions.add(subscription);
    return {
      [Symbol.dispose]: () => {
        subscription.close();
        this.#subscriptions.delete(subscription);
      },
    };
  }

  /** Queues an activity; it is delivered after the running code has returned. */
  publish(activity: Activity): void {
    for (const subscription of this.#subscriptions) subscription.add(activity);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.flush());
  }

  /** Delivers everything that waits: called before the process ends. */
  flush(): void {
    this.#isScheduled = false;
    for (const subscription of this.#subscriptions) subscription.deliver();
  }

  [Symbol.dispose](): void {
    this.flush();
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions.clear();
  }
}
