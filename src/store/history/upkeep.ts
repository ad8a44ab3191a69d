/** Maintains the database while the network is quiet: check after a crash, retention, checkpoints, in slices. */

import { type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { RecordRing } from '../../core/records/record-ring.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DatabaseHolder } from './database-holder.ts';
import {
  betweenSlices,
  isCheckpointDue,
  isFarTooLarge,
  maintenanceDelay,
  mayMaintain,
  quietAfter,
  sliceSize,
} from './pace.ts';
import type { RecordDatabase } from './record-database.ts';
import type { RetentionLimits } from './retention.ts';

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly ring: RecordRing;
  readonly holder: DatabaseHolder;
  readonly limits: RetentionLimits;
  /** Called after each checkpoint. Writes waited meanwhile. */
  readonly onCheckpoint: () => void;
}

export class Upkeep implements Disposable {
  readonly #options: UpkeepOptions;
  #timer: Disposable | undefined;
  /** Whether the next run is far away: the next record must bring it forward. */
  #isAsleep = false;
  #seen = 0;
  #lastRecord: Instant;
  #lastRound: Instant;
  #storedSince = 0;
  #isCheckpointing = false;
  #isDisposed = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#lastRecord = options.clock.now();
    this.#lastRound = this.#lastRecord;
    this.#schedule(quietAfter);
  }

  /** Called after each batch. */
  stored(records: number): void {
    const wasDue = isCheckpointDue(this.#storedSince);
    this.#storedSince += records;
    // A running checkpoint schedules the next run when it is done.
    if (this.#isCheckpointing) return;
    if (!wasDue && isCheckpointDue(this.#storedSince)) this.#schedule(betweenSlices);
    else if (this.#isAsleep) this.#schedule(quietAfter);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(delay: Millis): void {
    this.#timer?.[Symbol.dispose]();
    this.#isAsleep = delay > quietAfter;
    this.#timer = this.#options.clock.schedule(delay, () => this.#look());
  }

  #look(): void {
    const { clock, ring, holder } = this.#options;
    const now = clock.now();
    if (ring.end !== this.#seen) this.#lastRecord = now;
    this.#seen = ring.end;
    const quiet = { now, lastRecord: this.#lastRecord, lastRound: this.#lastRound };
    const isDue = mayMaintain(quiet) || isCheckpointDue(this.#storedSince) || this.#isTooLarge();
    if (!isDue || holder.wait > 0) {
      this.#schedule(millis(Math.max(holder.wait, quietAfter)));
      return;
    }
    this.#lastRound = now;
    holder.checkFile();
    const more = holder.use((records) => this.#round(records)) ?? false;
    // Removing records makes the log as long as storing them does.
    const isOver = !more && (this.#storedSince > 0 || holder.isLogHeld);
    if (isOver || isCheckpointDue(this.#storedSince)) void this.#checkpoint(more);
    else this.#schedule(maintenanceDelay(more, this.#storedSince > 0));
  }

  async #checkpoint(more: boolean): Promise<void> {
    const { holder, onCheckpoint } = this.#options;
    this.#storedSince = 0;
    this.#isCheckpointing = true;
    await holder.checkpoint();
    this.#isCheckpointing = false;
    if (this.#isDisposed) return;
    onCheckpoint();
    this.#schedule(maintenanceDelay(more, holder.isLogHeld || this.#storedSince > 0));
  }

  #isTooLarge(): boolean {
    return (
      this.#options.holder.use((records) => isFarTooLarge(records.usage(this.#options.limits.bytes))) ?? false
    );
  }

  /** Does one slice of one task. Returns whether more is left. */
  #round(records: RecordDatabase): boolean {
    const { clock, holder, limits } = this.#options;
    if (holder.checkFrom !== undefined) {
      holder.checkFrom = records.checkSlice(holder.checkFrom);
      return true;
    }
    if (!records.prune(limits, clock.wall())) return false;
    this.#storedSince += sliceSize;
    return true;
  }
}
