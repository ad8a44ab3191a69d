/**
 * Records are everything that the daemon numbers and stores. `<epoch>/<seq>` is the globally unique name of
 * one record; within an epoch the numbers have no gaps and follow the order in which the daemon learned of
 * things.
 */
import { type Epoch, type EventId, eventId, type Seq, type Timestamp } from './ids.ts';

/** The kinds of records, as the API and the history spell them. */
export const recordKinds = ['event', 'hook_run', 'repair', 'source', 'config'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** What every record has: its number, and when the daemon learned of its content. */
export interface Numbered {
  readonly seq: Seq;
  readonly at: Timestamp;
}

/** The name of a record: `<epoch>/<seq>`. */
export const recordId = (epoch: Epoch, number: Seq): EventId => eventId(`${epoch}/${number}`);
