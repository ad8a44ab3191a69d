import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyRecord } from '../../core/records/record-filter.ts';
import type { RecordPosition } from '../../core/records/stored-record.ts';
import { openSqliteDatabase } from '../../platform/sqlite/sqlite-database.ts';
import type { History, HistoryHealth } from '../../ports/history.ts';
import type { OpenSqlDatabase, SqlDatabase } from '../../ports/sql-database.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import {
  epoch1,
  epoch2,
  firstAt,
  sampleRecord,
  sampleRecords,
  shortItem,
} from '../../testing/sample-records.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import type { HistoryReplaced } from './database-holder.ts';
import { type HistoryOptions, openHistory } from './open-history.ts';

let directory = '';
let clock = new ManualClock(firstAt);
let replaced: HistoryReplaced[] = [];
let healths: HistoryHealth[] = [];
const opened: Disposable[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-history-'));
  clock = new ManualClock(firstAt);
  replaced = [];
  healths = [];
});
afterEach(() => {
  for (const one of opened.splice(0)) one[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const path = (): string => join(directory, 'events.db');
const second = 1000;
const minute = 60 * second;

function start(over: Partial<HistoryOptions> = {}): History {
  const history = openHistory({
    path: path(),
    memory: 1000,
    limits: { days: 36_500, bytes: 2 ** 40 },
    clock,
    open: openSqliteDatabase,
    isBusy: () => false,
    onReplaced: (what) => void replaced.push(what),
    onHealth: (health) => void healths.push(health),
    ...over,
  });
  opened.push(history);
  return history;
}

function append(history: History, epoch: string, first: number, last: number): void {
  for (const record of sampleRecords(epoch, first, last)) history.append(record);
}

const readAll = (history: History, after: RecordPosition | null = null): string[] => {
  const found: string[] = [];
  for (let next = after; ; ) {
    const page = history.since(next, 500, everyRecord);
    found.push(...page.items.map(shortItem));
    if (!page.more) return found;
    next = page.next;
  }
};
/** The content of the file, as another process reads it. */
function inFile(file: string = path()): number[] {
  using database = openSqliteDatabase(file);
  return database.all('select id from record order by id').map(({ id }) => Number(id) % 2 ** 36);
}
/** Waits for a checkpoint: it syncs the disk in another thread, and ends with a timer of one minute. */
const checkpointed = (): Promise<true> =>
  waitUntil('a checkpoint', () => clock.waiting > 0 && Number(clock.next) > 50 * second);
const healthCode = (history: History): string => {
  const health = history.health();
  return health.ok ? health.kept : health.code;
};

/** The same database, with a changed behaviour. */
function changed(
  database: SqlDatabase,
  change: (database: SqlDatabase) => Partial<SqlDatabase>,
): SqlDatabase {
  return {
    execute: (sql) => database.execute(sql),
    run: (sql, ...values) => database.run(sql, ...values),
    all: (sql, ...values) => database.all(sql, ...values),
    get: (sql, ...values) => database.get(sql, ...values),
    transaction: (work) => database.transaction(work),
    checkpoint: () => database.checkpoint(),
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
    ...change(database),
  };
}

describe('openHistory', () => {
  test('the history touches no file before the next turn, and none for an empty path', () => {
    const history = start();
    append(history, epoch1, 1, 25);
    expect([readdirSync(directory), healthCode(history)]).toEqual([[], 'memory']);
    clock.advance(0);
    expect([existsSync(path()), healthCode(history)]).toEqual([true, 'database']);
    start({ path: '' });
    clock.advance(minute);
    expect(readdirSync(directory).filter((name) => !name.startsWith('events.db'))).toEqual([]);
  });

  test('a few records are stored a moment later, and a full batch in the next turn', () => {
    const history = start();
    append(history, epoch1, 1, 3);
    clock.advance(49);
    expect(history.stats()).toMatchObject({ stored: 0, waiting: 3 });
    clock.advance(1);
    expect(history.stats()).toMatchObject({ stored: 3, waiting: 0, dropped: 0, failures: 0 });
    append(history, epoch1, 4, 45);
    clock.advance(0);
    expect(inFile()).toEqual(Array.from({ length: 43 }, (_, i) => i + 1));
    clock.advance(50);
    expect(inFile()).toHaveLength(45);
  });

  test('a record can be read as soon as it is appended', () => {
    const history = start();
    append(history, epoch1, 1, 2);
    expect(readAll(history)).toEqual(['1.1', '1.2']);
    expect([history.oldest(), history.head()]).toEqual([
      { epoch: epoch1, seq: 1 },
      { epoch: epoch1, seq: 2 },
    ]);
  });

  test('records of an earlier run can be read, also before the database is open', () => {
    const first = start();
    append(first, epoch1, 1, 30);
    first[Symbol.dispose]();
    const second = start();
    expect(readAll(second, { epoch: epoch1, seq: 28 })).toEqual(['1.29', '1.30']);
    append(second, epoch2, 1, 1);
    expect(readAll(second, { epoch: epoch1, seq: 29 })).toEqual(['1.30', '2.1']);
    expect(second.latest(null, 2, everyRecord).items.map(shortItem)).toEqual(['2.1', '1.30']);
  });

  test('a batch waits for more urgent work, with a limit', () => {
    let asked = 0;
    const history = start({ isBusy: () => ++asked > 0 });
    append(history, epoch1, 1, 1);
    clock.advance(100);
    expect(history.stats().stored).toBe(0);
    clock.advance(100);
    expect([history.stats().stored, asked]).toEqual([1, 20]);
  });

  test('an idle history wakes up once a minute', async () => {
    const history = start();
    append(history, epoch1, 1, 3);
    clock.advance(5 * second);
    await checkpointed();
    expect(clock.waiting).toBe(1);
    append(history, epoch1, 4, 4);
    clock.advance(50);
    expect(Number(clock.next)).toBe(second);
  });

  test('a quiet history makes a checkpoint, and stores later records after it', async () => {
    const history = start();
    append(history, epoch1, 1, 200);
    clock.advance(5 * second);
    append(history, epoch1, 201, 201);
    clock.advance(50);
    expect(history.stats()).toMatchObject({ stored: 200, waiting: 1 });
    await waitUntil('the rest', () => {
      clock.advance(0);
      return history.stats().stored === 201;
    });
    append(history, epoch1, 202, 202);
    // Now the file has everything, even without its log.
    copyFileSync(path(), join(directory, 'copy.db'));
    expect(inFile(join(directory, 'copy.db'))).toHaveLength(200);
  });

  test('memory keeps a few stored records, and all others', () => {
    let isBroken = false;
    const broken = (): never => {
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
    };
    const open: OpenSqlDatabase = (file) =>
      isBroken
        ? broken()
        : changed(openSqliteDatabase(file), (database) => ({
            all: (sql, ...values) => (isBroken ? broken() : database.all(sql, ...values)),
          }));
    const history = start({ memory: 5000, open });
    append(history, epoch1, 1, 3000);
    for (let i = 0; i < 200; i++) clock.advance(0);
    append(history, epoch1, 3001, 3500);
    isBroken = true;
    const found = readAll(history, { epoch: epoch1, seq: 1500 });
    expect([found[0], found.length]).toEqual(['gap 1.1501-1.2000 history-failed', 1501]);
    append(history, epoch1, 3501, 4500);
    expect(readAll(history, { epoch: epoch1, seq: 2000 })).toHaveLength(2500);
  });

  test('a closed history leaves no timer', () => {
    const history = start();
    append(history, epoch1, 1, 30);
    history[Symbol.dispose]();
    expect(clock.waiting).toBe(0);
    expect(inFile()).toHaveLength(30);
    expect(readdirSync(directory)).toEqual(['events.db']);
  });
});

describe('openHistory: retention', () => {
  test('retention works in slices while it is quiet', async () => {
    const history = start({ limits: { days: 1, bytes: 2 ** 40 } });
    append(history, epoch1, 1, 700);
    clock.advance(5 * second);
    expect(history.oldest()).toEqual({ epoch: epoch1, seq: 1 });
    await checkpointed();
    clock.advance(2 * 86_400 * second);
    await waitUntil('an empty database', () => {
      clock.advance(second);
      return inFile().length === 0;
    });
    // Memory still has these records.
    expect(readAll(history, { epoch: epoch1, seq: 690 })).toHaveLength(10);
  });

  test('retention does not wait for quiet if the database is far too large', () => {
    const history = start({ limits: { days: 30, bytes: 500_000 }, memory: 100 });
    const json = JSON.stringify({ text: 'x'.repeat(2000) });
    let largest = 0;
    for (let seq = 1; seq <= 4000; seq++) {
      history.append(sampleRecord(epoch1, seq, { json }));
      clock.advance(60);
      largest = Math.max(largest, history.stats().bytes);
    }
    expect(largest).toBeLessThan(2_000_000);
    expect(history.head()).toEqual({ epoch: epoch1, seq: 4000 });
    expect(readAll(history, { epoch: epoch1, seq: 1 })[0]).toMatch(/^gap 1\.2-1\.\d+ expired$/);
  });
});

test('a retention with much to remove keeps the log of the database short', async () => {
  const json = JSON.stringify({ text: 'x'.repeat(2000) });
  const first = start({ memory: 10_000 });
  for (let seq = 1; seq <= 8000; seq++) first.append(sampleRecord(epoch1, seq, { json }));
  first[Symbol.dispose]();
  const history = start({ limits: { days: 30, bytes: 1_000_000 } });
  let longest = 0;
  await waitUntil('a small database', () => {
    clock.advance(second);
    longest = Math.max(longest, statSync(`${path()}-wal`, { throwIfNoEntry: false })?.size ?? 0);
    return history.stats().bytes > 0 && history.stats().bytes <= 1_000_000;
  });
  // One checkpoint takes over 1000 records and the pages around them.
  expect(longest).toBeLessThan(9_000_000);
  expect(history.head()).toEqual({ epoch: epoch1, seq: 8000 });
});

describe('openHistory: a database that cannot be opened', () => {
  test('without its database the history uses memory, reports it in its health, and retries every minute', () => {
    rmSync(directory, { recursive: true });
    const history = start();
    append(history, epoch1, 1, 40);
    clock.advance(2 * second);
    expect(history.health()).toMatchObject({ ok: false, code: 'NETEVD_HISTORY_UNWRITABLE', since: firstAt });
    expect(readAll(history, { epoch: epoch1, seq: 38 })).toEqual(['1.39', '1.40']);
    const { failures } = history.stats();
    clock.advance(minute);
    expect(history.stats().failures).toBe(failures + 1);
    mkdirSync(directory);
    clock.advance(minute + second);
    expect([healthCode(history), inFile().length]).toEqual(['database', 40]);
    expect(healths.map(({ ok }) => ok)).toEqual([false, true]);
  });

  test('a database that fails for too long loses the oldest records, and a gap replaces them', () => {
    rmSync(directory, { recursive: true });
    const history = start({ memory: 10 });
    append(history, epoch1, 1, 40);
    clock.advance(second);
    append(history, epoch1, 41, 45);
    mkdirSync(directory);
    clock.advance(minute + second);
    expect(readAll(history)).toEqual([
      'gap 1.1-1.35 history-failed',
      ...Array.from({ length: 10 }, (_, i) => `1.${i + 36}`),
    ]);
    expect(history.stats()).toMatchObject({ dropped: 35, stored: 10 });
  });

  test('a database of a newer netevd is not changed', () => {
    {
      using database = openSqliteDatabase(path());
      database.execute('pragma user_version = 1000');
    }
    const history = start();
    append(history, epoch1, 1, 1);
    clock.advance(2 * minute);
    expect(healthCode(history)).toBe('NETEVD_HISTORY_NEWER');
    expect(readdirSync(directory)).toEqual(['events.db']);
    expect(readAll(history)).toEqual(['gap ?-? history-failed', '1.1']);
  });
});

describe('openHistory: a database that another program locks', () => {
  test('a short lock is not reported', () => {
    const history = start();
    clock.advance(0);
    const other = openSqliteDatabase(path());
    other.execute('begin immediate');
    append(history, epoch1, 1, 3);
    clock.advance(4 * second);
    expect([healthCode(history), history.stats().stored]).toEqual(['database', 0]);
    other.execute('rollback');
    other.close();
    clock.advance(second);
    expect([healths, inFile()]).toEqual([[], [1, 2, 3]]);
  });

  test('during a long lock the history uses memory', () => {
    const history = start();
    clock.advance(0);
    const other = openSqliteDatabase(path());
    other.execute('begin immediate');
    append(history, epoch1, 1, 3);
    clock.advance(10 * second);
    expect(healthCode(history)).toBe('NETEVD_HISTORY_BUSY');
    other.execute('rollback');
    other.close();
    clock.advance(minute);
    expect([healthCode(history), inFile()]).toEqual(['database', [1, 2, 3]]);
    expect(healths.map(({ ok }) => ok)).toEqual([false, true]);
  });

  test('another reader does not stop writes', () => {
    const history = start();
    append(history, epoch1, 1, 3);
    clock.advance(50);
    const other = openSqliteDatabase(path());
    other.execute('begin');
    expect(other.all('select id from record')).toHaveLength(3);
    append(history, epoch1, 4, 60);
    clock.advance(10 * second);
    expect([healthCode(history), history.stats().stored]).toEqual(['database', 60]);
    expect(other.all('select id from record')).toHaveLength(3);
    other.close();
  });

  test('a reader that keeps too long a log stops writes', async () => {
    let isHeld = true;
    const open: OpenSqlDatabase = (file) =>
      changed(openSqliteDatabase(file), (database) => ({
        checkpoint: () =>
          // SQLite returns this while a reader keeps 20 000 pages of the log.
          isHeld ? Promise.resolve({ logPages: 20_000, takenOver: 5 }) : database.checkpoint(),
      }));
    const history = start({ open });
    append(history, epoch1, 1, 3);
    clock.advance(5 * second);
    await waitUntil('the checkpoint', () => healthCode(history) === 'NETEVD_HISTORY_BUSY');
    append(history, epoch1, 4, 5);
    clock.advance(30 * second);
    expect(history.stats().waiting).toBe(2);
    expect(readAll(history)).toEqual(['1.1', '1.2', '1.3', '1.4', '1.5']);
    isHeld = false;
    await waitUntil('a log that is taken over', () => {
      clock.advance(second);
      return history.stats().stored === 5;
    });
    expect(healthCode(history)).toBe('database');
  });
});

describe('openHistory: a damaged database', () => {
  test('a damaged database is quarantined, and a new one gets the records in memory', () => {
    writeFileSync(path(), 'no database at all, '.repeat(500));
    const history = start();
    append(history, epoch1, 1, 3);
    clock.advance(second);
    expect(replaced).toMatchObject([{ reason: 'damaged', path: `${path()}.corrupt-20260921T141320Z` }]);
    expect(readFileSync(replaced[0]?.path ?? '', 'utf8')).toStartWith('no database');
    expect([inFile(), healthCode(history)]).toEqual([[1, 2, 3], 'database']);
  });

  test('records continue in the epoch that the caller begins for a new database', () => {
    writeFileSync(path(), 'no database at all, '.repeat(500));
    const history = start({ onReplaced: () => history.append(sampleRecord(epoch2, 1)) });
    append(history, epoch1, 1, 2);
    clock.advance(second);
    expect(readAll(history, { epoch: epoch1, seq: 1 })).toEqual(['1.2', '2.1']);
    expect(inFile()).toEqual([1, 2, 1]);
  });

  test('damage in the middle is found after an unclean end, once it is quiet', async () => {
    const first = start();
    append(first, epoch1, 1, 1000);
    clock.advance(5 * second);
    await checkpointed();
    // State after a kill: with a log. The page is one that a checkpoint took over long ago.
    const copy = join(directory, 'killed.db');
    append(first, epoch1, 1001, 1001);
    clock.advance(50);
    copyFileSync(path(), copy);
    copyFileSync(`${path()}-wal`, `${copy}-wal`);
    const bytes = readFileSync(copy);
    const middle = Math.floor(bytes.length / 2 / 4096) * 4096;
    bytes.fill(0xaa, middle, middle + 4096);
    writeFileSync(copy, bytes);
    const history = start({ path: copy });
    clock.advance(5 * second);
    expect(replaced.map(({ reason }) => reason)).toEqual(['damaged']);
    expect(readAll(history, { epoch: epoch1, seq: 1 })).toEqual(['gap ?-? other-instance']);
    append(history, epoch2, 1, 1);
    clock.advance(second);
    expect([inFile(copy), healthCode(history)]).toEqual([[1], 'database']);
  });

  test('damage that a reader finds is quarantined as well', () => {
    const first = start();
    append(first, epoch1, 1, 2000);
    first[Symbol.dispose]();
    const bytes = readFileSync(path());
    // From the middle to the end, so that it contains pages of the records in any layout.
    bytes.fill(0xaa, Math.floor(bytes.length / 2 / 4096) * 4096);
    writeFileSync(path(), bytes);
    const history = start();
    append(history, epoch2, 1, 1);
    const found = readAll(history);
    expect(replaced.map(({ reason }) => reason)).toEqual(['damaged']);
    expect(found.at(-1)).toBe('2.1');
    expect(found.some((item) => item.startsWith('gap'))).toBe(true);
  });

  test('repeated damage within a minute is not quarantined again', () => {
    const open: OpenSqlDatabase = (file) => {
      writeFileSync(file, 'garbage');
      throw Object.assign(new Error('file is not a database'), { code: 'SQLITE_NOTADB' });
    };
    const history = start({ open });
    append(history, epoch1, 1, 1);
    clock.advance(10 * minute);
    expect(healthCode(history)).toBe('NETEVD_HISTORY_DAMAGED');
    expect(readdirSync(directory).filter((name) => name.includes('corrupt')).length).toBeLessThanOrEqual(2);
    expect(readAll(history, { epoch: epoch1, seq: 0 })).toEqual(['1.1']);
  });

  test('a database that is removed while open is replaced, with the records in memory', async () => {
    const history = start();
    append(history, epoch1, 1, 3);
    clock.advance(5 * second);
    await checkpointed();
    rmSync(path());
    clock.advance(minute + second);
    expect(replaced).toMatchObject([{ reason: 'removed', path: path() }]);
    expect(inFile()).toEqual([1, 2, 3]);
  });
});

describe('openHistory: a full disk', () => {
  test('on a full disk the history uses memory, can be read, and recovers', () => {
    let isFull = false;
    const open: OpenSqlDatabase = (file) =>
      changed(openSqliteDatabase(file), (database) => ({
        transaction: (work) => {
          if (!isFull) return database.transaction(work);
          throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        },
      }));
    const history = start({ open, memory: 5 });
    append(history, epoch1, 1, 5);
    clock.advance(50);
    isFull = true;
    append(history, epoch1, 6, 17);
    clock.advance(second);
    expect([healthCode(history), readAll(history).at(0)]).toEqual(['NETEVD_HISTORY_FULL', '1.1']);
    isFull = false;
    clock.advance(minute);
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => `1.${from + i}`);
    expect(readAll(history)).toEqual([...numbers(1, 5), 'gap 1.6-1.12 history-failed', ...numbers(13, 17)]);
    expect(healthCode(history)).toBe('database');
  });
});
