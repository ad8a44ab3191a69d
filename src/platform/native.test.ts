import { afterAll, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNative, nativePath } from './native.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-native-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function copy(name: string, mode: number): string {
  const path = join(scratch, name);
  copyFileSync(nativePath(), path);
  chmodSync(path, mode);
  return path;
}

const isRoot = process.geteuid?.() === 0;

describe('loadNative', () => {
  test('gives the same addon each time', () => {
    expect(loadNative()).toBe(loadNative());
  });

  test('loads through a symbolic link what the link points at', () => {
    const link = join(scratch, 'link.node');
    symlinkSync(nativePath(), link);
    expect(loadNative(link)).toBe(loadNative());
  });

  test('says what to do where the file is missing', () => {
    expect(() => loadNative(join(scratch, 'absent.node'))).toThrow('make build');
  });

  test.each([
    ['group', 0o775],
    ['others', 0o757],
  ])('refuses a file that %s may write to', (who, mode) => {
    expect(() => loadNative(copy(`${who}.node`, mode))).toThrow(
      /refusing to load native code: .*written to by others/,
    );
  });

  if (isRoot) {
    test('refuses a file of another user', () => {
      const path = copy('foreign.node', 0o755);
      chownSync(path, 65534, 65534);
      expect(() => loadNative(path)).toThrow('belongs to user 65534');
    });

    test('as root refuses a directory that others may write to, however deep below it the file is', () => {
      mkdirSync(join(scratch, 'open/inner'), { recursive: true });
      chmodSync(join(scratch, 'open'), 0o777);
      expect(() => loadNative(copy('open/inner/netevd.node', 0o755))).toThrow(
        /open can be written to by others/,
      );
    });
  }

  test('says that something is no addon', () => {
    expect(() => loadNative('/etc/passwd')).toThrow();
  });
});

describe('small questions to the system', () => {
  const native = loadNative();

  test('the clock goes forward, in microseconds', () => {
    const outer = process.hrtime.bigint();
    const first = native.monotonicMicros();
    const inner = process.hrtime.bigint();
    while (process.hrtime.bigint() - inner < 2_000_000n);
    const least = process.hrtime.bigint() - inner;
    const elapsed = (native.monotonicMicros() - first) * 1000n;
    const most = process.hrtime.bigint() - outer;
    // Each reading is cut off to a whole microsecond.
    expect([elapsed > least - 1000n, elapsed < most + 1000n]).toEqual([true, true]);
  });

  test('a user is found with ids, groups and home; one that does not exist is null', () => {
    const root = native.lookupUser('root');
    expect(root).toMatchObject({ uid: 0, gid: 0, home: '/root' });
    expect(root?.groups).toContain(0);
    expect(native.lookupUser('no-such-user-here')).toBeNull();
  });

  test('a group is found by name; one that does not exist is null', () => {
    expect(native.lookupGroup('root')).toBe(0);
    expect(native.lookupGroup('no-such-group-here')).toBeNull();
  });

  test('a lock is had once, and again after its file is closed', () => {
    const path = join(scratch, 'lock');
    const first = openSync(path, 'w');
    const second = openSync(path, 'w');
    expect([native.fileLock(first), native.fileLock(second), native.fileLock(first)]).toEqual([
      true,
      false,
      true,
    ]);
    rmSync(path);
  });

  test('a lock on what is no file is an error with its name', () => {
    expect(() => native.fileLock(99_999)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  test('memory is given back, and what is needed comes back', () => {
    /** Kilobytes of mapped files that nobody writes to: what else the process has may grow meanwhile. */
    const residentOfFiles = (): number =>
      readFileSync('/proc/self/smaps', 'utf8')
        .split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)
        .filter((mapping) => /^\S+ r-.p \S+ \S+ [1-9]/.test(mapping))
        .reduce((sum, mapping) => sum + Number(/^Rss: +(\d+) kB$/m.exec(mapping)?.[1]), 0);
    const before = residentOfFiles();
    expect(native.memoryTrim()).toBeGreaterThan(1_000_000);
    expect(residentOfFiles()).toBeLessThan(before);
    expect(native.lookupUser('root')?.uid).toBe(0);
  });

  test('arguments of the wrong kind are a TypeError', () => {
    const any = native as unknown as Record<string, (...args: unknown[]) => unknown>;
    const calls: [string, unknown[]][] = [
      ['netlinkOpen', [{}]],
      ['netlinkOpen', [{ groups: [1], receiveBuffer: 1, onBatch: 5 }]],
      ['netlinkOpen', [{ groups: ['x'], receiveBuffer: 1, onBatch: () => undefined }]],
      ['netlinkSend', [1, 'text']],
      ['netlinkStats', []],
      ['childSpawn', [{ file: '/bin/true' }]],
      ['childSpawn', [undefined]],
      ['childKill', ['1', 2]],
      ['dgramSend', ['/x', 'text']],
      ['linkDriver', [1]],
      ['lookupUser', [undefined]],
      ['fileLock', ['x']],
      ['privilegesDrop', [{ uid: 0, gid: 0, groups: [], keepMask: 0 }]],
      ['privilegesTrim', [{}]],
    ];
    for (const [name, args] of calls) {
      expect(() => any[name]?.(...args), `${name}(${JSON.stringify(args)})`).toThrow(TypeError);
    }
  });

  test('closed handles answer EBADF', () => {
    expect(native.netlinkSend(12_345 as never, new Uint8Array(16))).toBe(-9);
    expect(() => native.netlinkStats(12_345 as never)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});
