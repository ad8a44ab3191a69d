/** The kept records: in memory, and in a database where there is one. */
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
  /** Memory alone until it works again; tried again by itself. `since`: wall clock, milliseconds since 1970. */
  | { readonly ok: false; readonly code: HistoryCode; readonly text: string; readonly since: number };

export interface HistoryStats {
  /** Records stored in the database by this process. */
  readonly stored: number;
  /** Records that went out of memory before they could be stored. */
  readonly dropped: number;
  /** Writes, reads and openings that failed. */
  readonly failures: number;
  /** Records in memory that wait to be stored. */
  readonly waiting: number;
  /** Bytes in use in the database, without its log; 0 where there is none. */
  readonly bytes: number;
}

/**
 * Reading is synchronous and bounded: one call takes a few milliseconds, whatever the filter and the size. A caller that
 * wants more goes on at `next`, and lets the loop turn between two pages.
 */
export interface ReadableHistory {
  /** Records after `after` in their order, across epochs; from the oldest where it is null. At most 500. */
  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage;
  /** Records before `before`, newest first; from the newest where it is null. At most 500. */
  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage;
  /** Oldest record that can still be read. */
  oldest(): RecordPosition | null;
  /** Newest record. */
  head(): RecordPosition | null;
}

export interface History extends ReadableHistory, Disposable {
  /** Takes a record; can be read at once. Never fails, never touches a file. */
  append(record: StoredRecord): void;
  health(): HistoryHealth;
  stats(): HistoryStats;
}
