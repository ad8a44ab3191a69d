import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
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
import {
  openLastingStateFile,
  openStateFile,
  readStateFile,
  renameOver,
  writeStateFile,
} from './state-file.ts';

let base = '';
let directory = '';
let victim = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'netevd-planted-'));
  directory = join(base, 'state');
  victim = join(base, 'victim');
  mkdirSync(directory);
  writeFileSync(victim, 'untouched');
});
afterEach(() => rmSync(base, { recursive: true }));

const run = (...argv: readonly [string, ...string[]]): number =>
  spawnSync(argv[0], argv.slice(1)).status ?? -1;

/** Device files are root's to make, and in few containers. */
const mayMakeDevices = ((): boolean => {
  const probe = mkdtempSync(join(tmpdir(), 'netevd-device-'));
  const made = run('mknod', join(probe, 'zero'), 'c', '1', '5') === 0;
  rmSync(probe, { recursive: true });
  return made;
})();

/** What somebody of the same user may leave at a name. */
const planted: [what: string, put: (path: string) => void][] = [
  ['a pipe', (path) => void run('mkfifo', path)],
  ['a link to a file', (path) => symlinkSync(victim, path)],
  ['a link to nothing', (path) => symlinkSync(join(base, 'nowhere'), path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
  ['an empty directory', (path) => void mkdirSync(path)],
  ['a directory with files', (path) => void mkdirSync(join(path, 'a/b'), { recursive: true })],
  [
    'a socket',
    (path) =>
      void run('perl', '-MIO::Socket::UNIX', '-e', `IO::Socket::UNIX->new(Local => "${path}", Listen => 1)`),
  ],
  ['another name of a file', (path) => linkSync(victim, path)],
  ['a file that nobody may write', (path) => writeFileSync(path, 'old', { mode: 0o000 })],
];
if (mayMakeDevices) planted.push(['a device', (path) => void run('mknod', path, 'c', '1', '5')]);

const isGone = (path: string): boolean =>
  !existsSync(path) && lstatSync(path, { throwIfNoEntry: false }) === undefined;

describe('a file of the state directory', () => {
  for (const [what, put] of planted)
    for (const suffix of ['', '.new']) {
      test(`is written where ${what} has the name${suffix}, and nothing else is`, () => {
        const path = join(directory, 'file');
        put(`${path}${suffix}`);
        writeStateFile(path, 'text', 0o640);
        expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, statSync(path).nlink]).toEqual([
          'text',
          0o640,
          1,
        ]);
        expect([readFileSync(victim, 'utf8'), isGone(`${path}.new`), isGone(join(base, 'nowhere'))]).toEqual([
          'untouched',
          true,
          true,
        ]);
      });
    }

  for (const [what, put] of planted)
    test(`takes the name of ${what} when it is set aside`, () => {
      const path = join(directory, 'file');
      writeFileSync(path, 'text');
      put(`${path}.broken`);
      renameOver(path, `${path}.broken`);
      expect([readFileSync(`${path}.broken`, 'utf8'), readFileSync(victim, 'utf8'), isGone(path)]).toEqual([
        'text',
        'untouched',
        true,
      ]);
    });

  for (const [what, put] of planted)
    test(`is read at once where ${what} has its name`, () => {
      const path = join(directory, 'file');
      put(path);
      const text = new TextDecoder().decode(readStateFile(path, 100) ?? new Uint8Array());
      expect(what.includes('name of a file') || what.includes('may write') || text === '').toBe(true);
    });

  for (const [what, put] of planted)
    test(`can be held as a lock where ${what} has its name`, () => {
      const path = join(directory, 'lock');
      put(path);
      closeSync(openLastingStateFile(path, 0o600));
      expect([lstatSync(path).isFile(), readFileSync(victim, 'utf8')]).toEqual([true, 'untouched']);
    });

  test('that is held stays the same file', () => {
    const path = join(directory, 'lock');
    closeSync(openLastingStateFile(path, 0o600));
    const { ino } = statSync(path);
    closeSync(openLastingStateFile(path, 0o600));
    expect(statSync(path).ino).toBe(ino);
  });

  test('leaves nothing behind where it cannot be written', () => {
    expect(() => writeStateFile(join(directory, 'missing/file'), 'text', 0o600)).toThrow('ENOENT');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is none where the name is free', () => {
    expect(() => openStateFile(join(directory, 'missing'))).toThrow('ENOENT');
    expect(readStateFile(join(directory, 'missing'), 100)).toBeUndefined();
  });
});
