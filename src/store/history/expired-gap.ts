/** What retention has taken from a reader. */
import type { RecordGap, RecordPosition } from '../../core/records/stored-record.ts';

/** An epoch of the database; `last` is the highest number it ever had here. */
export interface NamedEpoch {
  readonly name: string;
  readonly last: number;
}

/**
 * The gap between a reader that has everything up to `after` and `horizon`, the last record that is gone. `epochs` are
 * those of the database in their order, both of these among them. Undefined where nothing between them ever was.
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
