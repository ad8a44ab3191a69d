import { afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setAside } from './set-aside.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-aside-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const now = Date.UTC(2026, 10, 28, 9, 45, 1, 999);
const path = (): string => join(directory, 'events.db');

test('a quarantined database keeps its log, and the index of the log is removed', () => {
  for (const ending of ['', '-wal', '-shm']) writeFileSync(`${path()}${ending}`, `it${ending}`);
  const target = setAside(path(), now);
  expect(target).toBe(`${path()}.corrupt-20261128T094501Z`);
  expect([readFileSync(target, 'utf8'), readFileSync(`${target}-wal`, 'utf8')]).toEqual(['it', 'it-wal']);
  expect(readdirSync(directory)).toHaveLength(2);
});

test('databases quarantined in the same second get different names, and the newest two are kept', () => {
  writeFileSync(join(directory, 'events.db.corrupt-note'), 'mine');
  for (let i = 0; i < 4; i++) {
    writeFileSync(path(), `number ${i}`);
    const target = setAside(path(), now + (i === 3 ? 1000 : 0));
    expect(readFileSync(target, 'utf8')).toBe(`number ${i}`);
  }
  expect(readdirSync(directory).sort()).toEqual([
    'events.db.corrupt-20261128T094501Z-3',
    'events.db.corrupt-20261128T094502Z',
    'events.db.corrupt-note',
  ]);
  expect(existsSync(path())).toBe(false);
});

test('an error of the file system is thrown', () => {
  expect(() => setAside(path(), now)).toThrow('ENOENT');
});
