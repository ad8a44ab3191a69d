import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JournalEntry, type JournalSnapshot, journalVersion } from '../../core/journal/entries.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import { epoch, instant, seq } from '../../core/model/ids.ts';
import { sampleEpoch } from '../../testing/collecting-engine.ts';
import { sampleEvent, sampleLinkObject, sampleLinkStatus } from '../../testing/sample-state.ts';
import { Journal, type JournalOptions } from './journal.ts';
import { encodeEntry, journalPath, readJournal, type StoredJournal, setAside } from './journal-file.ts';

const here = 'boot-1 net:[1]';
const empty = new JournalFold().snapshot();
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-journal-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (snapshot: JournalSnapshot = empty, over: Partial<JournalOptions> = {}): Journal =>
  new Journal(
    { directory, identity: { epoch: sampleEpoch, context: here }, now: () => instant(0), ...over },
    snapshot,
  );
const found = (number: number): JournalEntry => ({
  kind: 'found',
  changes: [],
  events: [sampleEvent({ seq: seq(number) })],
  superseded: [],
});
const owed = (journal: StoredJournal = readJournal(directory, here)): number[] =>
  journal.kind === 'found' ? journal.snapshot.pending.map(({ event }) => Number(event.seq)) : [];
const lines = (): string[] => readFileSync(journalPath(directory), 'utf8').split('\n').slice(0, -1);

describe('Journal', () => {
  test('an absent journal is none', () => {
    expect(readJournal(directory, here)).toEqual({ kind: 'none' });
  });

  test('a journal contains flushed entries only', () => {
    using journal = open();
    journal.add(found(1));
    expect(owed()).toEqual([]);
    expect(journal.flush()).toEqual({ ok: true });
    expect(owed()).toEqual([1]);
    journal.add(found(2));
    expect(owed()).toEqual([1]);
  });

  test('closing a journal flushes it', () => {
    const journal = open();
    journal.add(found(1));
    journal[Symbol.dispose]();
    expect(owed()).toEqual([1]);
  });

  test('a journal continues the previous one', () => {
    const first = open();
    first.add(found(1));
    first[Symbol.dispose]();
    const read = readJournal(directory, here);
    if (read.kind !== 'found') throw new Error(read.kind);
    expect(read.epoch).toBe(sampleEpoch);
    using second = open(read.snapshot);
    second.add(found(2));
    second.flush();
    expect(owed()).toEqual([1, 2]);
    expect(lines()).toHaveLength(2);
  });

  test('only the owner can read a journal', () => {
    using _journal = open();
    expect(statSync(journalPath(directory)).mode & 0o777).toBe(0o600);
  });

  test('a journal of another boot or network namespace is foreign', () => {
    using journal = open();
    journal.add(found(7));
    journal.flush();
    expect(readJournal(directory, 'boot-2 net:[1]')).toEqual({ kind: 'foreign' });
  });

  test('a journal cannot be begun without its directory, and leaves no temporary file', () => {
    expect(() => open(empty, { directory: join(directory, 'missing') })).toThrow('ENOENT');
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('Journal after a kill', () => {
  const write = (...numbers: readonly number[]): void => {
    using journal = open();
    for (const number of numbers) journal.add(found(number));
  };

  test('an incomplete last line is ignored', () => {
    write(1, 2);
    const size = statSync(journalPath(directory)).size;
    const last = (lines().at(-1)?.length ?? 0) + 1;
    for (let cut = 1; cut <= last; cut++) {
      truncateSync(journalPath(directory), size - cut);
      expect(owed()).toEqual([1]);
    }
  });

  test('an empty journal is broken', () => {
    writeFileSync(journalPath(directory), '');
    expect(readJournal(directory, here)).toEqual({ kind: 'broken', reason: 'its first line is missing' });
  });

  test('the old journal counts if the new one is incomplete', () => {
    write(1);
    writeFileSync(join(directory, 'journal.new'), '{"kind":"ope');
    expect(owed()).toEqual([1]);
    using _next = open();
    expect(readdirSync(directory).sort()).toEqual(['journal', 'last-seq']);
  });
});

describe('Journal: epoch', () => {
  const written = (last: number): void => {
    using journal = open();
    for (let number = 1; number <= last; number++) {
      journal.add({ kind: 'numbered', lastSeq: seq(number) });
      journal.flush();
    }
  };
  const stored = (from = directory): StoredJournal & { readonly kind: 'found' } => {
    const read = readJournal(from, here);
    if (read.kind !== 'found') throw new Error(read.kind);
    return read;
  };

  test('the epoch continues with an unchanged journal', () => {
    written(5);
    expect(stored()).toMatchObject({ epoch: sampleEpoch, snapshot: { lastSeq: 5 } });
    expect(stored().epochEnded).toBeUndefined();
  });

  test('the epoch continues with an incomplete last line, whose records were not published', () => {
    written(5);
    appendFileSync(journalPath(directory), 'deadbeef {"kind":"numb');
    expect(stored().epochEnded).toBeUndefined();
  });

  test('the epoch ends if the journal lacks published records', () => {
    written(5);
    const text = readFileSync(journalPath(directory), 'utf8');
    const second = text.indexOf('\n', text.indexOf('\n') + 1);
    for (const cut of [text.indexOf('\n') + 1, second + 1, text.length - 1, text.length - 40]) {
      writeFileSync(journalPath(directory), text.slice(0, cut));
      expect(stored().epochEnded).toBe('cut');
    }
  });

  test('the epoch ends in a copy of the directory', () => {
    written(5);
    const copy = mkdtempSync(join(tmpdir(), 'netevd-copy-'));
    try {
      cpSync(directory, copy, { recursive: true });
      expect([stored(copy).epochEnded, stored().epochEnded]).toEqual(['copied', undefined]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  const marks: readonly [what: string, put: (path: string) => void][] = [
    ['is missing', (path) => rmSync(path)],
    ['is a pipe', (path) => void Bun.spawnSync(['sh', '-c', `rm ${path}; mkfifo ${path}`])],
    ['is a link', (path) => void Bun.spawnSync(['ln', '-sf', '/etc/passwd', path])],
    ['is a directory', (path) => void Bun.spawnSync(['sh', '-c', `rm ${path}; mkdir ${path}`])],
    ['is empty', (path) => writeFileSync(path, '')],
    ['is of another epoch', (path) => writeFileSync(path, `${'0'.repeat(36)} 5\n`)],
  ];
  test.each(marks)(
    'the epoch ends if the mark beside the journal %s, and the next journal has one',
    (_what, put) => {
      written(5);
      put(join(directory, 'last-seq'));
      expect(stored().epochEnded).toBe('cut');
      written(1);
      expect(stored().epochEnded).toBeUndefined();
    },
  );
});

describe('Journal: files that a hook may have left', () => {
  const seal = (text: string): string => `${Bun.hash.crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
  const opened = (): string =>
    encodeEntry({
      kind: 'opened',
      version: journalVersion,
      epoch: sampleEpoch,
      context: here,
      file: '0:0',
      snapshot: empty,
    });
  const rows: readonly [what: string, put: (path: string) => void][] = [
    ['a pipe', (path) => void Bun.spawnSync(['mkfifo', path])],
    ['a link', (path) => symlinkSync('/etc/passwd', path)],
    ['a directory', (path) => void mkdirSync(path)],
    [
      'a hole of a terabyte',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 40);
      },
    ],
    ['a line that is no JSON, with its checksum', (path) => writeFileSync(path, opened() + seal('{'))],
    ['a line that is nothing, with its checksum', (path) => writeFileSync(path, seal('null'))],
    ['a second beginning', (path) => writeFileSync(path, opened() + opened())],
    [
      'sixty megabytes of line feeds',
      (path) => writeFileSync(path, opened() + '\n'.repeat(60 * 1024 * 1024)),
    ],
    ['seven megabytes of line feeds', (path) => writeFileSync(path, '\n'.repeat(7 * 1024 * 1024))],
    [
      'seven megabytes of brackets, with their checksum',
      (path) => writeFileSync(path, opened() + seal(`[${'[],'.repeat(2 * 1024 * 1024)}[]]`)),
    ],
    [
      'a million levels of brackets, with their checksum',
      (path) => writeFileSync(path, opened() + seal('['.repeat(1e6) + ']'.repeat(1e6))),
    ],
    [
      'more events than any network has, with their checksums',
      (path) => {
        const line = JSON.stringify({ ...found(1), events: [] });
        const event = JSON.stringify(sampleEvent({ seq: seq(1) }));
        const events = Array.from({ length: 20_000 }, (_, i) =>
          event.replace(/"id":"[^"]*"/, `"id":"x/${i}"`),
        );
        writeFileSync(path, opened() + seal(line.replace('"events":[]', `"events":[${events.join(',')}]`)));
      },
    ],
    [
      'a first entry without its snapshot',
      (path) =>
        writeFileSync(path, seal(`{"kind":"opened","version":${journalVersion},"context":"${here}"}`)),
    ],
  ];
  test.each(rows)('%s is a broken journal, and the next one is begun', (_what, put) => {
    put(journalPath(directory));
    expect(readJournal(directory, here).kind).toBe('broken');
    setAside(directory);
    open()[Symbol.dispose]();
    expect(readJournal(directory, here).kind).toBe('found');
  });

  test('a pipe or a symbolic link with the name of the new journal blocks nothing', () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'mine');
    symlinkSync('target', join(directory, 'journal.new'));
    open()[Symbol.dispose]();
    Bun.spawnSync(['mkfifo', join(directory, 'journal.new')]);
    open()[Symbol.dispose]();
    expect([readFileSync(target, 'utf8'), owed()]).toEqual(['mine', []]);
  });

  test('a removed journal is written again, with its snapshot, with the next entry', () => {
    using journal = open();
    journal.add(found(1));
    journal.flush();
    rmSync(journalPath(directory));
    journal.add(found(2));
    expect(journal.flush()).toEqual({ ok: true });
    expect(owed()).toEqual([1, 2]);
    journal.add(found(3));
    journal.flush();
    expect(owed()).toEqual([1, 2, 3]);
  });
});

describe('Journal: changes by other programs', () => {
  const rows: readonly [what: string, change: (text: string) => string, reason: string][] = [
    ['in the middle', (text) => text.replace('"pending"', '"PENDING"'), 'line 1 was not written by netevd'],
    [
      'with a line of its own',
      (text) => `${text}{"kind":"done","id":"x"}\n`,
      'line 3 was not written by netevd',
    ],
    ['with an empty line', (text) => `${text}\n`, 'line 3 was not written by netevd'],
    ['by removing its first line', (text) => text.slice(text.indexOf('\n') + 1), 'its first line is missing'],
  ];
  for (const [what, change, reason] of rows) {
    test(`a journal that was changed ${what} is broken`, () => {
      const journal = open();
      journal.add(found(1));
      journal[Symbol.dispose]();
      writeFileSync(journalPath(directory), change(readFileSync(journalPath(directory), 'utf8')));
      expect(readJournal(directory, here)).toEqual({ kind: 'broken', reason });
    });
  }

  test('a journal of another version is broken, and the reason contains the version', () => {
    const version = 99 as typeof journalVersion;
    const entry = encodeEntry({
      kind: 'opened',
      version,
      epoch: sampleEpoch,
      context: here,
      file: '0:0',
      snapshot: empty,
    });
    writeFileSync(journalPath(directory), entry);
    const reason = `it is of version 99, this is ${journalVersion}`;
    expect(readJournal(directory, here)).toEqual({ kind: 'broken', reason });
  });

  test('a broken journal is quarantined', () => {
    writeFileSync(journalPath(directory), 'rubbish\n');
    setAside(directory);
    expect(readFileSync(join(directory, 'journal.broken'), 'utf8')).toBe('rubbish\n');
    expect(existsSync(journalPath(directory))).toBe(false);
  });

  test('an unreadable journal is broken', () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'a file');
    expect(readJournal(directory, here)).toEqual({ kind: 'broken', reason: 'it cannot be read (ENOTDIR)' });
  });
});

describe('Journal: growth', () => {
  const change: JournalEntry = {
    kind: 'found',
    changes: [
      {
        kind: 'linkAppeared',
        link: { index: sampleLinkObject().index, generation: sampleLinkStatus().generation, name: 'eth0' },
        object: sampleLinkObject(),
        status: sampleLinkStatus(),
      },
    ],
    events: [],
    superseded: [],
  };

  test('a long journal is replaced by one with the same content', () => {
    using journal = open(empty, { leastGrowth: 2000 });
    journal.add(change);
    let longest = 0;
    for (let i = 1; i <= 300; i++) {
      journal.add(found(i));
      if (i > 3) journal.add({ kind: 'done', id: sampleEvent({ seq: seq(i - 3) }).id });
      expect(journal.flush()).toEqual({ ok: true });
      longest = Math.max(longest, statSync(journalPath(directory)).size);
      expect(owed()).toEqual([i - 2, i - 1, i].filter((n) => n > 0));
    }
    expect(longest).toBeLessThan(20_000);
    const read = readJournal(directory, here);
    expect(read.kind === 'found' && [read.snapshot.links.length, Number(read.snapshot.lastSeq)]).toEqual([
      1, 300,
    ]);
  });

  test('the old journal continues if no new one can be begun', () => {
    const elsewhere = `${directory}-elsewhere`;
    using journal = open(empty, { leastGrowth: 2000 });
    renameSync(directory, elsewhere);
    try {
      for (let i = 1; i <= 20; i++) {
        journal.add(found(i));
        expect(journal.flush()).toEqual({ ok: true });
      }
    } finally {
      renameSync(elsewhere, directory);
    }
    expect(owed()).toHaveLength(20);
    expect(lines().length).toBeGreaterThan(10);
  });

  test('a journal that is read during a write has complete lines only', () => {
    using journal = open();
    journal.add(found(1));
    journal.flush();
    appendFileSync(journalPath(directory), encodeEntry(found(2)).slice(0, 40));
    expect(owed()).toEqual([1]);
  });
});

test('a new epoch continues with what is pending and counts records from the beginning', () => {
  const other = epoch('01930000-0000-7000-8000-00000000000f');
  using journal = open();
  journal.add(found(7));
  journal.beginEpoch(other);
  journal.add(found(1));
  journal.flush();
  const read = readJournal(directory, here);
  expect(read).toMatchObject({ kind: 'found', epoch: other, snapshot: { lastSeq: 1 } });
  expect('epochEnded' in read).toBe(false);
  expect(owed(read)).toEqual([7, 1]);
});
