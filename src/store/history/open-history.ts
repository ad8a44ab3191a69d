/** The history of the daemon: memory, the database behind it, and one reader over both. */

import { millis } from '../../core/model/ids.ts';
import type { RecordFilter } from '../../core/records/record-filter.ts';
import { RecordRing } from '../../core/records/record-ring.ts';
import type { RecordPage, RecordPosition, StoredRecord } from '../../core/records/stored-record.ts';
import type { History, HistoryHealth, HistoryStats } from '../../ports/history.ts';
import { DatabaseHolder, type HistoryReplaced, type HolderOptions } from './database-holder.ts';
import { HistoryWriter } from './history-writer.ts';
import { type RecordArchive, RecordReader } from './record-reader.ts';
import type { RetentionLimits } from './retention.ts';
import { Upkeep } from './upkeep.ts';

export interface HistoryOptions extends HolderOptions {
  /** Maximum number of records in memory, `events.memory`. With a database these are records that are not stored yet. */
  readonly memory: number;
  readonly limits: RetentionLimits;
  /** Whether the loop has more urgent work than a commit; called before each batch. */
  readonly isBusy: () => boolean;
}

/** The parts that need a database. */
interface Backing {
  readonly holder: DatabaseHolder;
  readonly writer: HistoryWriter;
  readonly upkeep: Upkeep;
}

/**
 * Touches no file before the next turn of the loop, so that it can be called right after READY. With an empty `path` the
 * history is in memory only.
 */
export const openHistory = (options: HistoryOptions): History => new RecordHistory(options);

class RecordHistory implements History {
  readonly #options: HistoryOptions;
  readonly #ring: RecordRing;
  readonly #reader: RecordReader;
  readonly #backing: Backing | undefined;
  readonly #opening: Disposable | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#ring = new RecordRing(options.memory);
    const backing = options.path === '' ? undefined : backingOf(options, this.#ring);
    this.#backing = backing;
    this.#reader = new RecordReader(this.#ring, archiveOf(backing?.holder), backing !== undefined);
    if (backing === undefined) return;
    this.#opening = options.clock.schedule(millis(0), () => void backing.holder.use(() => true));
  }

  append(record: StoredRecord): void {
    this.#ring.append(record);
    this.#backing?.writer.wake();
  }

  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    return this.#reader.since(after, limit, filter);
  }

  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    return this.#reader.latest(before, limit, filter);
  }

  oldest(): RecordPosition | null {
    return this.#reader.oldest();
  }

  head(): RecordPosition | null {
    return this.#reader.head();
  }

  health(): HistoryHealth {
    return this.#backing?.holder.health() ?? { ok: true, kept: 'memory' };
  }

  stats(): HistoryStats {
    if (this.#backing === undefined) return { stored: 0, dropped: 0, failures: 0, waiting: 0, bytes: 0 };
    const { holder, writer } = this.#backing;
    const usage = holder.use((records) => records.usage(this.#options.limits.bytes));
    const { stored, dropped, waiting } = writer;
    return { stored, dropped, failures: holder.failures, waiting, bytes: usage?.used ?? 0 };
  }

  /** Stores the waiting records, as far as possible, and closes the database. */
  [Symbol.dispose](): void {
    this.#opening?.[Symbol.dispose]();
    this.#backing?.upkeep[Symbol.dispose]();
    this.#backing?.writer[Symbol.dispose]();
    this.#backing?.holder[Symbol.dispose]();
  }
}

function backingOf(options: HistoryOptions, ring: RecordRing): Backing {
  const { clock, limits, isBusy } = options;
  const onReplaced = (replaced: HistoryReplaced): void => {
    writer.startOver();
    options.onReplaced(replaced);
  };
  const holder = new DatabaseHolder({ ...options, onReplaced });
  const upkeep = new Upkeep({ clock, ring, holder, limits, onCheckpoint: () => writer.resume() });
  const onStored = (records: number): void => upkeep.stored(records);
  const writer = new HistoryWriter({ clock, ring, holder, isBusy, onStored });
  return { holder, writer, upkeep };
}

const archiveOf = (holder: DatabaseHolder | undefined): RecordArchive => ({
  since: (after, limit, filter) => holder?.use((records) => records.since(after, limit, filter)),
  latest: (before, limit, filter) => holder?.use((records) => records.latest(before, limit, filter)),
  oldest: () => holder?.use((records) => records.oldest()),
  head: () => holder?.use((records) => records.head()),
  knows: (epoch) => holder?.use((records) => records.knows(epoch)),
});
