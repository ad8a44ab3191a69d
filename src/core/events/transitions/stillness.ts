/**
 * Values that differ from their report, and when each has been still long enough. A value that returns to
 * its report is forgotten; one that never comes to rest is reported after a second all the same.
 */
import { earliest, type Instant, after as later, type Millis, millis } from '../../model/ids.ts';
import { isSameTopicValue, type TopicValue } from '../../model/transition.ts';
import type { Marks } from './drafts.ts';

/** A value that keeps changing is reported after this time. */
const longestUnrest: Millis = millis(1000);
/** Duplicate address detection takes one to two seconds (RFC 4862 5.1); a report waits no longer for it. */
const longestCheck: Millis = millis(5000);

interface Pending {
  readonly since: Instant;
  dueAt: Instant;
  last: TopicValue | undefined;
  readonly marks: Marks;
}

export interface Observation {
  readonly reported: TopicValue | undefined;
  readonly reading: TopicValue | undefined;
  /** The value is about to change for a reason that ends by itself. */
  readonly isUnsettled: boolean;
  readonly debounce: Millis;
}

export interface DueOrder {
  rank(key: string): number;
  /** Whether the first is reported before the second if they come together. */
  precedes(first: string, second: string): boolean;
  /** Until when the key must not be reported, however still it is; undefined if it may. */
  heldUntil(key: string): Instant | undefined;
  /** How soon an earlier one must be due to be waited for. */
  readonly window: Millis;
}

export class Stillness {
  readonly #pending = new Map<string, Pending>();
  /** Nothing is due before: a bound, so that a step costs nothing for what waits. */
  #wakeAt: Instant | undefined;

  has(key: string): boolean {
    return this.#pending.has(key);
  }

  /** Takes in the present value. Returns whether it differs from its report. */
  observe(key: string, seen: Observation, now: Instant, { initial, resync }: Marks): boolean {
    const { reported, reading, isUnsettled, debounce } = seen;
    if (isSameTopicValue(reported, reading)) {
      this.#pending.delete(key);
      return false;
    }
    const dueAt = isUnsettled ? later(now, longestCheck) : later(now, debounce);
    if (this.#wakeAt === undefined || dueAt < this.#wakeAt) this.#wakeAt = dueAt;
    const known = this.#pending.get(key);
    if (known === undefined) {
      this.#pending.set(key, { since: now, dueAt, last: reading, marks: { initial, resync } });
      return true;
    }
    if (isUnsettled) known.dueAt = later(known.since, longestCheck);
    else if (!isSameTopicValue(known.last, reading) || known.dueAt > dueAt) {
      known.dueAt = earliestOf(dueAt, latestOf(later(known.since, longestUnrest), now));
    }
    known.last = reading;
    return true;
  }

  forget(key: string): void {
    this.#pending.delete(key);
  }

  /** Makes a key due. */
  hasten(key: string, now: Instant): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    pending.dueAt = now;
    this.#wakeAt = now;
  }

  /**
   * Takes out what is due, in the order of `rank`. What is due waits for earlier ones that `precedes` names
   * and that are due soon, so that changes which come together are reported in their order.
   */
  takeDue(now: Instant, order: DueOrder): readonly (readonly [key: string, marks: Marks])[] {
    if (this.#wakeAt === undefined || this.#wakeAt > now) return [];
    const isDue = [...this.#pending].filter(([, { dueAt }]) => dueAt <= now);
    const horizon = later(now, order.window);
    const soon = [...this.#pending].filter(([, { dueAt }]) => dueAt > now && dueAt <= horizon);
    const due: (readonly [string, Marks])[] = [];
    for (const [key, pending] of isDue.sort(([a], [b]) => order.rank(a) - order.rank(b))) {
      const held = order.heldUntil(key);
      if (held !== undefined) {
        pending.dueAt = held > now ? held : later(now, order.window);
        continue;
      }
      const until = awaited(key, soon, order);
      if (until !== undefined && later(pending.since, longestUnrest) > now) pending.dueAt = until;
      else {
        this.#pending.delete(key);
        due.push([key, pending.marks]);
      }
    }
    this.#wakeAt = earliest([...this.#pending.values()].map(({ dueAt }) => dueAt));
    return due;
  }

  /** When `takeDue` may return something; never later than that. */
  nextDueAt(): Instant | undefined {
    return this.#pending.size === 0 ? undefined : this.#wakeAt;
  }
}

/** When the last of those is due that the key waits for; undefined if it need not wait. */
function awaited(
  key: string,
  soon: readonly (readonly [string, Pending])[],
  order: DueOrder,
): Instant | undefined {
  let until: Instant | undefined;
  for (const [other, { dueAt }] of soon) {
    if (order.precedes(other, key) && (until === undefined || dueAt > until)) until = dueAt;
  }
  return until;
}

const earliestOf = (a: Instant, b: Instant): Instant => (a < b ? a : b);
const latestOf = (a: Instant, b: Instant): Instant => (a > b ? a : b);
