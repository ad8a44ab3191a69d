/** What goes into the database for a batch of records: rows, and a gap for everything that is missing before one. */
import { gapBetween, type StoredRecord } from '../../core/records/stored-record.ts';

/** An epoch as the database has it. */
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
  /** New `last` of each epoch that the batch has records of, in their order. */
  readonly epochs: ReadonlyMap<string, number>;
}

/**
 * Numbers have no holes within an epoch, so a hole between what is stored and what comes is what was lost: dropped
 * while the disk was full, or not yet stored when the daemon was killed. A record that is stored already is left out.
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
