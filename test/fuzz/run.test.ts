/** A short run of every fuzzer, and a test that the runner reports a finding. */
import { expect, test } from 'bun:test';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (...words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [join(import.meta.dir, 'run.ts'), ...words], { encoding: 'utf8' });

test('the fuzzers find nothing in a few seconds', () => {
  const { status, stdout, stderr } = run('3');
  expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: '' });
  for (const parser of ['netlink', 'lease', 'config']) expect(stdout).toContain(`${parser}: `);
  expect(stdout).toMatch(/\d+ fuzzers in 3 s, 0 with findings\n$/);
});

test('a finding makes the run fail and is printed with its seed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netevd-fuzz-'));
  try {
    writeFileSync(join(folder, 'clean.fuzz.ts'), '');
    const planted = [
      `import { fuzz } from '${join(import.meta.dir, 'fuzzer.ts')}';`,
      "const tryOne = (text) => { if (text === 'b') throw new Error('found'); };",
      "fuzz({ name: 'planted', make: (random) => 'ab'[random(2)], tryOne, show: (text) => 'it was ' + text });",
    ];
    writeFileSync(join(folder, 'planted.fuzz.ts'), planted.join('\n'));
    const { status, stdout, stderr } = run('1', '42', folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^planted: seed 42, input \d+: Error: found[\s\S]*\nit was b\n$/);
    expect(stdout).toMatch(/FOUND by .*planted\.fuzz\.ts, seed 42/);
    expect(stdout).toMatch(/2 fuzzers in 1 s, 1 with findings\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an empty folder is not a clean one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netevd-fuzz-'));
  try {
    expect(run('1', '1', folder).status).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
