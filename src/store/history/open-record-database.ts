/** Opens a database of records, or returns why it cannot be opened. */
import { lstatSync } from 'node:fs';
import type { OpenSqlDatabase, SqlDatabase } from '../../ports/sql-database.ts';
import { errnoOf } from '../journal/errno.ts';
import { failureOf, type HistoryFailure } from './failure.ts';
import { RecordDatabase } from './record-database.ts';
import { migrate, schemaVersion } from './schema.ts';

export type OpenedRecords =
  | {
      readonly ok: true;
      readonly records: RecordDatabase;
      /** Whether its last writer ended without closing it: then it must be checked. */
      readonly isUnclean: boolean;
    }
  | { readonly ok: false; readonly failure: HistoryFailure };

/** Opens the database at `path`; creates or migrates it. Failures are results, never exceptions. */
export function openRecordDatabase(open: OpenSqlDatabase, path: string): OpenedRecords {
  const isUnclean = hasLog(path);
  let database: SqlDatabase | undefined;
  try {
    database = open(path);
    const migrated = migrate(database);
    if (migrated.ok) return { ok: true, records: new RecordDatabase(database), isUnclean };
    database.close();
    return { ok: false, failure: newerFailure(path, migrated.version) };
  } catch (error) {
    const failure = failureOf(error);
    database?.close();
    return { ok: false, failure };
  }
}

/** The last one to close a database removes its log (https://sqlite.org/wal.html). */
function hasLog(path: string): boolean {
  try {
    return lstatSync(`${path}-wal`).size > 0;
  } catch (error) {
    errnoOf(error); // Absent or not accessible; opening the database reports that.
    return false;
  }
}

const newerFailure = (path: string, version: number): HistoryFailure => ({
  code: 'NETEVD_HISTORY_NEWER',
  sqlite: 'SQLITE_OK',
  text: `${path} has version ${version} of the tables, this netevd knows ${schemaVersion}`,
});
