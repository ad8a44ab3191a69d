/**
 * Writes records from memory into the database, in batches, after the step that caused them. Memory is the queue: a record
 * that leaves it before it is stored becomes a gap of the history.
 */

import type { Millis } from '../../core/model/ids.ts';
import type { RecordRing } from '../../core/records/record-ring.ts';
import type { StoredRecord } from '../../core/records/stored-record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DatabaseHolder } from './database-holder.ts';
import { batchSize, mostPauses, politePause, recentRecords, sliceSize, storeDelay } from './pace.ts';

export interface WriterOptions {
  readonly clock: Clock;
  readonly ring: RecordRing;
  readonly holder: DatabaseHolder;
  /** Whether the loop has more urgent work than a commit; called before each batch. */
  readonly isBusy: () => boolean;
  /** Called after each batch. */
  readonly onStored: (records: number) => void;
}

export class HistoryWriter implements Disposable {
  readonly #options: WriterOptions;
  /** Ordinal in the ring of the next record to store. */
  #cursor = 0;
  #timer: Disposable | undefined;
  #isUrgent = false;
  #pauses = 0;
  /** Records stored by this process. */
  stored = 0;
  /** Records that left memory before they could be stored. */
  dropped = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Records in memory that are not stored yet. */
  get waiting(): number {
    return this.#options.ring.end - Math.max(this.#cursor, this.#options.ring.begin);
  }

  /** Called after each record; at most starts a timer. */
  wake(): void {
    if (this.#timer === undefined) this.#schedule(storeDelay(this.waiting));
    else if (!this.#isUrgent && this.waiting >= batchSize && this.#options.holder.wait === 0) {
      this.#schedule(storeDelay(batchSize));
    }
  }

  /** Called when writes may work again. */
  resume(): void {
    if (this.waiting > 0) this.#schedule(storeDelay(batchSize));
  }

  /** A new database is empty: writes the records in memory again. */
  startOver(): void {
    this.#cursor = this.#options.ring.begin;
    this.#schedule(storeDelay(this.waiting));
  }

  /** Stores the waiting records, as far as possible, and stops. */
  [Symbol.dispose](): void {
    while (this.waiting > 0 && this.#storeBatch(sliceSize));
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(delay: Millis): void {
    this.#timer?.[Symbol.dispose]();
    this.#isUrgent = delay === 0 || this.#options.holder.wait > 0;
    this.#timer = this.#options.clock.schedule(delay, () => this.#run());
  }

  #run(): void {
    this.#timer = undefined;
    const { holder, isBusy } = this.#options;
    if (!holder.mayWrite) {
      // A checkpoint wakes the writer when it ends.
      if (holder.wait > 0) this.#schedule(holder.wait);
    } else if (this.#pauses < mostPauses && isBusy()) {
      this.#pauses++;
      this.#schedule(politePause);
    } else {
      this.#pauses = 0;
      this.#storeBatch(batchSize);
      if (this.#timer === undefined && this.waiting > 0) {
        this.#schedule(holder.wait > 0 ? holder.wait : storeDelay(this.waiting));
      }
    }
  }

  /** Returns whether the batch was stored. */
  #storeBatch(size: number): boolean {
    const { ring, holder } = this.#options;
    this.dropped += Math.max(0, ring.begin - this.#cursor);
    this.#cursor = Math.max(this.#cursor, ring.begin);
    const batch: StoredRecord[] = [];
    for (let ordinal = this.#cursor; batch.length < size; ordinal++) {
      const record = ring.at(ordinal);
      if (record === undefined) break;
      batch.push(record);
    }
    const stored = holder.use((records) => records.store(batch));
    if (stored === undefined) return false;
    this.#cursor += batch.length;
    this.stored += stored;
    ring.trim(Math.min(this.#cursor, ring.end - recentRecords));
    holder.works();
    this.#options.onStored(stored);
    return true;
  }
}
