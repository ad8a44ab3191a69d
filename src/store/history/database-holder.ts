/**
 * The one place that opens, loses and replaces the database. Everybody else borrows it: what SQLite refuses ends here, as
 * health, and the borrower gets undefined.
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

/** A new database was begun: what only the old one had is gone, and a new epoch belongs to the new one. */
export interface HistoryReplaced {
  /** `damaged`: it was set aside, as `path`. `removed`: somebody has taken the file at `path` away. */
  readonly reason: 'damaged' | 'removed';
  readonly path: string;
  /** What SQLite said. */
  readonly text: string;
}

export interface HolderOptions {
  /** Of the database; its directory must be there. */
  readonly path: string;
  readonly clock: Clock;
  readonly open: OpenSqlDatabase;
  readonly onReplaced: (replaced: HistoryReplaced) => void;
  /** Called when it starts to fail, when it fails in another way, and when it works again. */
  readonly onHealth: (health: HistoryHealth) => void;
}

interface Failing {
  readonly code: HistoryCode;
  readonly text: string;
  readonly since: number;
}

/** What does not go away by itself is tried again so often. A file damaged again within it is on a disk that fails. */
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
  /** Where the check after an unclean end goes on; undefined where there is nothing to check. */
  checkFrom: number | undefined;
  /** A reader keeps so much log from being taken over that nothing more is written. */
  isLogHeld = false;
  /** How often SQLite has refused something. */
  failures = 0;

  constructor(options: HolderOptions) {
    this.#options = options;
  }

  /** Runs `work` on the open database, opens it before where that is due. Undefined where it fails or there is none. */
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

  /** How long nobody should try to write; 0 where one may. */
  get wait(): Millis {
    return millis(Math.max(0, this.#retryAt - this.#options.clock.now()));
  }

  health(): HistoryHealth {
    return this.#failing === undefined
      ? { ok: true, kept: this.#records === undefined ? 'memory' : 'database' }
      : { ok: false, ...this.#failing };
  }

  /** Called when something was written: whatever failed before works again. */
  works(): void {
    this.#attempts = 0;
    if (this.#failing === undefined) return;
    this.#failing = undefined;
    this.#options.onHealth(this.health());
  }

  /** Deals with a failure: a damaged file is replaced, everything else is tried again later. */
  fail(failure: HistoryFailure): void {
    this.failures++;
    if (failure.code === 'NETEVD_HISTORY_DAMAGED') this.#replace(failure);
    else this.#postpone(failure, retryAfter(failure.code, ++this.#attempts));
  }

  /** Whether a write may be tried now: not while a checkpoint works, nor while a reader holds a log that is too long. */
  get mayWrite(): boolean {
    return this.wait === 0 && !this.#isCheckpointing && !this.isLogHeld;
  }

  /** Takes over the log, while nobody writes. Resolves when that is done or has failed. */
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

  /** Notices that the file was removed or exchanged under the open database, and begins a new one. */
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

  /** A reader keeps the log from being taken over, and it has become long: nothing is written until that ends. */
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
      failureOf(error); // It was damaged or could not be written before; nothing more can be done for it.
    }
  }
}

/** 0 where there is no file, or none that one may see. */
function inodeOf(path: string): number {
  try {
    return statSync(path).ino;
  } catch (error) {
    errnoOf(error);
    return 0;
  }
}
