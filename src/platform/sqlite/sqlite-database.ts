/**
 * SQLite of the runtime behind `ports/sql-database.ts`. WAL: readers never stop the writer. The log is never taken over
 * within a commit (`wal_autocheckpoint=0`): that syncs the disk, and the writer chooses its time.
 */
import { type Changes, Database, type SQLQueryBindings, constants as sqlite } from 'bun:sqlite';
import {
  closeSync,
  constants,
  fchmodSync,
  fsync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CheckpointPages, SqlDatabase, SqlRow, SqlValue } from '../../ports/sql-database.ts';

/** Longest wait for another process's write lock. It blocks the daemon's loop, so it is short. */
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
  // For syncing. It is open before and after SQLite's own: closing it in between would drop SQLite's locks (fcntl(2)).
  const file = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW);
  let database: Database | undefined;
  try {
    database = new Database(real, sqlite.SQLITE_OPEN_READWRITE | sqlite.SQLITE_OPEN_NOFOLLOW);
    configure(database);
  } catch (error) {
    database?.close(true);
    closeSync(file);
    throw error;
  }
  return new SqliteDatabase(database, file, `${real}-wal`);
}

function configure(database: Database): void {
  database.run(`pragma busy_timeout = ${busyTimeoutMs}`);
  // Takes effect in an empty file alone, before the journal mode, which writes the first page; elsewhere it is a write.
  const { page_count } = database.query<{ page_count: number }, []>('pragma page_count').get() ?? {};
  if (page_count === 0) database.run('pragma auto_vacuum = incremental');
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
  // Independent of the umask.
  fchmodSync(file, 0o640);
  closeSync(file);
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const cannotOpen = (message: string): Error => Object.assign(new Error(message), { code: 'SQLITE_CANTOPEN' });

type Binding = SQLQueryBindings[];

class SqliteDatabase implements SqlDatabase {
  readonly #database: Database;
  readonly #file: number;
  readonly #log: string;
  #isClosed = false;
  /** Nothing was written through this connection yet. */
  #isUntouched = true;
  /** Whether the directory is known to have the log's name on the disk. */
  #isLogNamed = false;
  /** Pages were taken over and are not known to be on the disk yet. */
  #isUnsynced = false;

  constructor(database: Database, file: number, log: string) {
    this.#database = database;
    this.#file = file;
    this.#log = log;
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
    // The log may start again with this write, so what was taken over from it must be safe: only a stop comes so early.
    if (this.#isUnsynced) fsyncSync(this.#file);
    const commit = (): T => this.#database.transaction(work).immediate();
    if (!this.#isUntouched) return commit();
    // The first write makes the log, and SQLite would sync that here. Until a checkpoint has done so, pages do not change.
    this.#isUntouched = false;
    return this.#unsynced(commit);
  }

  /**
   * What SQLite does itself, in the same order, but with the syncs elsewhere: the log is safe before a page is taken
   * over, the pages are safe before the log starts again from its beginning, and its new header before what follows.
   */
  async checkpoint(): Promise<CheckpointPages | undefined> {
    await syncFile(this.#log);
    if (!this.#isLogNamed) await syncFile(dirname(this.#log));
    this.#isLogNamed = true;
    if (this.#isClosed) return undefined;
    const done = this.#unsynced(() => this.get('pragma wal_checkpoint(passive)'));
    this.#isUnsynced = true;
    await sync(this.#file);
    if (this.#isClosed) return undefined;
    this.#isUnsynced = false;
    const [logPages, takenOver] = [Number(done?.['log']), Number(done?.['checkpointed'])];
    if (logPages > 0 && takenOver === logPages) {
      this.#unsynced(() => this.#restartLog());
      await syncFile(this.#log);
    }
    return { logPages, takenOver };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isUnsynced) fsyncSync(this.#file);
    // With `true` its statements are finalized as well; otherwise they keep the file open.
    this.#database.close(true);
    closeSync(this.#file);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #unsynced<T>(work: () => T): T {
    this.#database.run('pragma synchronous = off');
    try {
      return work();
    } finally {
      this.#database.run('pragma synchronous = normal');
    }
  }

  /** Writes what is there already. The first write after a complete checkpoint starts the log from its beginning. */
  #restartLog(): void {
    const version = Number(this.get('pragma user_version')?.['user_version']);
    this.#database.run(`pragma user_version = ${version}`);
  }
}

/** By a thread of the runtime. A disk that fails is reported by SQLite's own code for it. */
const sync = (file: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fsync(file, (error) => {
      if (error === null) resolve();
      else reject(Object.assign(new Error(error.message), { code: 'SQLITE_IOERR_FSYNC' }));
    });
  });

async function syncFile(path: string): Promise<void> {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return; // No log, so nothing in it that is not safe.
  }
  try {
    await sync(file);
  } finally {
    closeSync(file);
  }
}
