/** An SQLite database, as far as the store needs one. Throws errors whose `code` is SQLite's: `SQLITE_FULL`. */

/** What can be bound to a parameter. */
export type SqlValue = string | number | null;
/** A row by the names of its columns. The caller knows the types from the query. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The result of a checkpoint, in pages. */
export interface CheckpointPages {
  readonly logPages: number;
  /** Fewer than `logPages` if a reader still needs the earlier state. */
  readonly takenOver: number;
}

export interface SqlDatabase extends Disposable {
  /** Runs statements without parameters and results. */
  execute(sql: string): void;
  /** Runs one statement, which is prepared once per text. Returns the number of changed rows. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** Returns all rows of one query, which is prepared once per text. */
  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[];
  /** Returns the first row; undefined if there is none. */
  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  /** Runs `work` in one transaction that takes the write lock at once. An error that it throws rolls back. */
  transaction<T>(work: () => T): T;
  /**
   * Makes a checkpoint: takes over into the database what its log holds, as far as readers allow. Another thread syncs the
   * disk, so the loop blocks for a few milliseconds at most. No one may write until it is done. Undefined if the
   * database was closed meanwhile. Rejects as the other methods throw.
   */
  checkpoint(): Promise<CheckpointPages | undefined>;
  /** Closes the database and its statements. Also called on disposal. */
  close(): void;
}

/**
 * Opens the database at `path` for reading and writing; creates it if absent. Refuses a symbolic link, or anything
 * else that is not a regular file, as `SQLITE_CANTOPEN`. Throws as the methods do.
 */
export type OpenSqlDatabase = (path: string) => SqlDatabase;
