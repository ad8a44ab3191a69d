/** How often something happened in the last 24 hours, to ten minutes. */
import type { Timestamp } from '../../core/model/ids.ts';

const bucketMs = 10 * 60_000;
const window = (24 * 60 * 60_000) / bucketMs;

export class WindowCount {
  readonly #buckets = new Map<number, number>();

  /** Counts one at `at`, which may be earlier than what was counted before. */
  add(at: Timestamp): void {
    const bucket = Math.floor(at / bucketMs);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** How many there were in the 24 hours up to `now`. Forgets older ones. */
  total(now: Timestamp): number {
    const oldest = Math.floor(now / bucketMs) - window;
    let sum = 0;
    for (const [bucket, count] of this.#buckets) {
      if (bucket < oldest) this.#buckets.delete(bucket);
      else sum += count;
    }
    return sum;
  }
}
