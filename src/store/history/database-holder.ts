/**
 * Opens, loses and replaces the database; no other part does. The others borrow it. Errors of SQLite end here: they
 * change the health, and the borrower gets undefined.
 */
import { statSync } from 'node:fs';
import { after, type Instant, instant, type Millis, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HistoryCode, HistoryHealth } from '../../ports/history.ts';
import type { OpenSqlDatabase } from '../../ports/sql-database.ts';
import { errnoOf } from '../journal/errno.ts';
import { failureOf, type HistoryFailure } from './failure.ts';
import { openRecordDatabase } from './open-record-database.ts';
import { isLogTooLong, type Retry, retryAfter } from './pace.ts';
import type { RecordDatabase } from './record-database.ts';
import { setAside } from './set-aside.ts';

/** A new database was begun: records that only the old one had are lost, and the new one has a new epoch. */
export interface HistoryReplaced {
  /** `damaged`: it was quarantined as `path`. `removed`: another program removed the file at `path`. */
  readonly reason: 'damaged' | 'removed';
  readonly path: string;
  /** The error of SQLite. */
  readonly text: string;
}

export interface HolderOptions {
  /** Path of the database; its directory must exist. */
  readonly path: string;
  readonly clock: Clock;
  readonly open: OpenSqlDatabase;
  readonly onReplaced: (replaced: HistoryReplaced) => void;
  /** Called when the database starts to fail, when it fails in another way, and when it works again. */
  readonly onHealth: (health: HistoryHealth) => void;
}

interface Failing {
  readonly code: HistoryCode;
  readonly text: string;
  readonly since: number;
}

/** Interval of retries. A new database that is damaged within it is on a failing disk, and is not replaced again. */
const retryDelay = millis(60_000);

export class DatabaseHolder implements Disposable {
  readonly #options: HolderOptions;
  #records: RecordDatabase | undefined;
  #inode = 0;
  #failing: Failing | undefined;
  #attempts = 0;
  #retryAt: Instant = instant(0);
  #replacedAt: Instant | undefined;
  #disposed = false;
  #isCheckpointing = false;
  /** Where the check after an unclean end continues; undefined if nothing is left to check. */
  checkFrom: number | undefined;
  /** Whether a reader prevents checkpoints of so long a log that nothing more is written. */
  isLogHeld = false;
  /** How many errors SQLite has reported. */
  failures = 0;

  constructor(options: HolderOptions) {
    this.#options = options;
  }

  /** Runs `work` on the database; opens it first if that is due. Undefined if it fails or there is no database. */
  use<T>(work: (records: RecordDatabase) => T): T | undefined {
    const records = this.#records ?? this.#open();
    if (records === undefined) return undefined;
    try {
      return work(records);
    } catch (error) {
      this.fail(failureOf(error));
      return undefined;
    }
  }

  /** How long to wait before a write; 0 if a write may be tried now. */
  get wait(): Millis {
    return millis(Math.max(0, this.#retryAt - this.#options.clock.now()));
  }

  health(): HistoryHealth {
    return this.#failing === undefined
      ? { ok: true, kept: this.#records === undefined ? 'memory' : 'database' }
      : { ok: false, ...this.#failing };
  }

  /** Called after a write: earlier failures are over. */
  works(): void {
    this.#attempts = 0;
    if (this.#failing === undefined) return;
    this.#failing = undefined;
    this.#options.onHealth(this.health());
  }

  /** Handles a failure: replaces a damaged file, retries anything else later. */
  fail(failure: HistoryFailure): void {
    this.failures++;
    if (failure.code === 'NETEVD_HISTORY_DAMAGED') this.#replace(failure);
    else this.#postpone(failure, retryAfter(failure.code, ++this.#attempts));
  }

  /** Whether a write may be tried now: not during a checkpoint, nor while a reader keeps too long a log. */
  get mayWrite(): boolean {
    return this.wait === 0 && !this.#isCheckpointing && !this.isLogHeld;
  }

  /** Makes a checkpoint, without writes meanwhile. Resolves when it is done or has failed. */
  async checkpoint(): Promise<void> {
    const records = this.#records;
    if (records === undefined || this.#isCheckpointing) return;
    this.#isCheckpointing = true;
    try {
      const done = await records.checkpoint();
      if (done === undefined) return;
      this.isLogHeld = isLogTooLong(done.heldBytes);
      if (this.isLogHeld) this.#holdLog(done.heldBytes);
    } catch (error) {
      const failure = failureOf(error);
      // Another database may have taken its place.
      if (this.#records === records) this.fail(failure);
    } finally {
      this.#isCheckpointing = false;
    }
  }

  /** Notices that the file was removed or replaced while the database was open, and begins a new one. */
  checkFile(): void {
    if (this.#records === undefined || inodeOf(this.#options.path) === this.#inode) return;
    const text = 'the file was removed while it was open';
    this.#close();
    this.#begin({ reason: 'removed', path: this.#options.path, text });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#close();
  }

  #open(): RecordDatabase | undefined {
    if (this.#disposed || this.wait > 0) return undefined;
    const opened = openRecordDatabase(this.#options.open, this.#options.path);
    if (!opened.ok) {
      this.fail(opened.failure);
      return this.#records;
    }
    this.#records = opened.records;
    this.#inode = inodeOf(this.#options.path);
    this.checkFrom = opened.isUnclean ? 0 : undefined;
    return opened.records;
  }

  /** Stops writes while a reader prevents checkpoints and the log is too long. */
  #holdLog(bytes: number): void {
    const text = `a reader holds ${this.#options.path}: ${bytes} bytes of its log cannot be taken over`;
    this.failures++;
    this.#postpone(
      { code: 'NETEVD_HISTORY_BUSY', sqlite: 'SQLITE_BUSY', text },
      { delay: retryDelay, failed: true },
    );
  }

  #postpone(failure: HistoryFailure, { delay, failed }: Retry): void {
    this.#retryAt = after(this.#options.clock.now(), delay);
    // A full or locked database can still be read, and writes work again by themselves.
    if (failure.code === 'NETEVD_HISTORY_UNWRITABLE') this.#close();
    if (!failed || this.#failing?.code === failure.code) return;
    const { code, text } = failure;
    this.#failing = { code, text, since: this.#failing?.since ?? this.#options.clock.wall() };
    this.#options.onHealth(this.health());
  }

  #replace(failure: HistoryFailure): void {
    this.#close();
    const now = this.#options.clock.now();
    const last = this.#replacedAt;
    if (last !== undefined && now - last < retryDelay) {
      this.#postpone(failure, { delay: retryDelay, failed: true });
      return;
    }
    this.#replacedAt = now;
    try {
      const path = setAside(this.#options.path, this.#options.clock.wall());
      this.#begin({ reason: 'damaged', path, text: failure.text });
    } catch (error) {
      const text = `${failure.text}; it cannot be set aside: ${errnoOf(error)}`;
      this.#postpone({ ...failure, text }, { delay: retryDelay, failed: true });
    }
  }

  #begin(replaced: HistoryReplaced): void {
    this.#open();
    this.#options.onReplaced(replaced);
  }

  #close(): void {
    const records = this.#records;
    this.#records = undefined;
    this.checkFrom = undefined;
    this.isLogHeld = false;
    try {
      records?.[Symbol.dispose]();
    } catch (error) {
      failureOf(error); // Ignored: the database is damaged or failing already.
    }
  }
}

/** Size in bytes; 0 if the file is absent or hidden. */
function inodeOf(path: string): number {
  try {
    return statSync(path).ino;
  } catch (error) {
    errnoOf(error);
    return 0;
  }
}
