/**
 * What the history costs: an append on the hot path, a batch of 20 behind it, and the slices of its upkeep, on the disk
 * of DIRECTORY (the system's directory for temporary files where none is named).
 *
 *   bun test/bench/history.ts [DIRECTORY]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyRecord, type RecordFilter } from '../../src/core/records/record-filter.ts';
import { openSqliteDatabase } from '../../src/platform/sqlite/sqlite-database.ts';
import { openHistory } from '../../src/store/history/open-history.ts';
import { openRecordDatabase } from '../../src/store/history/open-record-database.ts';
import { batchSize } from '../../src/store/history/pace.ts';
import type { RecordDatabase } from '../../src/store/history/record-database.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { epoch1, sampleRecord } from '../../src/testing/sample-records.ts';

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'netevd-bench-history-'));
/** About what an event has without the block of its interface. */
const json = JSON.stringify({ text: 'x'.repeat(520) });
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const load = (): string => readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');

/** Median, 99th percentile and maximum of `times`, in milliseconds. */
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const part = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3);
  return `p50 ${part(0.5)}  p99 ${part(0.99)}  max ${part(1)} ms  (${sorted.length})`;
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** With a clock that stands still: no batch is stored, so that this is the append alone. */
function appendCost(): void {
  const history = openHistory({
    path: join(directory, 'append.db'),
    memory: 10_000,
    limits: { days: 30, bytes: 2 ** 28 },
    clock: new ManualClock(),
    open: openSqliteDatabase,
    isBusy: () => false,
    onReplaced: () => undefined,
    onHealth: () => undefined,
  });
  const records = Array.from({ length: 100_000 }, (_, i) => sampleRecord(epoch1, i + 1, { json }));
  const total = time(() => {
    for (const record of records) history.append(record);
  });
  say(`append                   ${((total * 1000) / records.length).toFixed(3)} µs each (${records.length})`);
}

function open(): RecordDatabase {
  const opened = openRecordDatabase(openSqliteDatabase, join(directory, 'batches.db'));
  if (!opened.ok) throw new Error(opened.failure.text);
  return opened.records;
}

/** The longest time for which the loop stood still while `work` was done. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  let isDone = false;
  let [longest, last] = [0, performance.now()];
  void work().then(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}

async function batches(records: RecordDatabase, count: number): Promise<void> {
  const stores: number[] = [];
  const checkpoints: number[] = [];
  let seq = 1;
  for (let i = 0; i < count; i++) {
    const batch = Array.from({ length: batchSize }, () =>
      sampleRecord(epoch1, seq++, { json, link: `eth${seq % 20}` }),
    );
    stores.push(time(() => records.store(batch)));
    if (i % 50 === 49) checkpoints.push(await longestStall(() => records.checkpoint()));
  }
  say(`batch of ${batchSize}, commit      ${spread(stores)}`);
  say(`checkpoint, longest stall ${spread(checkpoints)}`);
}

function slices(records: RecordDatabase): void {
  const checks: number[] = [];
  for (let key: number | undefined = 0; key !== undefined; ) {
    const from: number = key;
    checks.push(time(() => (key = records.checkSlice(from))));
  }
  say(`check, a slice of 500    ${spread(checks)}`);
  using raw = openSqliteDatabase(join(directory, 'batches.db'));
  say(`check, all at once       ${time(() => raw.all('pragma quick_check')).toFixed(1)} ms (quick_check)`);
  const page = (filter: RecordFilter): number[] =>
    Array.from({ length: 50 }, (_, i) =>
      time(() => records.since({ epoch: epoch1, seq: i * 1000 }, 500, filter)),
    );
  say(`page of 500              ${spread(page(everyRecord))}`);
  say(`page that finds nothing  ${spread(page({ types: ['none'] }))}`);
  const newest = Array.from({ length: 50 }, () => time(() => records.latest(null, 100, { link: 'eth7' })));
  say(`newest 100 of a link     ${spread(newest)}`);
  const prunes = Array.from({ length: 50 }, () => time(() => records.prune({ days: 30, bytes: 1 }, 0)));
  say(`retention, a slice       ${spread(prunes)}`);
}

say(`load ${load()}`);
appendCost();
const records = open();
await batches(records, 5000);
slices(records);
say(`${(records.usage(1).used / 100_000).toFixed(0)} bytes a record, load ${load()}`);
records[Symbol.dispose]();
rmSync(directory, { recursive: true });
