/**
 * SQLite of the runtime behind `ports/sql-database.ts`. WAL: readers never stop the writer. The log is never taken over
 * within a commit (`wal_autocheckpoint=0`): that syncs the disk, and its time is chosen by whoever writes.
 */
import { type Changes, Database, type SQLQueryBindings, constants as sqlite } from 'bun:sqlite';
import { closeSync, constants, fchmodSync, lstatSync, openSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SqlDatabase, SqlRow, SqlValue } from '../../ports/sql-database.ts';

/** Longest wait for somebody else's write lock. The daemon's loop stands still for it, so it is short. */
const busyTimeoutMs = 5;
/** -n is KiB (https://sqlite.org/pragma.html#pragma_cache_size): half a mebibyte instead of two. */
const cacheSize = -512;

/** The log is cut down to this when it starts from its beginning again. */
const keptLogBytes = 4 * 1024 * 1024;

/** Opens or makes the database; see `OpenSqlDatabase` for what it promises. */
export function openSqliteDatabase(path: string): SqlDatabase {
  // SQLITE_OPEN_NOFOLLOW refuses a link anywhere in the path, and /var may well be one: only the last name matters.
  const real = join(realDirectory(path), basename(path));
  createFile(real);
  if (!lstatSync(real).isFile()) throw cannotOpen(`${path} is no regular file`);
  const database = new Database(real, sqlite.SQLITE_OPEN_READWRITE | sqlite.SQLITE_OPEN_NOFOLLOW);
  try {
    configure(database);
  } catch (error) {
    database.close(true);
    throw error;
  }
  return new SqliteDatabase(database);
}

function configure(database: Database): void {
  database.run(`pragma busy_timeout = ${busyTimeoutMs}`);
  // Takes effect in an empty file alone; there it must come before the journal mode, which writes the first page.
  database.run('pragma auto_vacuum = incremental');
  database.run('pragma journal_mode = wal');
  database.run('pragma synchronous = normal');
  database.run('pragma wal_autocheckpoint = 0');
  database.run(`pragma journal_size_limit = ${keptLogBytes}`);
  database.run(`pragma cache_size = ${cacheSize}`);
  database.run('pragma temp_store = memory');
  // A damaged file must be an error of ours, never something that its own schema makes SQLite do.
  database.run('pragma trusted_schema = off');
  database.run('pragma cell_size_check = on');
}

function realDirectory(path: string): string {
  try {
    return realpathSync(dirname(path));
  } catch (error) {
    throw cannotOpen(reasonOf(error));
  }
}

/** Readable by the group, for `sqlite3`; SQLite gives the log the same mode. */
function createFile(path: string): void {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
  let file: number;
  try {
    file = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o640);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw cannotOpen(reasonOf(error));
  }
  // The umask is somebody else's choice.
  fchmodSync(file, 0o640);
  closeSync(file);
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const cannotOpen = (message: string): Error => Object.assign(new Error(message), { code: 'SQLITE_CANTOPEN' });

type Binding = SQLQueryBindings[];

class SqliteDatabase implements SqlDatabase {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  execute(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, ...values: readonly SqlValue[]): number {
    const { changes }: Changes = this.#database.query<unknown, Binding>(sql).run(...values);
    return changes;
  }

  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#database.query<SqlRow, Binding>(sql).all(...values);
  }

  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#database.query<SqlRow, Binding>(sql).get(...values) ?? undefined;
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }

  close(): void {
    // With `true` its statements are finalized as well; otherwise they keep the file open.
    this.#database.close(true);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
