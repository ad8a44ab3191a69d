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
  test('returns the same addon each time', () => {
    expect(loadNative()).toBe(loadNative());
  });

  test('follows a symbolic link to the addon', () => {
    const link = join(scratch, 'link.node');
    symlinkSync(nativePath(), link);
    expect(loadNative(link)).toBe(loadNative());
  });

  test('reports a missing file', () => {
    expect(() => loadNative(join(scratch, 'absent.node'))).toThrow(
      expect.objectContaining({ code: 'missing' }),
    );
  });

  test.each([
    ['group', 0o775],
    ['others', 0o757],
  ])('refuses a file that is writable by %s', (who, mode) => {
    expect(() => loadNative(copy(`${who}.node`, mode))).toThrow(
      expect.objectContaining({ code: 'writable' }),
    );
  });

  if (isRoot) {
    test('refuses a file of another user', () => {
      const path = copy('foreign.node', 0o755);
      chownSync(path, 65534, 65534);
      expect(() => loadNative(path)).toThrow(expect.objectContaining({ code: 'owner' }));
    });

    test('refuses, as root, a file below a directory that others can write to', () => {
      mkdirSync(join(scratch, 'open/inner'), { recursive: true });
      chmodSync(join(scratch, 'open'), 0o777);
      expect(() => loadNative(copy('open/inner/netevd.node', 0o755))).toThrow(
        expect.objectContaining({ code: 'path-writable' }),
      );
    });
  }

  test('throws for a file that is not an addon', () => {
    expect(() => loadNative('/etc/passwd')).toThrow();
  });
});

describe('the addon', () => {
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

  test('finds a user with ids, groups and home; returns null for an unknown one', () => {
    const root = native.lookupUser('root');
    expect(root).toMatchObject({ uid: 0, gid: 0, home: '/root' });
    expect(root?.groups).toContain(0);
    expect(native.lookupUser('no-such-user-here')).toBeNull();
  });

  test('finds a group by name; returns null for an unknown one', () => {
    expect(native.lookupGroup('root')).toBe(0);
    expect(native.lookupGroup('no-such-group-here')).toBeNull();
  });

  test('locks a file once, and again after the file is closed', () => {
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

  test('throws with the errno name for a lock on a closed descriptor', () => {
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

  test('throws a TypeError for wrong arguments', () => {
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

  test('returns EBADF for a closed handle', () => {
    expect(native.netlinkSend(12_345 as never, new Uint8Array(16))).toBe(-9);
    expect(() => native.netlinkStats(12_345 as never)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});
