import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';
import { checkHook, hookNames, inspectDirectory, inspectFile } from './inspect.ts';

const trust = hookTrust(ownIdentity());
let base = '';
const at = (name: string): string => join(base, 'routable.d', name);
const put = (name: string, mode = 0o755, text = '#!/bin/sh\n'): string => {
  writeFileSync(at(name), text);
  chmodSync(at(name), mode);
  return at(name);
};
/** Puts a good file there, and hands the name back. */
const beside = (name: string): string => {
  put(name);
  return name;
};
const code = (name: string): string => {
  const verdict = checkHook(base, 'routable', name, trust);
  return 'code' in verdict ? `${verdict.kind}:${verdict.code}` : verdict.kind;
};

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-hooks-')));
  mkdirSync(join(base, 'routable.d'), { mode: 0o755 });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe('hookNames', () => {
  test('returns names in byte order, without those that cannot be a hook', () => {
    for (const name of ['b', 'a', 'B', '10-x', '9-x', '.x', 'x~', 'ä']) put(name);
    expect(hookNames(base, 'routable')).toEqual(['10-x', '9-x', 'B', 'a', 'b']);
  });

  test('is empty without a directory', () => {
    expect(hookNames(base, 'carrier')).toEqual([]);
    symlinkSync('nowhere', join(base, 'off.d'));
    expect(hookNames(base, 'off')).toMatchObject({ code: 'unreadable' });
  });

  const unlistable: readonly [what: string, make: (path: string) => void][] = [
    ['checkHook on a file', (path) => writeFileSync(path, '')],
    ['a link that leads to itself', (path) => symlinkSync('carrier.d', path)],
  ];
  test.each(unlistable)('is a refusal where %s is in place of a directory', (_what, make) => {
    make(join(base, 'carrier.d'));
    expect(hookNames(base, 'carrier')).toMatchObject({ kind: 'refused', code: 'unreadable' });
    expect(inspectDirectory(join(base, 'carrier.d'), trust)).toMatchObject({
      state: 'unreadable',
      refusal: { code: expect.stringMatching(/unreadable|not-regular/) },
      entries: [],
    });
  });
});

describe('checkHook on a file', () => {
  test('judges the present file', () => {
    put('10-x');
    expect(code('10-x')).toBe('runs');
    chmodSync(at('10-x'), 0o775);
    expect(code('10-x')).toBe('refused:writable');
    chmodSync(at('10-x'), 0o644);
    expect(code('10-x')).toBe('skipped:not-executable');
    rmSync(at('10-x'));
    expect(code('10-x')).toBe('refused:unreadable');
  });

  test('judges every directory above it', () => {
    put('10-x');
    chmodSync(join(base, 'routable.d'), 0o777);
    expect(code('10-x')).toBe('refused:path-writable');
    chmodSync(join(base, 'routable.d'), 0o755);
    chmodSync(base, 0o775);
    expect(code('10-x')).toBe('refused:path-writable');
  });

  test('refuses a second hard link', () => {
    linkSync(put('10-x'), at('20-x'));
    expect([code('10-x'), code('20-x')]).toEqual(['refused:hard-links', 'refused:hard-links']);
  });

  test('refuses a FIFO', () => {
    Bun.spawnSync(['mkfifo', '-m', '755', at('10-x')]);
    expect(code('10-x')).toBe('refused:not-regular');
  });

  test('refuses a setuid file', () => {
    chmodSync(put('10-x'), 0o4755);
    expect(code('10-x')).toBe('refused:setuid');
  });
});

describe('checkHook on a symbolic link', () => {
  const rows: readonly [what: string, target: () => string, verdict: string][] = [
    ['beside it', () => beside('real'), 'runs'],
    ['in the base', () => beside('../x'), 'runs'],
    ['elsewhere, where all is well', () => '/bin/sh', 'runs'],
    ['/dev/null', () => '/dev/null', 'masked'],
    ['/dev/null, by a way round', () => '../routable.d/../../../../../../dev/null', 'masked'],
    ['nothing', () => 'gone', 'refused:link-target'],
    ['itself', () => '10-x', 'refused:link-target'],
    ['below a file', () => `${beside('real')}/x`, 'refused:link-target'],
    [
      'in a directory that can be written to',
      () => {
        mkdirSync(join(base, 'open'));
        chmodSync(join(base, 'open'), 0o777);
        writeFileSync(join(base, 'open/x'), '#!/bin/sh\n', { mode: 0o755 });
        return join(base, 'open/x');
      },
      'refused:path-writable',
    ],
  ];
  test.each(rows)('judges a file %s', (_what, target, verdict) => {
    symlinkSync(target(), at('10-x'));
    expect(code('10-x')).toBe(verdict);
  });

  test('accepts one in place of the directory', () => {
    put('10-x');
    symlinkSync('routable.d', join(base, 'carrier.d'));
    expect(checkHook(base, 'carrier', '10-x', trust).kind).toBe('runs');
  });
});

describe('inspectDirectory', () => {
  test('lists files in run order, with hints', () => {
    put('20-crlf', 0o755, '#!/bin/sh\r\n');
    put('10-x');
    put('README', 0o644);
    put('x~');
    const { state, entries } = inspectDirectory(join(base, 'routable.d'), trust);
    expect(state).toBe('ok');
    expect(entries.map(({ name, verdict, hint }) => [name, verdict.kind, hint !== undefined])).toEqual([
      ['10-x', 'runs', false],
      ['20-crlf', 'runs', true],
      ['README', 'skipped', false],
      ['x~', 'skipped', false],
    ]);
  });

  test('refuses every file of a refused directory', () => {
    put('10-x');
    put('README', 0o644);
    chmodSync(join(base, 'routable.d'), 0o777);
    const { state, refusal, entries } = inspectDirectory(join(base, 'routable.d'), trust);
    expect([state, refusal?.code]).toEqual(['refused', 'path-writable']);
    expect(entries.map(({ verdict }) => verdict.kind)).toEqual(['refused', 'skipped']);
  });

  test('reports a missing directory as absent', () => {
    expect(inspectDirectory(join(base, 'carrier.d'), trust)).toEqual({
      path: join(base, 'carrier.d'),
      state: 'absent',
      entries: [],
    });
  });
});

test('inspectDirectory does not open a FIFO', () => {
  Bun.spawnSync(['mkfifo', '-m', '755', at('10-x')]);
  const { verdict, hint } = inspectFile(at('10-x'), trust);
  expect([verdict.kind, hint]).toEqual(['refused', undefined]);
});

test('inspectFile judges a file as if its directory were a hook directory', () => {
  expect(inspectFile(put('10-x'), trust).verdict.kind).toBe('runs');
  expect(inspectFile(put('10-x', 0o775), trust).verdict.kind).toBe('refused');
});

describe('hookTrust', () => {
  const machine = '         0          0 4294967295\n';
  const own = '         0       1000          1\n';
  const rows: readonly [
    what: string,
    identity: Parameters<typeof hookTrust>[0],
    map: string,
    owners: number[],
    directories: number[],
  ][] = [
    ['root', { uid: 0, gids: [0], startedAsRoot: true }, machine, [0], [0]],
    ['a user that root became', { uid: 990, gids: [990], startedAsRoot: true }, machine, [0], [0]],
    [
      'a user that never was root',
      { uid: 990, gids: [990], startedAsRoot: false },
      machine,
      [0, 990],
      [0, 990],
    ],
    [
      'root of a namespace that a user made',
      { uid: 0, gids: [0], startedAsRoot: true },
      own,
      [0],
      [0, 65534],
    ],
  ];
  test.each(rows)('%s', (_what, identity, map, owners, directories) => {
    const { owners: files, directoryOwners } = hookTrust(identity, map);
    expect([files, directoryOwners]).toEqual([owners, directories]);
  });
});
