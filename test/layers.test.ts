import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkLayers } from '../tools/layers.ts';

const src = join(import.meta.dir, '../src');

function violationsOf(file: string, source: string): string[] {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
    return checkLayers(root).map((violation) => `${violation.file} -> ${violation.imports}`);
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('layers', () => {
  test('no room imports what it must not', () => {
    expect(checkLayers(src)).toEqual([]);
  });

  const planted: [string, string, string][] = [
    ['core/x.ts', `import { readFileSync } from 'node:fs';`, 'node:fs'],
    ['core/routing/x.ts', `import { z } from 'zod';`, 'zod'],
    ['core/x.ts', `import type { Config } from '../config/schema.ts';`, '../config/schema.ts'],
    ['core/x.ts', `export * from '../wire/netlink/link.ts';`, '../wire/netlink/link.ts'],
    [
      'wire/lease/x.ts',
      `import { reduce } from '../../core/reduce/reduce.ts';`,
      '../../core/reduce/reduce.ts',
    ],
    ['ports/x.ts', `import { after } from '../core/model/ids.ts';`, '../core/model/ids.ts'],
    ['sources/networkd/x.ts', `import { a } from '../rtnetlink/source.ts';`, '../rtnetlink/source.ts'],
    [
      'sources/networkd/x.ts',
      `import { a } from '../../effects/hooks/runner.ts';`,
      '../../effects/hooks/runner.ts',
    ],
    ['effects/hooks/x.ts', `const a = await import('../../platform/native.ts');`, '../../platform/native.ts'],
    ['cli/x.ts', `import { open } from '../store/journal.ts';`, '../store/journal.ts'],
    ['effects/hooks/x.ts', `const p = Bun.spawn(['true']);`, 'Bun'],
    ['core/x.ts', `export const now = (): number => Date.now();`, 'the clock or chance'],
    ['wire/x.ts', `export const id = (): number => Math.random();`, 'the clock or chance'],
    ['sources/dhclient/x.ts', `export const now = (): number => performance.now();`, 'the clock or chance'],
    ['store/x.ts', `import type { Loop } from '../daemon/loop.ts';`, '../daemon/loop.ts'],
    ['daemon/x.ts', `import { FakeKernel } from '../testing/fake-kernel.ts';`, '../testing/fake-kernel.ts'],
    ['client/x.ts', `import { readFileSync } from 'node:fs';`, 'node:fs'],
    ['client/x.ts', `import { diff } from '../core/diff.ts';`, '../core/diff.ts'],
    ['web/page/x.tsx', `import { load } from '../../config/load.ts';`, '../../config/load.ts'],
    ['kitchen/x.ts', `import { a } from '../core/model/ids.ts';`, '../core/model/ids.ts'],
  ];
  for (const [file, source, imports] of planted) {
    test(`goes red when ${file} says: ${source}`, () => {
      expect(violationsOf(file, source)).toEqual([`${file} -> ${imports}`]);
    });
  }

  const allowed: [string, string][] = [
    ['core/reduce/reduce.ts', `import type { State } from '../model/state.ts';`],
    ['wire/netlink/link.ts', `import { ifIndex } from '../../core/model/ids.ts';`],
    ['ports/clock.ts', `import type { Instant } from '../core/model/ids.ts';`],
    ['daemon/x.ts', `import { RtnetlinkSource } from '../sources/rtnetlink/rtnetlink-source.ts';`],
    ['main.ts', `import { run } from './daemon/start/service.ts';`],
  ];
  for (const [file, source] of allowed) {
    test(`stays green when ${file} says: ${source}`, () => {
      expect(violationsOf(file, source)).toEqual([]);
    });
  }
});

describe('the compiler', () => {
  /** Compiles one file as if it lay in `room`; what the compiler says. */
  function compile(room: string, source: string): string {
    const folder = mkdtempSync(join(src, '../build/planted-'));
    try {
      const settings = { extends: `../../src/${room}/tsconfig.json`, include: ['./*.ts'], exclude: [] };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
      writeFileSync(join(folder, 'planted.ts'), source);
      const tsc = join(src, '../node_modules/typescript/bin/tsc');
      const { stdout } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' });
      return stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const foreign: [string, string, string][] = [
    ['core', `import 'node:fs';\nexport const x: unknown = Buffer.alloc(1);`, `'Buffer'`],
    ['core', `setTimeout(() => undefined, 1);\nexport const x = 1;`, `'setTimeout'`],
    ['wire', `export const x: unknown = fetch('http://localhost');`, `'fetch'`],
    ['wire', `export const x: unknown = process.env;`, `'process'`],
    ['client', `export const x: unknown = process.env;`, `'process'`],
    ['web', `export const x: unknown = Bun.version;`, `'Bun'`],
  ];
  for (const [room, source, name] of foreign) {
    test(`does not know ${name} in ${room}`, () => {
      expect(compile(room, source)).toContain(`Cannot find name ${name}`);
    });
  }

  test('takes what is pure', () => {
    expect(compile('core', 'export const x: number = Math.max(1, 2);')).toBe('');
  });
});
