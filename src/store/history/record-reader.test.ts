/** Memory and database as one: examples, and a comparison with a list of everything that happened. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { everyRecord } from '../../core/records/record-filter.ts';
import { RecordRing } from '../../core/records/record-ring.ts';
import type {
  RecordItem,
  RecordPage,
  RecordPosition,
  StoredRecord,
} from '../../core/records/stored-record.ts';
import { openSqliteDatabase } from '../../platform/sqlite/sqlite-database.ts';
import { epoch1, epoch2, sampleRecord, sampleRecords, shortItem } from '../../testing/sample-records.ts';
import { openRecordDatabase } from './open-record-database.ts';
import type { RecordDatabase } from './record-database.ts';
import { type RecordArchive, RecordReader } from './record-reader.ts';

let directory = '';
let databases = 0;
const closing: RecordDatabase[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-reader-'));
});
afterEach(() => {
  for (const records of closing.splice(0)) records[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

function openRecords(): RecordDatabase {
  const opened = openRecordDatabase(openSqliteDatabase, join(directory, `${databases++}.db`));
  if (!opened.ok) throw new Error(opened.failure.text);
  closing.push(opened.records);
  return opened.records;
}

const noArchive: RecordArchive = {
  since: () => undefined,
  latest: () => undefined,
  oldest: () => undefined,
  head: () => undefined,
  knows: () => undefined,
};
const ringOf = (capacity: number, records: readonly StoredRecord[]): RecordRing => {
  const ring = new RecordRing(capacity);
  for (const record of records) ring.append(record);
  return ring;
};
const stored = (records: readonly StoredRecord[]): RecordDatabase => {
  const database = openRecords();
  if (records.length > 0) database.store(records);
  return database;
};
const at = (epoch: string, seq: number): RecordPosition => ({ epoch, seq });
const up = (reader: RecordReader, after: RecordPosition | null, limit = 500): string[] =>
  follow((next) => reader.since(next, limit, everyRecord), after);
const down = (reader: RecordReader, before: RecordPosition | null, limit = 500): string[] =>
  follow((next) => reader.latest(next, limit, everyRecord), before);

function follow(page: (next: RecordPosition | null) => RecordPage, start: RecordPosition | null): string[] {
  const found: string[] = [];
  for (let next = start; ; ) {
    const { items, next: following, more } = page(next);
    found.push(...items.map(shortItem));
    if (!more) return found;
    next = following;
  }
}

describe('RecordReader over memory and database', () => {
  test('a reader gets each record once if memory and database overlap', () => {
    const reader = new RecordReader(
      ringOf(3, sampleRecords(epoch1, 1, 6)),
      stored(sampleRecords(epoch1, 1, 5)),
      true,
    );
    for (const limit of [1, 2, 3, 500]) {
      expect(up(reader, null, limit)).toEqual(['1.1', '1.2', '1.3', '1.4', '1.5', '1.6']);
      expect(down(reader, null, limit)).toEqual(['1.6', '1.5', '1.4', '1.3', '1.2', '1.1']);
    }
  });

  test('a reader gets each record once if memory continues the database', () => {
    const reader = new RecordReader(
      ringOf(3, sampleRecords(epoch1, 1, 6)),
      stored(sampleRecords(epoch1, 1, 3)),
      true,
    );
    expect(up(reader, at(epoch1, 2), 2)).toEqual(['1.3', '1.4', '1.5', '1.6']);
    expect(down(reader, null, 2)).toEqual(['1.6', '1.5', '1.4', '1.3', '1.2', '1.1']);
  });

  test('a reader gets a gap for records that are in neither', () => {
    const reader = new RecordReader(
      ringOf(2, sampleRecords(epoch1, 1, 6)),
      stored(sampleRecords(epoch1, 1, 2)),
      true,
    );
    const gap = 'gap 1.3-1.4 history-failed';
    expect(up(reader, null)).toEqual(['1.1', '1.2', gap, '1.5', '1.6']);
    expect(up(reader, at(epoch1, 3))).toEqual(['gap 1.4-1.4 history-failed', '1.5', '1.6']);
    expect(down(reader, null)).toEqual(['1.6', '1.5', gap, '1.2', '1.1']);
  });

  test('a reader continues across a restart, from an epoch in the database to one in memory', () => {
    const reader = new RecordReader(
      ringOf(3, sampleRecords(epoch2, 1, 2)),
      stored(sampleRecords(epoch1, 1, 2)),
      true,
    );
    expect(up(reader, at(epoch1, 1))).toEqual(['1.2', '2.1', '2.2']);
    expect(up(reader, at(epoch1, 2))).toEqual(['2.1', '2.2']);
    expect(down(reader, null)).toEqual(['2.2', '2.1', '1.2', '1.1']);
  });

  test('a reader gets a gap for records that a kill lost', () => {
    const reader = new RecordReader(
      ringOf(9, sampleRecords(epoch1, 8, 9)),
      stored(sampleRecords(epoch1, 1, 4)),
      true,
    );
    expect(up(reader, at(epoch1, 4))).toEqual(['gap 1.5-1.7 history-failed', '1.8', '1.9']);
    expect(up(reader, at(epoch1, 6))).toEqual(['gap 1.7-1.7 history-failed', '1.8', '1.9']);
  });

  test('a reader gets a gap for the start of an epoch that was never stored', () => {
    const reader = new RecordReader(
      ringOf(2, sampleRecords(epoch2, 1, 5)),
      stored(sampleRecords(epoch1, 1, 1)),
      true,
    );
    expect(up(reader, at(epoch1, 1))).toEqual(['gap 2.1-2.3 history-failed', '2.4', '2.5']);
    expect(up(reader, at(epoch2, 1))).toEqual(['gap 2.2-2.3 history-failed', '2.4', '2.5']);
    expect(down(reader, at(epoch2, 2))).toEqual(['gap 2.1-2.1 history-failed', '1.1']);
  });

  test('the oldest and the newest record are known', () => {
    const reader = new RecordReader(
      ringOf(2, sampleRecords(epoch2, 1, 3)),
      stored(sampleRecords(epoch1, 1, 1)),
      true,
    );
    expect([reader.oldest(), reader.head()]).toEqual([at(epoch1, 1), at(epoch2, 3)]);
    const empty = new RecordReader(ringOf(2, []), stored(sampleRecords(epoch1, 1, 4)), true);
    expect([empty.oldest(), empty.head()]).toEqual([at(epoch1, 1), at(epoch1, 4)]);
  });

  test('a position of another instance yields the records that exist now', () => {
    const reader = new RecordReader(
      ringOf(2, sampleRecords(epoch1, 1, 3)),
      stored(sampleRecords(epoch1, 1, 3)),
      true,
    );
    expect(up(reader, at('other', 5))).toEqual(['gap ?-? other-instance', '1.1', '1.2', '1.3']);
    expect(down(reader, at('other', 5))).toEqual(['gap ?-? other-instance']);
  });
});

describe('RecordReader with an unreadable database', () => {
  const failing = (records: readonly StoredRecord[]) => new RecordReader(ringOf(2, records), noArchive, true);

  test('a reader gets memory, after a gap of unknown size', () => {
    const reader = failing(sampleRecords(epoch1, 1, 4));
    expect(up(reader, at(epoch1, 3))).toEqual(['1.4']);
    expect(up(reader, at(epoch1, 1))).toEqual(['gap 1.2-1.2 history-failed', '1.3', '1.4']);
    expect(up(reader, at('other', 1))).toEqual(['gap ?-? history-failed', '1.3', '1.4']);
    expect(up(reader, null)).toEqual(['gap ?-? history-failed', '1.3', '1.4']);
    expect(down(reader, null)).toEqual(['1.4', '1.3', 'gap ?-? history-failed']);
    expect([reader.oldest(), reader.head()]).toEqual([at(epoch1, 3), at(epoch1, 4)]);
  });

  test('a reader gets the gap also if memory is empty', () => {
    expect(up(failing([]), at(epoch1, 3))).toEqual(['gap ?-? history-failed']);
  });
});

describe('RecordReader without a database', () => {
  const memory = (records: readonly StoredRecord[]) => new RecordReader(ringOf(2, records), noArchive, false);

  test('records that left memory have expired', () => {
    const reader = memory(sampleRecords(epoch1, 1, 4));
    expect(up(reader, null)).toEqual(['1.3', '1.4']);
    expect(up(reader, at(epoch1, 1))).toEqual(['gap 1.2-1.2 expired', '1.3', '1.4']);
    expect(up(reader, at(epoch2, 1))).toEqual(['gap ?-? other-instance', '1.3', '1.4']);
    expect(down(reader, null)).toEqual(['1.4', '1.3']);
  });

  test('a reader gets no items before the first record', () => {
    expect(up(memory([]), null)).toEqual([]);
    expect(down(memory([]), null)).toEqual([]);
    expect([memory([]).oldest(), memory([]).head()]).toEqual([null, null]);
  });
});

/** A small daemon: memory, database, and a list of every appended record. */
class World {
  readonly all: StoredRecord[] = [];
  /** Records that were lost at a boot: nothing shows that there were more before the end of the epoch. */
  readonly unknowable = new Set<StoredRecord>();
  /** How many of the oldest records retention may have removed. */
  expiredUpTo = 0;
  readonly #database: RecordDatabase;
  readonly #capacity: number;
  #ring: RecordRing;
  #cursor = 0;
  #storedUpTo = 0;
  #isReadable = true;
  #epoch = 1;
  #seq = 0;

  constructor(database: RecordDatabase, capacity: number) {
    this.#database = database;
    this.#capacity = capacity;
    this.#ring = new RecordRing(capacity);
  }

  append(): void {
    const record = sampleRecord(`epoch-${String(this.#epoch).padStart(4, '0')}`, ++this.#seq);
    this.all.push(record);
    this.#ring.append(record);
  }

  store(most: number): void {
    const from = Math.max(this.#cursor, this.#ring.begin);
    const batch = Array.from({ length: most }, (_, i) => this.#ring.at(from + i)).filter(
      (r) => r !== undefined,
    );
    this.#database.store(batch);
    this.#cursor = from + batch.length;
    const last = batch.at(-1);
    if (last !== undefined) this.#storedUpTo = this.all.indexOf(last) + 1;
  }

  restart(isBoot: boolean): void {
    if (isBoot) {
      for (const lost of this.all.slice(this.#storedUpTo)) this.unknowable.add(lost);
      this.#epoch++;
      this.#seq = 0;
    }
    this.#ring = new RecordRing(this.#capacity);
    this.#cursor = 0;
  }

  /** Removes the oldest stored records, up to the `count`-th. */
  expire(count: number): void {
    const stored = this.#database.since(null, count, everyRecord).items.filter(({ kind }) => kind !== 'gap');
    const last = stored.at(-1);
    if (last === undefined || last.kind === 'gap') return;
    // Times follow the numbers, which restart with an epoch, so older records of a later epoch are removed too.
    this.#database.prune({ days: 0, bytes: 2 ** 40 }, last.at + 1);
    const oldest = this.#database.oldest();
    const index = this.all.findIndex(({ epoch, seq }) => epoch === oldest?.epoch && seq === oldest.seq);
    this.expiredUpTo = Math.max(this.expiredUpTo, index < 0 ? this.#storedUpTo : index);
  }

  toggleReading(): void {
    this.#isReadable = !this.#isReadable;
  }

  read(after: RecordPosition | null, limit: number): RecordPage {
    return this.#reader().since(after, limit, everyRecord);
  }

  latest(before: RecordPosition | null, limit: number): RecordPage {
    return this.#reader().latest(before, limit, everyRecord);
  }

  #reader(): RecordReader {
    return new RecordReader(this.#ring, this.#isReadable ? this.#database : noArchive, true);
  }
}

/** What a reader got so far, compared with everything that happened. */
class Judge {
  readonly #world: World;
  #position: RecordPosition | null = null;
  #index = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Returns whether there is more. */
  read(limit: number): boolean {
    const page = this.#world.read(this.#position, limit);
    let isAnythingMissing = false;
    for (const item of page.items) {
      if (item.kind === 'gap') isAnythingMissing = this.#skip(item) || isAnythingMissing;
      else isAnythingMissing = this.#take(item, isAnythingMissing);
    }
    this.#position = page.next ?? this.#position;
    return page.more;
  }

  /** Returns whether records of unknown number may be missing now. */
  #skip(gap: RecordItem): boolean {
    if (gap.kind !== 'gap' || gap.from === null || gap.to === null) return true;
    const { from, to } = gap;
    const first = this.#indexOf(from);
    const last = this.#indexOf(to);
    this.#expectOnlyUnknowable(this.#index, first);
    const known = this.#world.all.slice(first, last + 1).filter((one) => !this.#world.unknowable.has(one));
    expect(gap.lost).toBe(known.length);
    this.#index = last + 1;
    return false;
  }

  #take(record: StoredRecord, isAnythingMissing: boolean): boolean {
    const index = this.#indexOf(record);
    if (!isAnythingMissing) this.#expectOnlyUnknowable(this.#index, index);
    expect(index).toBeGreaterThanOrEqual(this.#index);
    this.#index = index + 1;
    return false;
  }

  #expectOnlyUnknowable(from: number, to: number): void {
    expect(from).toBeLessThanOrEqual(to);
    // A reader without a position starts with the oldest record.
    const start = from === 0 ? Math.max(from, this.#world.expiredUpTo) : from;
    const skipped = this.#world.all.slice(start, to);
    expect(skipped.filter((record) => !this.#world.unknowable.has(record)).map(shortItem)).toEqual([]);
  }

  #indexOf({ epoch, seq }: RecordPosition): number {
    const index = this.#world.all.findIndex((record) => record.epoch === epoch && record.seq === seq);
    expect(index).toBeGreaterThanOrEqual(0);
    return index;
  }

  /** At the end of a quiet time a reader has reached the newest record. */
  finish(): void {
    while (this.read(3));
    const { epoch, seq } = this.#world.all.at(-1) ?? at('', 0);
    expect(this.#position).toEqual({ epoch, seq });
  }
}

/** The same for a list from the newest to the oldest record, in pages of `limit`. */
function judgeList(world: World, limit: number): void {
  const indexOf = ({ epoch, seq }: RecordPosition): number =>
    world.all.findIndex((record) => record.epoch === epoch && record.seq === seq);
  let end = world.all.length;
  const step = (first: number, last: number): void => {
    expect([first, last].every((index) => index >= 0 && index < end)).toBe(true);
    expect(world.all.slice(last + 1, end).filter((record) => !world.unknowable.has(record))).toEqual([]);
    end = first;
  };
  for (let next: RecordPosition | null = null; ; ) {
    const page = world.latest(next, limit);
    for (const item of page.items) {
      if (item.kind !== 'gap') step(indexOf(item), indexOf(item));
      else if (item.from !== null && item.to !== null) step(indexOf(item.from), indexOf(item.to));
      else throw new Error('a gap of unknown size in a history that can be read');
    }
    if (!page.more) break;
    next = page.next;
  }
  const rest = world.all.slice(world.expiredUpTo, end);
  expect(rest.filter((record) => !world.unknowable.has(record))).toEqual([]);
}

test('after any history, each record comes once and in order, or is in a gap', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.constant('append' as const) },
    { weight: 4, arbitrary: fc.record({ store: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 6, arbitrary: fc.record({ reader: fc.nat(2), limit: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ boot: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ expire: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.constant('toggle' as const) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const world = new World(openRecords(), capacity);
      const judges = [new Judge(world), new Judge(world), new Judge(world)];
      let isReadable = true;
      for (const one of steps) {
        if (one === 'append') world.append();
        else if (one === 'toggle') {
          world.toggleReading();
          isReadable = !isReadable;
        } else if ('store' in one) world.store(one.store);
        else if ('expire' in one) world.expire(one.expire);
        else if ('boot' in one) world.restart(one.boot);
        else judges[one.reader]?.read(one.limit);
      }
      if (!isReadable) world.toggleReading();
      world.append();
      for (const judge of judges) judge.finish();
      for (const limit of [1, 3, 500]) judgeList(world, limit);
    }),
    { numRuns: 120 },
  );
}, 60_000);
