/** Disks that refuse, for real: full, read-only, and what is lost then. In a mount namespace of its own. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyRecord } from '../../src/core/records/record-filter.ts';
import type { RecordPosition } from '../../src/core/records/stored-record.ts';
import { openSqliteDatabase } from '../../src/platform/sqlite/sqlite-database.ts';
import type { History } from '../../src/ports/history.ts';
import { openHistory } from '../../src/store/history/open-history.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { epoch1, firstAt, sampleRecord, shortItem } from '../../src/testing/sample-records.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

let disk = '';
let clock = new ManualClock(firstAt);
let history: History | undefined;
const mount = (...words: readonly string[]): void => {
  const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'netevd-disk-'));
  mount('-t', 'tmpfs', '-o', 'size=2m,mode=755', 'netevd', disk);
  clock = new ManualClock(firstAt);
});
afterEach(() => {
  history?.[Symbol.dispose]();
  history = undefined;
  spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true });
});

const path = (): string => join(disk, 'events.db');
const second = 1000;
const minute = 60 * second;
const json = JSON.stringify({ text: 'x'.repeat(1000) });

function start(memory: number): History {
  history = openHistory({
    path: path(),
    memory,
    limits: { days: 36_500, bytes: 2 ** 40 },
    clock,
    open: openSqliteDatabase,
    isBusy: () => false,
    onReplaced: ({ text }) => {
      throw new Error(text);
    },
    onHealth: () => undefined,
  });
  return history;
}

let seq = 0;
beforeEach(() => {
  seq = 0;
});
function append(to: History, count: number): void {
  for (let i = 0; i < count; i++) {
    to.append(sampleRecord(epoch1, ++seq, { json }));
    clock.advance(60);
  }
}
const codeOf = (of: History): string => {
  const health = of.health();
  return health.ok ? health.kept : health.code;
};

/** Every record from the first on: each once and in order, or counted in a gap. */
function account(of: History): { records: number; lost: number } {
  let [records, lost, expected] = [0, 0, 1];
  for (let next: RecordPosition | null = { epoch: epoch1, seq: 0 }; ; ) {
    const page = of.since(next, 500, everyRecord);
    for (const item of page.items) {
      if (item.kind === 'gap') {
        expect([item.from?.seq, item.cause]).toEqual([expected, 'history-failed']);
        expected += item.lost ?? 0;
        lost += item.lost ?? 0;
      } else {
        expect(shortItem(item)).toBe(`1.${expected++}`);
        records++;
      }
    }
    if (!page.more) break;
    next = page.next;
  }
  expect(expected).toBe(seq + 1);
  return { records, lost };
}

describe('a full disk', () => {
  test('is memory alone; what memory lost meanwhile is a gap, and everything else is there', async () => {
    const of = start(200);
    writeFileSync(join(disk, 'other'), new Uint8Array(1_200_000));
    append(of, 1500);
    expect(codeOf(of)).toBe('NETEVD_HISTORY_FULL');
    const before = account(of);
    expect(before.records).toBeGreaterThan(200);
    expect(before.lost).toBeGreaterThan(0);
    rmSync(join(disk, 'other'));
    clock.advance(2 * minute);
    expect(codeOf(of)).toBe('database');
    append(of, 10);
    // A checkpoint works beside the loop, and nothing is stored until it is done.
    await waitUntil('everything stored', () => {
      clock.advance(second);
      return of.stats().waiting === 0;
    });
    const after = account(of);
    expect(after.lost).toBeGreaterThanOrEqual(before.lost);
    expect(after.records + after.lost).toBe(1510);
    expect(of.stats()).toMatchObject({ waiting: 0, dropped: after.lost });
    of[Symbol.dispose]();
    expect(account(start(200))).toEqual(after);
  });

  test('from the start is memory alone, until there is room', () => {
    writeFileSync(join(disk, 'other'), new Uint8Array(2 * 1024 * 1024));
    const of = start(100);
    append(of, 30);
    expect(codeOf(of)).toBe('NETEVD_HISTORY_FULL');
    rmSync(join(disk, 'other'));
    clock.advance(2 * minute);
    expect([codeOf(of), account(of)]).toEqual(['database', { records: 30, lost: 0 }]);
  });
});

describe('a disk that is read-only', () => {
  test('from the start is memory alone, and nothing is made on it', () => {
    mount('-o', 'remount,ro', disk);
    const of = start(100);
    append(of, 30);
    expect([codeOf(of), readdirSync(disk)]).toEqual(['NETEVD_HISTORY_UNWRITABLE', []]);
    mount('-o', 'remount,rw', disk);
    clock.advance(2 * minute);
    expect([codeOf(of), account(of)]).toEqual(['database', { records: 30, lost: 0 }]);
    expect(statSync(path()).mode & 0o777).toBe(0o640);
  });

  test('with a database on it loses nothing that memory can hold', () => {
    const first = start(100);
    append(first, 30);
    first[Symbol.dispose]();
    mount('-o', 'remount,ro', disk);
    const of = start(5);
    append(of, 3);
    expect(codeOf(of)).toBe('NETEVD_HISTORY_UNWRITABLE');
    mount('-o', 'remount,rw', disk);
    clock.advance(2 * minute);
    expect([codeOf(of), account(of)]).toEqual(['database', { records: 33, lost: 0 }]);
  });
});
