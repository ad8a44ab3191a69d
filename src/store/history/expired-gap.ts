/** Computes what a reader misses because of retention. */
import type { RecordGap, RecordPosition } from '../../core/records/stored-record.ts';

/** An epoch of the database; `last` is the highest number that it ever had in this database. */
export interface NamedEpoch {
  readonly name: string;
  readonly last: number;
}

/**
 * Returns the gap between a reader that has everything up to `after` and `horizon`, the last expired record. `epochs` are
 * those of the database in order, including both of these. Undefined if no record was ever between them.
 */
export function expiredGap(
  epochs: readonly NamedEpoch[],
  after: RecordPosition,
  horizon: RecordPosition,
): RecordGap | undefined {
  const start = epochs.findIndex(({ name }) => name === after.epoch);
  const end = epochs.findIndex(({ name }) => name === horizon.epoch);
  let lost = 0;
  let from: RecordPosition | undefined;
  let to: RecordPosition | undefined;
  for (const [i, { name, last }] of epochs.entries()) {
    if (i < start || i > end) continue;
    const first = i === start ? after.seq + 1 : 1;
    const final = i === end ? horizon.seq : last;
    if (final < first) continue;
    lost += final - first + 1;
    from ??= { epoch: name, seq: first };
    to = { epoch: name, seq: final };
  }
  return from === undefined || to === undefined
    ? undefined
    : { kind: 'gap', cause: 'expired', from, to, lost };
}
