/** Records for tests: each with the text that its number says it has. */
import { recordKinds } from '../core/model/record.ts';
import type { RecordItem, StoredRecord } from '../core/records/stored-record.ts';

/** Two epochs in their order. */
export const epoch1 = '01930000-0000-7000-8000-000000000001';
export const epoch2 = '01930000-0000-7000-8000-000000000002';
export const epoch3 = '01930000-0000-7000-8000-000000000003';

/** Wall clock of record 0; each is a second later than the one before. */
export const firstAt = 1_790_000_000_000;

export function sampleRecord(epoch: string, seq: number, over: Partial<StoredRecord> = {}): StoredRecord {
  return {
    epoch,
    seq,
    at: firstAt + seq * 1000,
    kind: 'event',
    type: 'routable',
    link: 'eth0',
    json: JSON.stringify({ id: `${epoch}/${seq}`, seq }),
    ...over,
  };
}

/** Records `first` to `last` of one epoch. */
export const sampleRecords = (epoch: string, first: number, last: number): StoredRecord[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => sampleRecord(epoch, first + i));

/** Records that differ in everything that a filter can ask for; some have no link. */
export const variedRecord = (epoch: string, seq: number): StoredRecord => {
  const { link, ...rest } = sampleRecord(epoch, seq, {
    kind: recordKinds[seq % 5] ?? 'event',
    type: `type-${seq % 3}`,
    link: `eth${seq % 4}`,
  });
  return seq % 7 === 0 || link === undefined ? rest : { ...rest, link };
};

/** An item in short: `1.7` is record 7 of epoch 1, `gap 1.3-1.5 history-failed` what is missing. */
export function shortItem(item: RecordItem): string {
  if (item.kind !== 'gap') return short(item);
  const range = `${item.from === null ? '?' : short(item.from)}-${item.to === null ? '?' : short(item.to)}`;
  return `gap ${range} ${item.cause}`;
}

const short = ({ epoch, seq }: { readonly epoch: string; readonly seq: number }): string =>
  `${Number(epoch.slice(-4))}.${seq}`;
