/** An SQLite database, as far as the store needs one. What fails throws an error whose `code` is SQLite's: `SQLITE_FULL`. */

/** What can be bound to a parameter. */
export type SqlValue = string | number | null;
/** A row by its columns' names. The caller knows the types from the query. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What a checkpoint has found and done, in pages. */
export interface CheckpointPages {
  readonly logPages: number;
  /** Fewer than `logPages` where a reader still needs the state before. */
  readonly takenOver: number;
}

export interface SqlDatabase extends Disposable {
  /** Runs statements that take no values and answer nothing. */
  execute(sql: string): void;
  /** Runs one statement; prepared once for each text. Returns how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** All rows of one query; prepared once for each text. */
  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[];
  /** The first row; undefined where there is none. */
  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  /** Runs `work` in one transaction that takes the write lock at once; an error that it throws undoes all of it. */
  transaction<T>(work: () => T): T;
  /**
   * Takes over into the database what its log holds, as far as readers allow. The disk is synced by another thread, so
   * the loop stands still for a few milliseconds at most. Nobody may write until it is done. Undefined where the
   * database was closed meanwhile. Rejects as the other methods throw.
   */
  checkpoint(): Promise<CheckpointPages | undefined>;
  /** Closes it with its statements; nothing stays open. Also when it is disposed of. */
  close(): void;
}

/**
 * Opens the database at `path` for reading and writing, makes it where it is missing. A symbolic link, or anything
 * else that is no regular file, is refused as `SQLITE_CANTOPEN`. Throws as the methods do.
 */
export type OpenSqlDatabase = (path: string) => SqlDatabase;
