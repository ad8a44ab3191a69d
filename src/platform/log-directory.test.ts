import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDescriptors } from '../testing/own-resources.ts';
import { logDirectory } from './log-directory.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (): string => join(directory, 'audit.log');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('a log file', () => {
  test('is made for its owner to write and its group to read, whatever the umask', () => {
    for (const mask of [0o077, 0o000]) {
      const before = process.umask(mask);
      using _file = logDirectory(path()).open();
      process.umask(before);
      expect(statSync(path()).mode & 0o777).toBe(0o640);
      rmSync(path());
    }
  });

  test('is only appended to, also where somebody has cut it meanwhile', () => {
    using file = logDirectory(path()).open();
    expect(file.append(bytes('one\n'))).toBe(4);
    writeFileSync(path(), '');
    file.append(bytes('two\n'));
    expect(readFileSync(path(), 'utf8')).toBe('two\n');
  });

  test('knows when it was written to, and whether its last line is whole', () => {
    const facts = (): unknown[] => {
      using file = logDirectory(path()).open();
      return [file.writtenAt, file.isTorn];
    };
    expect(facts()).toEqual([undefined, false]);
    for (const [text, isTorn] of [
      ['one\n', false],
      ['one\ntw', true],
    ] as const) {
      writeFileSync(path(), text);
      utimesSync(path(), 1000, 2000);
      expect(facts()).toEqual([2_000_000, isTorn]);
    }
  });

  test('knows that it was removed', () => {
    using file = logDirectory(path()).open();
    expect(file.isLinked()).toBe(true);
    rmSync(path());
    expect(file.isLinked()).toBe(false);
  });

  test('is no link, pipe, directory or file with two names', () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'mine');
    const rows: readonly [put: () => unknown, code: string][] = [
      [() => symlinkSync(target, path()), 'ELOOP'],
      [() => symlinkSync(join(directory, 'nowhere'), path()), 'ELOOP'],
      [() => linkSync(target, path()), 'EINVAL'],
      [() => Bun.spawnSync(['mkfifo', path()]), 'EINVAL'],
      [() => mkdirSync(path()), 'EISDIR'],
    ];
    for (const [put, code] of rows) {
      put();
      expect(codeOf(() => logDirectory(path()).open())).toBe(code);
      rmSync(path(), { recursive: true });
    }
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(openDescriptors().filter((name) => name.startsWith(directory))).toEqual([]);
  });
});

test('a directory lists, renames, and removes regular files alone', () => {
  const logs = logDirectory(path());
  logs.open()[Symbol.dispose]();
  logs.rename('audit.log.2026-11-28');
  mkdirSync(join(directory, 'sub'));
  expect([logs.name, new Set(logs.list())]).toEqual(['audit.log', new Set(['audit.log.2026-11-28', 'sub'])]);
  logs.remove('audit.log.2026-11-28');
  logs.remove('sub');
  expect(logs.list()).toEqual(['sub']);
  expect(codeOf(() => logs.rename('other'))).toBe('ENOENT');
});
