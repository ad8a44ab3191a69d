/** Converts rows of the database to records and gaps, in one order. */
import { type RecordKind, recordKinds } from '../../core/model/record.ts';
import { gapOf, type RecordItem } from '../../core/records/stored-record.ts';
import type { SqlRow } from '../../ports/sql-database.ts';
import type { Epochs } from './epochs.ts';
import { seqOf } from './record-key.ts';

/** An item and its keys: a record has one, a gap all from `first` to `last`. */
export interface KeyedItem {
  readonly first: number;
  readonly last: number;
  readonly item: RecordItem;
}

/** Converts a row of `record`. Throws `SQLITE_CORRUPT` if netevd cannot have written it. */
export function recordItem(row: SqlRow, epochs: Epochs): KeyedItem {
  const key = Number(row['id']);
  const { epoch, seq } = epochs.positionOf(key);
  const link = row['link'];
  const item = {
    epoch,
    seq,
    at: Number(row['at']),
    kind: kindOf(String(row['kind'])),
    type: String(row['type']),
    ...(typeof link === 'string' ? { link } : {}),
    json: String(row['json']),
  };
  return { first: key, last: key, item };
}

function kindOf(text: string): RecordKind {
  const kind = recordKinds.find((candidate) => candidate === text);
  if (kind !== undefined) return kind;
  throw Object.assign(new Error('no such kind of record'), { code: 'SQLITE_CORRUPT' });
}

/** The part of a row of `gap` between `low` and `high`. */
export function gapItem(row: SqlRow, epochs: Epochs, low: number, high: number): KeyedItem {
  const first = Math.max(Number(row['first']), low + 1);
  const last = Math.min(Number(row['last']), high - 1);
  const { epoch } = epochs.positionOf(first);
  return { first, last, item: gapOf('history-failed', epoch, seqOf(first), seqOf(last)) };
}
