/** Plans the rows for a batch of records, with a gap for each range of missing records. */
import { gapBetween, type StoredRecord } from '../../core/records/stored-record.ts';

/** An epoch in the database. */
export interface KnownEpoch {
  readonly order: number;
  /** Highest number that is stored or known to be missing; 0 for none. */
  readonly last: number;
}

export interface PlannedGap {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

export interface BatchPlan {
  readonly rows: readonly StoredRecord[];
  readonly gaps: readonly PlannedGap[];
  /** New `last` of each epoch in the batch, in order. */
  readonly epochs: ReadonlyMap<string, number>;
}

/**
 * Numbers in an epoch have no holes. So a hole between the stored records and the batch means lost records: dropped
 * while the disk was full, or not stored when the daemon was killed. Leaves out records that are stored already.
 */
export function planBatch(
  records: readonly StoredRecord[],
  lastOf: (epoch: string) => number | undefined,
): BatchPlan {
  const rows: StoredRecord[] = [];
  const gaps: PlannedGap[] = [];
  const epochs = new Map<string, number>();
  for (const record of records) {
    const last = epochs.get(record.epoch) ?? lastOf(record.epoch) ?? 0;
    if (record.seq <= last) continue;
    const gap = gapBetween({ epoch: record.epoch, seq: last }, record);
    if (gap !== undefined) {
      gaps.push({ epoch: record.epoch, first: last + 1, last: record.seq - 1 });
    }
    rows.push(record);
    epochs.set(record.epoch, record.seq);
  }
  return { rows, gaps, epochs };
}
