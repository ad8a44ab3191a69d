import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativePath } from '../src/platform/native.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-compiled-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A program that loads the addon and prints its path, compiled as `make build` compiles netevd. */
function compile(): string {
  const source = join(scratch, 'program.ts');
  const program = join(scratch, 'lib/program');
  mkdirSync(join(scratch, 'lib'));
  const loader = join(import.meta.dirname, '../src/platform/native.ts');
  writeFileSync(
    source,
    `import { loadNative, nativePath } from ${JSON.stringify(loader)};
     process.stdout.write(nativePath() + ' ' + typeof loadNative().monotonicMicros());`,
  );
  const words = ['build', '--compile', '--bytecode', '--minify-syntax', source, '--outfile', program];
  const run = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return program;
}

const run = (program: string): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(program, { encoding: 'utf8', cwd: '/' });

describe('the addon of a compiled executable', () => {
  const program = compile();
  const beside = join(scratch, 'lib/netevd.node');

  test('is looked for beside the executable only, and reported if it is missing', () => {
    const { status, stderr } = run(program);
    expect(status).toBe(1);
    expect(stderr).toMatch(/ code: "missing"/);
    expect(stderr).toContain(beside);
  });

  test('is loaded from beside the executable, without a copy elsewhere', () => {
    copyFileSync(nativePath(), beside);
    chmodSync(beside, 0o755);
    const unpacked = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('.bun-'));
    const before = unpacked();
    expect(run(program)).toMatchObject({ status: 0, stdout: `${beside} bigint` });
    expect(unpacked()).toEqual(before);
  });

  test('is refused if others can write to it', () => {
    chmodSync(beside, 0o777);
    const { status, stderr } = run(program);
    expect(status).toBe(1);
    expect(stderr).toMatch(/ code: "writable"/);
  });
});
