import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { everyRecord, matchesFilter, type RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordItem, RecordPage, RecordPosition } from '../../core/records/stored-record.ts';
import { openSqliteDatabase } from '../../platform/sqlite/sqlite-database.ts';
import type { SqlDatabase } from '../../ports/sql-database.ts';
import {
  epoch1,
  epoch2,
  epoch3,
  firstAt,
  sampleRecord,
  sampleRecords,
  shortItem,
  variedRecord,
} from '../../testing/sample-records.ts';
import { failureOf } from './failure.ts';
import { openRecordDatabase } from './open-record-database.ts';
import type { RecordDatabase } from './record-database.ts';
import { schemaVersion } from './schema.ts';

let directory = '';
let opened: RecordDatabase[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-records-'));
});
afterEach(() => {
  for (const records of opened.splice(0)) records[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const path = (): string => join(directory, 'events.db');
const open = (): RecordDatabase => {
  const found = openRecordDatabase(openSqliteDatabase, path());
  if (!found.ok) throw new Error(found.failure.text);
  opened.push(found.records);
  return found.records;
};
const raw = (): SqlDatabase => openSqliteDatabase(path());
const at = (epoch: string, seq: number): RecordPosition => ({ epoch, seq });
const items = (page: RecordPage): string[] => page.items.map(shortItem);
const noLimits = { days: 36_500, bytes: 2 ** 40 };
const now = firstAt + 86_400_000;

describe('RecordDatabase', () => {
  test('the database has the stored records in order, also after it is opened again', () => {
    const first = open();
    expect(first.store(sampleRecords(epoch1, 1, 3))).toBe(3);
    first[Symbol.dispose]();
    opened = [];
    const again = open();
    again.store([...sampleRecords(epoch1, 4, 4), ...sampleRecords(epoch2, 1, 2)]);
    const page = again.since(null, 10, everyRecord);
    expect(page.items).toEqual([
      ...sampleRecords(epoch1, 1, 4),
      ...sampleRecords(epoch2, 1, 2),
    ] as RecordItem[]);
    expect([page.next, page.more]).toEqual([at(epoch2, 2), false]);
    expect([again.oldest(), again.head()]).toEqual([at(epoch1, 1), at(epoch2, 2)]);
  });

  test('a failed batch stores nothing', () => {
    const records = open();
    const broken = { ...sampleRecord(epoch1, 2), json: undefined as unknown as string };
    expect(() => records.store([sampleRecord(epoch1, 1), broken])).toThrow();
    expect(records.since(null, 10, everyRecord)).toEqual({ items: [], next: null, more: false });
    expect(records.store(sampleRecords(epoch1, 1, 2))).toBe(2);
  });

  test('a record is stored once', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 3));
    expect(records.store(sampleRecords(epoch1, 2, 5))).toBe(2);
    expect(items(records.since(null, 10, everyRecord))).toEqual(['1.1', '1.2', '1.3', '1.4', '1.5']);
  });

  test('pages continue across epochs', () => {
    const records = open();
    records.store([...sampleRecords(epoch1, 1, 3), ...sampleRecords(epoch2, 1, 2)]);
    const first = records.since(null, 2, everyRecord);
    const second = records.since(first.next, 2, everyRecord);
    const third = records.since(second.next, 2, everyRecord);
    expect([first, second, third].map(items)).toEqual([['1.1', '1.2'], ['1.3', '2.1'], ['2.2']]);
    expect([first, second, third].map(({ more }) => more)).toEqual([true, true, false]);
  });

  test('an empty database has no items', () => {
    const records = open();
    expect(records.since(null, 10, everyRecord)).toEqual({ items: [], next: null, more: false });
    expect(records.latest(null, 10, everyRecord)).toEqual({ items: [], next: null, more: false });
    expect([records.oldest(), records.head()]).toEqual([null, null]);
  });
});

describe('RecordDatabase: lost records', () => {
  test('lost records are a gap in their place, whatever the filter', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 2));
    records.store([sampleRecord(epoch1, 6), sampleRecord(epoch2, 3)]);
    expect(items(records.since(null, 10, everyRecord))).toEqual([
      '1.1',
      '1.2',
      'gap 1.3-1.5 history-failed',
      '1.6',
      'gap 2.1-2.2 history-failed',
      '2.3',
    ]);
    expect(items(records.since(at(epoch1, 1), 10, { link: 'none' }))).toEqual([
      'gap 1.3-1.5 history-failed',
      'gap 2.1-2.2 history-failed',
    ]);
    expect(items(records.latest(null, 10, everyRecord))).toEqual([
      '2.3',
      'gap 2.1-2.2 history-failed',
      '1.6',
      'gap 1.3-1.5 history-failed',
      '1.2',
      '1.1',
    ]);
  });

  test('the gap is smaller for a reader that has some of the records', () => {
    const records = open();
    records.store([sampleRecord(epoch1, 1), sampleRecord(epoch1, 9)]);
    expect(items(records.since(at(epoch1, 5), 10, everyRecord))).toEqual([
      'gap 1.6-1.8 history-failed',
      '1.9',
    ]);
    expect(items(records.latest(at(epoch1, 5), 10, everyRecord))).toEqual([
      'gap 1.2-1.4 history-failed',
      '1.1',
    ]);
  });
});

describe('RecordDatabase: positions', () => {
  test('a position of an unknown epoch yields a gap with cause other-instance', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 2));
    const page = records.since(at(epoch2, 7), 10, everyRecord);
    expect(items(page)).toEqual(['gap ?-? other-instance', '1.1', '1.2']);
  });

  test('a position before expired records yields a gap with their number', () => {
    const records = open();
    records.store([...sampleRecords(epoch1, 1, 600), ...sampleRecords(epoch2, 1, 2)]);
    expect(records.prune({ days: 36_500, bytes: 1 }, now)).toBe(true);
    const page = records.since(at(epoch1, 3), 2, everyRecord);
    expect(items(page)).toEqual(['gap 1.4-1.500 expired', '1.501', '1.502']);
    expect(page.items[0]?.kind === 'gap' && page.items[0].lost).toBe(497);
    expect(items(records.since(at(epoch1, 500), 1, everyRecord))).toEqual(['1.501']);
    expect(records.oldest()).toEqual(at(epoch1, 501));
  });

  test('a position stays valid if all records have expired', () => {
    const records = open();
    records.store([...sampleRecords(epoch1, 1, 3), ...sampleRecords(epoch2, 1, 2)]);
    const later = firstAt + 40 * 86_400_000;
    expect(records.prune({ days: 30, bytes: 2 ** 40 }, later)).toBe(true);
    expect(records.prune({ days: 30, bytes: 2 ** 40 }, later)).toBe(false);
    expect(items(records.since(at(epoch1, 2), 10, everyRecord))).toEqual(['gap 1.3-2.2 expired']);
    expect(records.since(at(epoch2, 2), 10, everyRecord)).toEqual({
      items: [],
      next: at(epoch2, 2),
      more: false,
    });
    records.store(sampleRecords(epoch2, 3, 3));
    expect(items(records.since(at(epoch2, 2), 10, everyRecord))).toEqual(['2.3']);
  });

  test('a position beyond the stored end of an epoch continues with the next epoch', () => {
    const records = open();
    records.store([...sampleRecords(epoch1, 1, 3), ...sampleRecords(epoch2, 1, 1)]);
    expect(items(records.since(at(epoch1, 9), 10, everyRecord))).toEqual(['2.1']);
  });
});

describe('RecordDatabase: retention', () => {
  test('retention by days removes older records in order', () => {
    const records = open();
    const day = 86_400_000;
    records.store([1, 2, 3, 4].map((seq) => sampleRecord(epoch1, seq, { at: firstAt + seq * day })));
    records.prune({ days: 2, bytes: 2 ** 40 }, firstAt + 4.5 * day);
    expect(items(records.since(null, 10, everyRecord))).toEqual(['1.3', '1.4']);
  });

  test('retention by size works in slices until the database is small enough, and frees the space', async () => {
    const records = open();
    const json = JSON.stringify({ text: 'x'.repeat(2000) });
    records.store(Array.from({ length: 3000 }, (_, i) => sampleRecord(epoch1, i + 1, { json })));
    const limit = 1_500_000;
    const before = records.usage(limit).used;
    let slices = 0;
    while (records.prune({ days: 36_500, bytes: limit }, now)) slices++;
    const { used } = records.usage(limit);
    expect(before).toBeGreaterThan(6_000_000);
    expect(used).toBeLessThanOrEqual(limit);
    expect(slices).toBeGreaterThan(4);
    await records.checkpoint();
    expect(Number(raw().get('pragma page_count')?.['page_count']) * 4096).toBeLessThan(before / 2);
    expect(records.head()).toEqual(at(epoch1, 3000));
  });

  test('retention removes a gap with the records around it', () => {
    const records = open();
    records.store([...sampleRecords(epoch1, 1, 1), ...sampleRecords(epoch1, 5, 505)]);
    records.prune({ days: 36_500, bytes: 1 }, now);
    expect(items(records.since(null, 2, everyRecord))).toEqual(['1.504', '1.505']);
    expect(items(records.since(at(epoch1, 1), 2, everyRecord))[0]).toBe('gap 1.2-1.503 expired');
  });

  test('retention removes nothing within its limits', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 3));
    expect(records.prune(noLimits, now)).toBe(false);
    expect(records.since(null, 10, everyRecord).items).toHaveLength(3);
  });
});

describe('RecordDatabase: filters', () => {
  const filter: fc.Arbitrary<RecordFilter> = fc.record(
    {
      link: fc.constantFrom('eth0', 'eth1', 'none'),
      types: fc.subarray(['type-0', 'type-1', 'type-2']),
      kinds: fc.subarray(['event', 'hook_run', 'repair'] as const),
      since: fc.integer({ min: 0, max: 70 }).map((seq) => firstAt + seq * 1000),
      until: fc.integer({ min: 0, max: 70 }).map((seq) => firstAt + seq * 1000),
    },
    { requiredKeys: [] },
  );

  test('a filter gives the same pages in SQL and in memory, in both directions', () => {
    const records = open();
    const all = Array.from({ length: 60 }, (_, i) =>
      i < 30 ? variedRecord(epoch1, i + 1) : variedRecord(epoch2, i - 29),
    );
    records.store(all);
    fc.assert(
      fc.property(filter, fc.integer({ min: 1, max: 7 }), (wanted, limit) => {
        const expected = all.filter((record) => matchesFilter(wanted, record)) as RecordItem[];
        const up = collect((next) => records.since(next, limit, wanted));
        const down = collect((next) => records.latest(next, limit, wanted));
        expect(up).toEqual(expected);
        expect(down).toEqual(expected.toReversed());
      }),
      { numRuns: 60 },
    );
  });

  test('a filter that matches little gets pages that examine a bounded number of records', () => {
    const records = open();
    for (let i = 0; i < 24; i++) records.store(sampleRecords(epoch1, i * 500 + 1, i * 500 + 500));
    const wanted: RecordFilter = { types: ['none'] };
    const pages: number[] = [];
    for (let page = records.since(null, 500, wanted); ; page = records.since(page.next, 500, wanted)) {
      pages.push(page.next?.seq ?? 0);
      if (!page.more) break;
    }
    expect(pages).toEqual([5000, 10_000, 12_000]);
    expect(records.latest(null, 500, wanted)).toEqual({ items: [], next: at(epoch1, 7001), more: true });
  });

  function collect(page: (next: RecordPosition | null) => RecordPage): RecordItem[] {
    const found: RecordItem[] = [];
    for (let next: RecordPosition | null = null; ; ) {
      const { items: some, next: following, more } = page(next);
      found.push(...some);
      if (!more) return found;
      next = following;
    }
  }
});

describe('RecordDatabase: the check after an unclean end', () => {
  test('the check reads everything in slices', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 1200));
    const keys: (number | undefined)[] = [];
    for (let key: number | undefined = 0; key !== undefined; key = records.checkSlice(key)) keys.push(key);
    expect(keys).toHaveLength(4);
  });

  test('the check finds a record with invalid JSON', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 3));
    using other = raw();
    other.run('update record set json = ? where id = 2', '{"seq":2');
    expect(() => records.checkSlice(0)).toThrow('damaged');
  });

  test('the check finds every damaged page except the pointer map', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 500));
    records[Symbol.dispose]();
    opened = [];
    const whole = readFileSync(path());
    const missed: number[] = [];
    for (let page = 1; page < whole.length / 4096; page++) {
      const bytes = Buffer.from(whole);
      bytes.fill(0xaa, page * 4096, (page + 1) * 4096);
      writeFileSync(path(), bytes);
      if (!isDamageFound()) missed.push(page);
    }
    // Page 2 is the pointer map of a database that can shrink. Moving a page finds its damage.
    expect(missed).toEqual([1]);
  });

  function isDamageFound(): boolean {
    const found = openRecordDatabase(openSqliteDatabase, path());
    if (!found.ok) return found.failure.code === 'NETEVD_HISTORY_DAMAGED';
    try {
      for (let key: number | undefined = 0; key !== undefined; key = found.records.checkSlice(key));
      return false;
    } catch (error) {
      return failureOf(error).code === 'NETEVD_HISTORY_DAMAGED';
    } finally {
      found.records[Symbol.dispose]();
    }
  }

  test('the check is due after an unclean end only', () => {
    const unclean = (): boolean | undefined => {
      const found = openRecordDatabase(openSqliteDatabase, path());
      if (!found.ok) return undefined;
      opened.push(found.records);
      return found.isUnclean;
    };
    expect(unclean()).toBe(false);
    opened.at(-1)?.store(sampleRecords(epoch1, 1, 1));
    // The first one is still open and has its log, as after a kill.
    expect(unclean()).toBe(true);
    for (const records of opened.splice(0)) records[Symbol.dispose]();
    expect(unclean()).toBe(false);
  });
});

describe('RecordDatabase: files of other programs', () => {
  const codeOf = (): string => {
    const found = openRecordDatabase(openSqliteDatabase, path());
    if (!found.ok) return found.failure.code;
    found.records[Symbol.dispose]();
    return 'ok';
  };
  const rows: readonly [what: string, sql: string, code: string][] = [
    ['netevd that is newer', `pragma user_version = ${schemaVersion + 1}`, 'NETEVD_HISTORY_NEWER'],
    [
      'program with our version and no tables',
      `pragma user_version = ${schemaVersion}`,
      'NETEVD_HISTORY_DAMAGED',
    ],
    ['program with a table of our name', 'create table record (x)', 'NETEVD_HISTORY_DAMAGED'],
    ['program with a table of its own', 'create table theirs (x)', 'ok'],
  ];
  test.each(rows)('%s: %s', (_what, sql, code) => {
    using other = raw();
    other.execute(sql);
    expect(codeOf()).toBe(code);
  });

  test('an epoch with an impossible number is damage', () => {
    open().store(sampleRecords(epoch1, 1, 1));
    using other = raw();
    other.run('update epoch set ord = ?', 2 ** 17);
    expect(codeOf()).toBe('NETEVD_HISTORY_DAMAGED');
  });

  test('a record of an unknown epoch is damage', () => {
    const records = open();
    records.store(sampleRecords(epoch1, 1, 1));
    using other = raw();
    other.run("insert into record values (?, 0, 'event', 'mtu', null, '{}')", 2 ** 40);
    records.store(sampleRecords(epoch2, 1, 1));
    records.store(sampleRecords(epoch3, 1, 1));
    expect(() => records.since(null, 10, everyRecord)).toThrow('no epoch');
  });
});

test('epochs without records are dropped after a thousand others', () => {
  const records = open();
  for (let i = 0; i < 1010; i++) records.store([sampleRecord(`epoch-${i}`, 1)]);
  records.prune({ days: 36_500, bytes: 1 }, now);
  records[Symbol.dispose]();
  opened = [];
  const again = open();
  expect([again.knows('epoch-8'), again.knows('epoch-9'), again.knows('epoch-1009')]).toEqual([
    false,
    true,
    true,
  ]);
});
