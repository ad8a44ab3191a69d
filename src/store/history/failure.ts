/** What an error of SQLite means for the history. Result codes: https://sqlite.org/rescode.html */
import type { HistoryCode } from '../../ports/history.ts';

export interface HistoryFailure {
  readonly code: HistoryCode;
  /** SQLite's own code: `SQLITE_FULL`, `SQLITE_IOERR_WRITE` … */
  readonly sqlite: string;
  readonly text: string;
}

/** Primary result codes. An extended code (`SQLITE_CORRUPT_VTAB`) starts with its primary code. */
const meanings: readonly [primary: string, code: HistoryCode][] = [
  ['SQLITE_BUSY', 'NETEVD_HISTORY_BUSY'],
  ['SQLITE_LOCKED', 'NETEVD_HISTORY_BUSY'],
  ['SQLITE_PROTOCOL', 'NETEVD_HISTORY_BUSY'],
  ['SQLITE_FULL', 'NETEVD_HISTORY_FULL'],
  ['SQLITE_NOTADB', 'NETEVD_HISTORY_DAMAGED'],
  ['SQLITE_CORRUPT', 'NETEVD_HISTORY_DAMAGED'],
  ['SQLITE_FORMAT', 'NETEVD_HISTORY_DAMAGED'],
  // The file is input: unexpected tables or conflicting rows are damage, not a bug.
  ['SQLITE_ERROR', 'NETEVD_HISTORY_DAMAGED'],
  ['SQLITE_SCHEMA', 'NETEVD_HISTORY_DAMAGED'],
  ['SQLITE_CONSTRAINT', 'NETEVD_HISTORY_DAMAGED'],
  ['SQLITE_MISMATCH', 'NETEVD_HISTORY_DAMAGED'],
  ['SQLITE_CANTOPEN', 'NETEVD_HISTORY_UNWRITABLE'],
  ['SQLITE_READONLY', 'NETEVD_HISTORY_UNWRITABLE'],
  ['SQLITE_PERM', 'NETEVD_HISTORY_UNWRITABLE'],
  ['SQLITE_AUTH', 'NETEVD_HISTORY_UNWRITABLE'],
  ['SQLITE_IOERR', 'NETEVD_HISTORY_UNWRITABLE'],
  ['SQLITE_NOLFS', 'NETEVD_HISTORY_UNWRITABLE'],
];

/** Returns the failure that a thrown error stands for. Throws any other error on: it is a bug. */
export function failureOf(error: unknown): HistoryFailure {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const sqlite = error.code;
    const meaning = meanings.find(([primary]) => sqlite === primary || sqlite.startsWith(`${primary}_`));
    if (meaning !== undefined) return { code: meaning[1], sqlite, text: error.message };
  }
  throw error;
}
