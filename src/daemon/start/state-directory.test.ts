import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  linkSync,
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
import { loadNative, type NativeUser } from '../../platform/native.ts';
import { StartRefused } from './start-refused.ts';
import { isLockHeld, lockState, prepareStateDirectory } from './state-directory.ts';

let base = '';
let path = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'netevd-state-'));
  path = join(base, 'netevd');
});
afterEach(() => rmSync(base, { recursive: true }));

const uid = process.geteuid?.() ?? 0;
const self: NativeUser = { uid, gid: process.getegid?.() ?? 0, groups: [], home: '/' };
const nobody: NativeUser = { uid: 65534, gid: 65534, groups: [], home: '/' };
/** Whether this user may change the owner of files. */
const mayGive = ((): boolean => {
  if (uid !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'netevd-chown-'));
  try {
    chownSync(probe, nobody.uid, nobody.gid);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true });
  }
})();
const mode = (of: string): number => statSync(of).mode & 0o7777;
const reason = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof StartRefused) return `${error.exitCode} ${error.message.replaceAll(base, '')}`;
    throw error;
  }
  return 'nothing was refused';
};

describe('prepareStateDirectory', () => {
  test('the runtime directory is created with its parents, readable for all and writable for its owner', () => {
    const deep = join(base, 'a/b/netevd');
    prepareStateDirectory(deep, undefined);
    expect(mode(deep)).toBe(0o755);
    prepareStateDirectory(deep, undefined);
  });

  test('a runtime directory that cannot be created is refused with a fix', () => {
    writeFileSync(path, '');
    expect(reason(() => prepareStateDirectory(path, undefined))).toMatch(
      /^1 cannot use the runtime directory \/netevd \(.*EEXIST.*\): create it, owned by the user that runs netevd, or set system.runtime_directory$/,
    );
  });

  test('a runtime directory that others can write to is refused', () => {
    mkdirSync(path);
    for (const open of [0o777, 0o775, 0o1777]) {
      chmodSync(path, open);
      expect(reason(() => prepareStateDirectory(path, undefined))).toBe(
        `1 the runtime directory /netevd can be written to by others (mode ${open.toString(8)}): chmod go-w ${'/netevd'}, or set system.runtime_directory`,
      );
    }
  });

  test('a symbolic link is refused as runtime directory', () => {
    symlinkSync(base, path);
    for (const name of [path, `${path}/`]) {
      expect(reason(() => prepareStateDirectory(name, self))).toContain('not a directory');
    }
  });

  test('a runtime directory that root prepares is closed to others', () => {
    mkdirSync(path);
    chmodSync(path, 0o777);
    prepareStateDirectory(path, self);
    expect(mode(path)).toBe(0o755);
  });
});

describe.skipIf(!mayGive)('prepareStateDirectory as root for another user', () => {
  const owner = (of: string): number => statSync(of).uid;

  test('the user becomes the owner of the directory and of files that an earlier run as root left', () => {
    mkdirSync(path);
    for (const name of ['lock', 'journal', 'journal.broken'])
      writeFileSync(join(path, name), '', { mode: 0o600 });
    prepareStateDirectory(path, nobody);
    expect([path, join(path, 'lock'), join(path, 'journal')].map(owner)).toEqual([65534, 65534, 65534]);
    expect(owner(join(path, 'journal.broken'))).toBe(0);
  });

  test('a directory with files of other programs keeps its owner', () => {
    mkdirSync(path);
    writeFileSync(join(path, 'utmp'), '');
    expect(reason(() => prepareStateDirectory(path, nobody))).toContain(
      'it has files that are not of netevd',
    );
    expect(owner(path)).toBe(0);
  });

  test('a directory that a third user owns or can replace keeps its owner', () => {
    mkdirSync(path);
    chownSync(path, 65533, 65533);
    expect(reason(() => prepareStateDirectory(path, nobody))).toContain('it belongs to user 65533');
    mkdirSync(join(base, 'secret/empty.d'), { recursive: true });
    symlinkSync('../secret', join(path, 'link'));
    for (const name of ['link/empty.d', 'link/new']) {
      expect(reason(() => prepareStateDirectory(join(path, name), nobody))).toContain(
        '/netevd belongs to user 65533, not to root',
      );
    }
    expect(readdirSync(join(base, 'secret'))).toEqual(['empty.d']);
    expect(owner(join(base, 'secret/empty.d'))).toBe(0);
  });

  test('a file with a second name, or behind a symbolic link, keeps its owner', () => {
    const secret = join(base, 'secret');
    writeFileSync(secret, '', { mode: 0o600 });
    mkdirSync(path);
    chownSync(path, nobody.uid, nobody.gid);
    linkSync(secret, join(path, 'lock'));
    symlinkSync(secret, join(path, 'journal'));
    prepareStateDirectory(path, nobody);
    expect(owner(secret)).toBe(0);
  });
});

describe('lockState', () => {
  const native = loadNative();

  test('a second daemon is refused until the first one ends', () => {
    mkdirSync(path);
    const first = lockState(path, native);
    expect(reason(() => lockState(path, native))).toBe(
      '1 another netevd runs with /netevd: stop it first, or set system.runtime_directory',
    );
    first[Symbol.dispose]();
    lockState(path, native)[Symbol.dispose]();
    expect(readdirSync(path)).toEqual(['lock']);
  });

  test('waits for a lock that is released in a moment, as by a child of a killed daemon', () => {
    mkdirSync(path);
    let attempts = 0;
    const releasedSoon = { fileLock: (file: number) => ++attempts > 3 && native.fileLock(file) };
    lockState(path, releasedSoon)[Symbol.dispose]();
    expect(attempts).toBe(4);
  });

  test('a link in the place of the lock is replaced, and what it points to is left alone', () => {
    mkdirSync(path);
    symlinkSync('/nowhere', join(path, 'lock'));
    using _held = lockState(path, native);
    expect(reason(() => lockState(path, native))).toContain('another netevd runs with');
  });

  test('a lock that cannot be opened is refused with a fix', () => {
    expect(reason(() => lockState(path, native))).toContain('make it writable for the user that runs netevd');
  });

  test('a lock is known to be held without being opened', () => {
    const file = { dev: 0x803, ino: 4711 };
    const line = (where: string): string => `1: FLOCK  ADVISORY  WRITE 1234 ${where} 0 EOF\n`;
    const rows = ['08:03:4711', '08:04:4711', '08:03:471', '00:03:4711'].map((where) =>
      isLockHeld(file, line(where)),
    );
    expect(rows).toEqual([true, false, false, false]);
  });

  test('a lock that is held is found in /proc/locks', () => {
    mkdirSync(path);
    using _held = lockState(path, native);
    const locks = readFileSync('/proc/locks', 'utf8');
    // Some containers have an empty one, and some a file system whose numbers differ there.
    if (locks.includes(`:${statSync(join(path, 'lock')).ino} `)) {
      expect(isLockHeld(statSync(join(path, 'lock')), locks)).toBe(true);
    }
  });
});
