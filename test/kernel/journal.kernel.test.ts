/** The journal on a full disk and on one that becomes unwritable: a small tmpfs of this test. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalFold } from '../../src/core/journal/fold.ts';
import { instant, seq } from '../../src/core/model/ids.ts';
import { Journal } from '../../src/store/journal/journal.ts';
import { readJournal } from '../../src/store/journal/journal-file.ts';
import { sampleEpoch } from '../../src/testing/collecting-engine.ts';
import { openDescriptors } from '../../src/testing/own-resources.ts';
import { sampleEvent } from '../../src/testing/sample-state.ts';

const context = 'here';
let directory = '';
let now = 0;
let journal: Journal;
let number = 0;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'small', directory]);
  now = 0;
  number = 0;
  const identity = { epoch: sampleEpoch, context };
  journal = new Journal({ directory, identity, now: () => instant(now) }, new JournalFold().snapshot());
});
afterEach(() => {
  journal[Symbol.dispose]();
  execFileSync('umount', ['-l', directory]);
  rmSync(directory, { recursive: true });
});

const add = (): ReturnType<Journal['flush']> => {
  number++;
  journal.add({ kind: 'found', changes: [], events: [sampleEvent({ seq: seq(number) })], superseded: [] });
  return journal.flush();
};
const owed = (): number[] => {
  const found = readJournal(directory, context);
  if (found.kind !== 'found') throw new Error(JSON.stringify(found));
  return found.snapshot.pending.map(({ event }) => Number(event.seq));
};
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
/** Descriptors of books; the runtime opens and closes others as it likes. */
const openBooks = (): number =>
  openDescriptors().filter((target) => /\/journal(\.new)?( \(deleted\))?$/.test(target)).length;
const ballast = (): string => join(directory, 'ballast');

describe('a full disk', () => {
  test('a full disk leaves complete lines, is reported as ENOSPC, and missing entries are written when there is room', () => {
    writeFileSync(ballast(), Buffer.alloc(48 * 1024));
    let last = 0;
    for (let outcome = add(); outcome.ok; outcome = add()) last = number;
    expect(last).toBeGreaterThan(3);
    expect(owed()).toEqual(upTo(last));
    rmSync(ballast());
    expect(add()).toEqual({ ok: false, code: 'ENOSPC' });
    now += 1000;
    expect(add()).toEqual({ ok: true });
    expect(owed()).toEqual(upTo(number));
    expect(readdirSync(directory).sort()).toEqual(['journal', 'last-seq']);
  });

  test('a new journal is retried once a second, and temporary files are removed', () => {
    writeFileSync(ballast(), Buffer.alloc(48 * 1024));
    for (let outcome = add(); outcome.ok; outcome = add());
    for (let i = 0; i < 5; i++) {
      now += 1000;
      expect(add()).toEqual({ ok: false, code: 'ENOSPC' });
      expect(readdirSync(directory).sort()).toEqual(['ballast', 'journal', 'last-seq']);
    }
  });
});

describe('a disk that becomes unwritable', () => {
  test('an unwritable disk is reported, and nothing is lost when it is writable again', () => {
    expect(add()).toEqual({ ok: true });
    expect(openBooks()).toBe(1);
    rmSync(join(directory, 'journal'));
    execFileSync('umount', ['-l', directory]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'unwritable', directory]);
    writeFilling();
    now += 1000;
    expect(add()).toEqual({ ok: false, code: 'EROFS' });
    execFileSync('umount', ['-l', directory]);
    execFileSync('mount', ['-t', 'tmpfs', 'whole', directory]);
    now += 1000;
    expect(add()).toEqual({ ok: true });
    expect(owed()).toEqual(upTo(number));
    expect(openBooks()).toBe(1);
  });
});

/** The old file is still open, and takes lines until its own disk is full. */
function writeFilling(): void {
  for (let outcome = add(); outcome.ok; outcome = add());
}
