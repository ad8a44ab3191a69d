/** A process that writes a history is killed at random moments: only the newest records may be missing, with a gap in their place. */
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyRecord } from '../../src/core/records/record-filter.ts';
import type { RecordItem, RecordPosition } from '../../src/core/records/stored-record.ts';
import { openSqliteDatabase } from '../../src/platform/sqlite/sqlite-database.ts';
import { openRecordDatabase } from '../../src/store/history/open-record-database.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-history-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (): string => join(directory, 'events.db');

/** Kills the writer after this much output; returns the newest record that it reported as stored. */
async function writeAndKill(epoch: string, next: number, lines: number): Promise<number> {
  const program = [join(import.meta.dirname, 'record-writer.ts'), path(), epoch, String(next)];
  const writer = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > lines) writer.kill('SIGKILL');
  });
  const [, signal] = (await once(writer, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return Number(said.trimEnd().split('\n').at(-1));
}

/** Everything behind `after`, and the check of the whole file. */
function readAndCheck(after: RecordPosition | null): { items: RecordItem[]; head: RecordPosition | null } {
  const opened = openRecordDatabase(openSqliteDatabase, path());
  if (!opened.ok) throw new Error(opened.failure.text);
  using records = opened.records;
  expect(opened.isUnclean).toBe(true);
  for (let key: number | undefined = 0; key !== undefined; key = records.checkSlice(key));
  const items: RecordItem[] = [];
  for (let next = after; ; ) {
    const page = records.since(next, 500, everyRecord);
    items.push(...page.items);
    if (!page.more) return { items, head: records.head() };
    next = page.next;
  }
}

test('a history is in order, each record once, after a kill at any moment', async () => {
  let position: RecordPosition | null = null;
  let next = 1;
  let lost = 0;
  for (let run = 0; run < 40; run++) {
    // Every fifth run is a boot, which begins an epoch; the others continue the numbers.
    const epoch = `epoch-${String(Math.floor(run / 5)).padStart(3, '0')}`;
    if (run % 5 === 0) next = 1;
    const safe = await writeAndKill(epoch, next, 1 + ((run * 7) % 30));
    const { items, head } = readAndCheck(position);
    expect(head?.epoch).toBe(epoch);
    expect(head?.seq).toBeGreaterThanOrEqual(safe);
    let expected = next;
    const numbers: number[] = [];
    for (const item of items) {
      if (item.kind === 'gap') {
        expect([item.cause, item.from?.epoch, item.to?.seq]).toEqual(['history-failed', epoch, next - 1]);
        lost += item.lost ?? 0;
      } else {
        expect(item.epoch).toBe(epoch);
        numbers.push(item.seq);
      }
    }
    expect(numbers).toEqual(Array.from({ length: numbers.length }, () => expected++));
    expect(numbers.at(-1)).toBe(head?.seq);
    position = head;
    // The daemon had numbered a few more, which were in memory alone: they are the gap of the next run.
    next = (head?.seq ?? 0) + 1 + (run % 3) * 4;
  }
  expect(lost).toBeGreaterThan(0);
}, 120_000);
