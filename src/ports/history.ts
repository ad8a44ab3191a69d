/** The history of records: in memory, and in a database if one is configured. */
import type { RecordFilter } from '../core/records/record-filter.ts';
import type { RecordPage, RecordPosition, StoredRecord } from '../core/records/stored-record.ts';

/** Stable codes of docs/errors.md. */
export type HistoryCode =
  | 'NETEVD_HISTORY_UNWRITABLE'
  | 'NETEVD_HISTORY_FULL'
  | 'NETEVD_HISTORY_BUSY'
  | 'NETEVD_HISTORY_DAMAGED'
  | 'NETEVD_HISTORY_NEWER';

export type HistoryHealth =
  /** `memory`: no database is configured, or it is not open yet. */
  | { readonly ok: true; readonly kept: 'database' | 'memory' }
  /** The database fails and memory is used; retried automatically. `since`: wall clock, milliseconds since 1970. */
  | { readonly ok: false; readonly code: HistoryCode; readonly text: string; readonly since: number };

export interface HistoryStats {
  /** Records stored in the database by this process. */
  readonly stored: number;
  /** Records that left memory before they could be stored. */
  readonly dropped: number;
  /** Failed writes, reads and openings. */
  readonly failures: number;
  /** Records in memory that are not stored yet. */
  readonly waiting: number;
  /** Bytes in use in the database, without its log; 0 without a database. */
  readonly bytes: number;
}

/**
 * Reading is synchronous and bounded: one call takes a few milliseconds, whatever the filter and the size. A caller that
 * wants more continues at `next`, and lets the loop turn between two pages.
 */
export interface ReadableHistory {
  /** Records after `after` in order, across epochs; from the oldest if it is null. At most 500. */
  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage;
  /** Records before `before`, newest first; from the newest if it is null. At most 500. */
  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage;
  /** Oldest record that can still be read. */
  oldest(): RecordPosition | null;
  /** Newest record. */
  head(): RecordPosition | null;
}

export interface History extends ReadableHistory, Disposable {
  /** Appends a record; it can be read at once. Never fails, never touches a file. */
  append(record: StoredRecord): void;
  health(): HistoryHealth;
  stats(): HistoryStats;
}
