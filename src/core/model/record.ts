/**
 * Records: everything that the daemon numbers and keeps. `<epoch>/<seq>` names one record, in the whole world and for
 * ever; within an epoch the numbers have no holes and follow the order in which the daemon found things out.
 */
import { type Epoch, type EventId, eventId, type Seq, type Timestamp } from './ids.ts';

/** The kinds of records, as the API and the history spell them. */
export const recordKinds = ['event', 'hook_run', 'repair', 'source', 'config'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** What makes something a record: its number, and when it was found out. */
export interface Numbered {
  readonly seq: Seq;
  readonly at: Timestamp;
}

/** The name of a record: `<epoch>/<seq>`. */
export const recordId = (epoch: Epoch, number: Seq): EventId => eventId(`${epoch}/${number}`);
