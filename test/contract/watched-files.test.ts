/** What every WatchedFiles promises, of the fake and of the real one. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileRefusal, type PathRefusal } from '../../src/core/model/path-trust.ts';
import { SystemFiles } from '../../src/platform/watched-files.ts';
import type { FileReadResult, OpenFileStat, WatchedFiles } from '../../src/ports/watched-files.ts';
import { FakeFiles } from '../../src/testing/fake-files.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

/** What others do to the files. */
interface World {
  readonly files: WatchedFiles;
  /** A directory that is there and empty. */
  readonly directory: string;
  mkdir(path: string): void;
  rmdir(path: string): void;
  replaceDirectory(path: string): void;
  write(path: string, text: string): void;
  append(path: string, text: string): void;
  truncate(path: string): void;
  /** Writes beside it, and renames over it. */
  exchange(path: string, text: string): void;
  chmod(path: string, mode: number): void;
  remove(path: string): void;
  link(path: string): void;
  fifo(path: string): void;
}

const base = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-files-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function realWorld(): World {
  const directory = mkdtempSync(join(base, 'd-'));
  return {
    files: new SystemFiles(),
    directory,
    mkdir: (path) => void mkdirSync(path, { recursive: true }),
    rmdir: (path) => rmSync(path, { recursive: true }),
    replaceDirectory: (path) => {
      rmSync(path, { recursive: true });
      mkdirSync(path);
    },
    write: (path, text) => writeFileSync(path, text, { mode: 0o644 }),
    append: (path, text) => appendFileSync(path, text),
    truncate: (path) => truncateSync(path),
    exchange: (path, text) => {
      writeFileSync(`${path}.new`, text, { mode: 0o644 });
      renameSync(`${path}.new`, path);
    },
    chmod: chmodSync,
    remove: unlinkSync,
    link: (path) => symlinkSync('/etc/passwd', path),
    fifo: (path) => {
      expect(Bun.spawnSync(['mkfifo', path]).exitCode).toBe(0);
    },
  };
}

function fakeWorld(): World {
  const files = new FakeFiles();
  files.mkdir('/d');
  const uid = process.getuid?.() ?? 0;
  const texts = new Map<string, string>();
  const write = (path: string, text: string, mode = 0o644): void => {
    texts.set(path, text);
    files.write(path, text, { mode, uid });
  };
  return {
    files,
    directory: '/d',
    mkdir: (path) => files.mkdir(path),
    rmdir: (path) => files.rmdir(path),
    replaceDirectory: (path) => files.replaceDirectory(path),
    write,
    append: (path, text) => files.append(path, text),
    truncate: (path) => write(path, ''),
    exchange: write,
    chmod: (path, mode) => write(path, texts.get(path) ?? '', mode),
    remove: (path) => files.remove(path),
    link: (path) => files.write(path, '', { type: 'symlink' }),
    fifo: (path) => files.write(path, '', { type: 'fifo' }),
  };
}

describe.each([
  ['the fake', fakeWorld],
  ['the real one', realWorld],
] as const)('%s', (_name, build) => {
  let world: World;
  beforeEach(() => {
    world = build();
  });
  const at = (name: string): string => `${world.directory}/${name}`;
  const read = (name: string, over: { limit?: number; known?: string } = {}): FileReadResult =>
    world.files.read({
      path: at(name),
      refuse: (file) => openFileRefusal(file, { mayGroupWrite: true }),
      limit: 1000,
      ...over,
    });
  const signatureOf = (reading: FileReadResult): string => (reading.kind === 'read' ? reading.signature : '');

  describe('reads', () => {
    test('a file, with who owns it and what may be done to it', () => {
      world.write(at('a'), 'grün');
      const seen: OpenFileStat[] = [];
      const refuse = (file: OpenFileStat): undefined => void seen.push(file);
      const reading = world.files.read({ path: at('a'), refuse, limit: 1000 });
      expect(reading).toMatchObject({ kind: 'read', text: 'grün' });
      expect(seen).toEqual([
        expect.objectContaining({ path: at('a'), kind: 'file', uid: process.getuid?.() ?? 0, mode: 0o644 }),
      ]);
    });

    test('no more than the limit', () => {
      world.write(at('a'), 'x'.repeat(200));
      expect(read('a', { limit: 100 })).toMatchObject({ text: 'x'.repeat(100) });
    });

    test('nothing that it is told to refuse', () => {
      world.write(at('a'), 'text');
      const refusal: PathRefusal = { kind: 'refused', code: 'owner', reason: 'for a test', remedy: 'none' };
      const request = { path: at('a'), refuse: () => refusal, limit: 10 };
      expect(world.files.read(request)).toEqual({ kind: 'refused', refusal });
    });

    test('a file again only if it has changed since', () => {
      world.write(at('a'), 'one');
      const known = signatureOf(read('a'));
      expect(read('a', { known })).toEqual({ kind: 'same' });
      world.append(at('a'), 'two');
      expect(read('a', { known })).toMatchObject({ kind: 'read', text: 'onetwo' });
      world.exchange(at('a'), 'six');
      expect(read('a', { known })).toMatchObject({ kind: 'read', text: 'six' });
    });

    test('no symbolic link, no FIFO, no directory, and waits for none', () => {
      world.link(at('link'));
      world.fifo(at('fifo'));
      world.mkdir(at('directory'));
      expect([read('link'), read('fifo'), read('directory')]).toEqual([
        { kind: 'link' },
        expect.objectContaining({ refusal: expect.objectContaining({ code: 'not-regular' }) }),
        expect.objectContaining({ refusal: expect.objectContaining({ code: 'not-regular' }) }),
      ]);
    });

    test('what is not there as not there', () => {
      expect(read('a')).toEqual({ kind: 'absent' });
      expect(read('no/such/file')).toEqual({ kind: 'absent' });
    });
  });

  describe('knows of a directory', () => {
    test('what is in it', () => {
      world.write(at('a'), '');
      world.mkdir(at('b'));
      const listing = world.files.list(world.directory);
      expect(listing.kind === 'listed' ? new Set(listing.names) : listing).toEqual(new Set(['a', 'b']));
    });

    test('that it is not there', () => {
      expect(world.files.list(at('x'))).toEqual({ kind: 'absent' });
      expect(world.files.identify(at('x'))).toEqual({ kind: 'absent' });
      world.write(at('file'), '');
      expect(world.files.identify(at('file'))).toEqual({ kind: 'absent' });
    });

    test('whether it is still the same', () => {
      world.mkdir(at('d'));
      const first = world.files.identify(at('d'));
      expect(first.kind).toBe('present');
      world.write(at('d/x'), '');
      expect(world.files.identify(at('d'))).toEqual(first);
      world.replaceDirectory(at('d'));
      expect(world.files.identify(at('d'))).not.toEqual(first);
    });
  });

  describe('watches', () => {
    let events: (string | undefined)[];
    let watch: Disposable;
    const watching = (path: string): Disposable => {
      const opened = world.files.watch(path, {
        onEvent: (name) => events.push(name),
        onEnd: () => events.push('the end'),
      });
      if (opened.kind === 'failed') throw new Error(opened.code);
      return opened.watch;
    };
    const expectNotice = async (name: string): Promise<void> => {
      await waitUntil(`an event about ${name} among ${events}`, () => events.includes(name));
      events.length = 0;
    };
    beforeEach(() => {
      events = [];
      world.write(at('a'), 'one');
      world.mkdir(at('sub'));
      watch = watching(world.directory);
    });
    const changes: [what: string, change: () => void][] = [
      ['written', () => world.write(at('a'), 'two')],
      ['appended to', () => world.append(at('a'), 'more')],
      ['cut off', () => world.truncate(at('a'))],
      ['exchanged', () => world.exchange(at('a'), 'other')],
      ['allowed to others', () => world.chmod(at('a'), 0o640)],
      ['removed', () => world.remove(at('a'))],
    ];
    for (const [what, change] of changes) {
      test(`a file that is ${what}`, async () => {
        change();
        await expectNotice('a');
        watch[Symbol.dispose]();
      });
    }

    test('files and directories that are new', async () => {
      world.write(at('b'), '');
      await expectNotice('b');
      world.mkdir(at('c'));
      await expectNotice('c');
      watch[Symbol.dispose]();
    });

    test('the directory itself, when it is removed', async () => {
      watch[Symbol.dispose]();
      const sub = watching(at('sub'));
      world.rmdir(at('sub'));
      await expectNotice('sub');
      sub[Symbol.dispose]();
    });

    test('the directory that is there, also where another one was watched before', async () => {
      watch[Symbol.dispose]();
      const first = watching(at('sub'));
      world.replaceDirectory(at('sub'));
      first[Symbol.dispose]();
      events.length = 0;
      const second = watching(at('sub'));
      world.write(at('sub/x'), '');
      await expectNotice('x');
      second[Symbol.dispose]();
    });

    test('on its own: ending one leaves the others', async () => {
      const other: (string | undefined)[] = [];
      const opened = world.files.watch(world.directory, {
        onEvent: (name) => other.push(name),
        onEnd: () => undefined,
      });
      watch[Symbol.dispose]();
      watch[Symbol.dispose]();
      world.write(at('b'), '');
      await waitUntil('the other to hear', () => other.includes('b'));
      expect(events).toEqual([]);
      if (opened.kind === 'watching') opened.watch[Symbol.dispose]();
    });

    test('nothing that is not there', () => {
      const handlers = { onEvent: () => undefined, onEnd: () => undefined };
      expect(world.files.watch(at('x'), handlers)).toEqual({ kind: 'failed', code: 'ENOENT' });
      watch[Symbol.dispose]();
    });
  });
});
