import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDescriptors } from '../../testing/own-resources.ts';
import { openSqliteDatabase } from './sqlite-database.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-sqlite-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (): string => join(directory, 'a.db');
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('a database', () => {
  test('is made for its owner to write and its group to read, whatever the umask', () => {
    for (const mask of [0o077, 0o000]) {
      const before = process.umask(mask);
      const file = `${path()}${mask}`;
      using database = openSqliteDatabase(file);
      process.umask(before);
      database.execute('create table t (x); insert into t values (1)');
      const modes = ['', '-wal'].map((ending) => statSync(`${file}${ending}`).mode & 0o777);
      expect(modes).toEqual([0o640, 0o640]);
    }
  });

  test('keeps what was committed, and leaves one file when it is closed', () => {
    const first = openSqliteDatabase(path());
    first.execute('create table t (x integer, y text)');
    expect(first.run('insert into t values (?, ?), (?, ?)', 1, 'a', 2, null)).toBe(2);
    first.close();
    expect(readdirSync(directory)).toEqual(['a.db']);
    using again = openSqliteDatabase(path());
    expect(again.all('select x, y from t order by x')).toEqual([
      { x: 1, y: 'a' },
      { x: 2, y: null },
    ]);
    expect(again.get('select x from t where x > ?', 1)).toEqual({ x: 2 });
    expect(again.get('select x from t where x > ?', 2)).toBeUndefined();
  });

  test('undoes a transaction whose work throws', () => {
    using database = openSqliteDatabase(path());
    database.execute('create table t (x)');
    const work = (): void => {
      database.run('insert into t values (1)');
      throw new RangeError('no');
    };
    expect(() => database.transaction(work)).toThrow(RangeError);
    expect(database.transaction(() => database.all('select x from t'))).toEqual([]);
  });

  test('is closed with its statements', () => {
    const database = openSqliteDatabase(path());
    database.execute('create table t (x)');
    database.get('select x from t');
    database.close();
    expect(openDescriptors().filter((name) => name.startsWith(directory))).toEqual([]);
  });

  test('takes over its log by itself at no time but the end', () => {
    using database = openSqliteDatabase(path());
    database.execute('create table t (x)');
    for (let i = 0; i < 1500; i++) database.run('insert into t values (?)', 'x'.repeat(4000));
    expect(statSync(path()).size).toBeLessThan(100_000);
    expect(statSync(`${path()}-wal`).size).toBeGreaterThan(6_000_000);
  });

  test('takes over its log on demand, and starts it again from its beginning', async () => {
    const file = path();
    const database = openSqliteDatabase(file);
    database.execute('create table t (x)');
    for (let i = 0; i < 300; i++) database.run('insert into t values (?)', 'x'.repeat(4000));
    const done = await database.checkpoint();
    expect(done?.logPages).toBeGreaterThan(300);
    expect(done?.takenOver).toBe(done?.logPages);
    const size = statSync(`${file}-wal`).size;
    for (let i = 0; i < 100; i++) database.run('insert into t values (?)', 'y'.repeat(4000));
    expect(statSync(`${file}-wal`).size).toBe(size);
    expect(database.get('pragma synchronous')).toEqual({ synchronous: 1 });
    expect(database.get('select count(*) as n from t')).toEqual({ n: 400 });
    database.close();
    expect(openDescriptors().filter((name) => name.startsWith(directory))).toEqual([]);
  });

  test('takes over no more of its log than a reader allows', async () => {
    using database = openSqliteDatabase(path());
    database.execute('create table t (x)');
    database.run('insert into t values (1)');
    using reader = openSqliteDatabase(path());
    reader.execute('begin');
    expect(reader.get('select count(*) as n from t')).toEqual({ n: 1 });
    database.run('insert into t values (2)');
    const done = await database.checkpoint();
    expect(done?.takenOver).toBeLessThan(done?.logPages ?? 0);
    expect(reader.get('select count(*) as n from t')).toEqual({ n: 1 });
  });

  test('that is written to or closed during a checkpoint is whole', async () => {
    const database = openSqliteDatabase(path());
    database.execute('create table t (x)');
    for (let i = 0; i < 100; i++) database.run('insert into t values (?)', 'x'.repeat(4000));
    const checkpoint = database.checkpoint();
    database.transaction(() => database.run('insert into t values (1)'));
    database.close();
    expect(await checkpoint).toBeUndefined();
    using again = openSqliteDatabase(path());
    expect(again.get('select count(*) as n from t')).toEqual({ n: 101 });
    expect(again.get('pragma quick_check')).toEqual({ quick_check: 'ok' });
  });

  test('that another process writes to is busy, after a moment', () => {
    using one = openSqliteDatabase(path());
    using two = openSqliteDatabase(path());
    one.execute('create table t (x); begin immediate');
    expect(codeOf(() => two.transaction(() => two.run('insert into t values (1)')))).toBe('SQLITE_BUSY');
    // The loop stands still for it: not the seconds that are usual elsewhere.
    expect(Number(two.get('pragma busy_timeout')?.['timeout'])).toBeLessThan(10);
    one.execute('rollback');
    expect(two.run('insert into t values (1)')).toBe(1);
  });
});

describe('what is no database', () => {
  test('is refused, and nothing stays open', () => {
    writeFileSync(path(), 'text, '.repeat(1000));
    expect(codeOf(() => openSqliteDatabase(path()))).toBe('SQLITE_NOTADB');
    expect(codeOf(() => openSqliteDatabase(join(directory, 'missing', 'a.db')))).toBe('SQLITE_CANTOPEN');
    expect(openDescriptors().filter((name) => name.startsWith(directory))).toEqual([]);
  });

  test('because it is a symbolic link, is not followed; one on the way to it is', () => {
    const target = join(directory, 'target');
    for (const content of [undefined, '']) {
      if (content !== undefined) writeFileSync(target, content);
      symlinkSync(target, path());
      expect(codeOf(() => openSqliteDatabase(path()))).toBe('SQLITE_CANTOPEN');
      rmSync(path());
    }
    expect(readFileSync(target, 'utf8')).toBe('');
    mkdirSync(join(directory, 'real'));
    symlinkSync('real', join(directory, 'link'));
    openSqliteDatabase(join(directory, 'link', 'a.db')).close();
    expect(readdirSync(join(directory, 'real'))).toEqual(['a.db']);
  });

  test('because its log is a symbolic link, leaves alone what that leads to', () => {
    const target = join(directory, 'target');
    openSqliteDatabase(path()).close();
    writeFileSync(target, 'mine');
    symlinkSync(target, `${path()}-wal`);
    const write = (): void => {
      using database = openSqliteDatabase(path());
      database.execute('create table t (x)');
    };
    expect(codeOf(write)).toBe('SQLITE_CANTOPEN');
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  test('because it is a pipe or a directory, holds nothing up', () => {
    Bun.spawnSync(['mkfifo', path()]);
    expect(codeOf(() => openSqliteDatabase(path()))).toBe('SQLITE_CANTOPEN');
    rmSync(path());
    mkdirSync(path());
    expect(codeOf(() => openSqliteDatabase(path()))).toBe('SQLITE_CANTOPEN');
  });
});
