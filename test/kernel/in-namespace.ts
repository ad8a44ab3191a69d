/**
 * Kernel tests change links, so they run in a user and network namespace of their own, never in the machine's.
 *
 * A kernel test is a file `*.kernel.test.ts` that begins with
 *
 *     if (insideNamespace(import.meta.path)) { …its tests… }
 *
 * The test runner starts each such file under `unshare -Urnm`. Where a person runs `bun test` on it directly,
 * insideNamespace registers one test instead, which starts the file again in a namespace.
 */
import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether this process is root of a user namespace that maps one user: what `unshare -Ur` makes. */
const isInside = (): boolean => /^\s*0\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));

/** True in a namespace, with `lo` up; otherwise the file's tests must not run here, and are started again in one. */
export function insideNamespace(file: string): boolean {
  if (isInside()) {
    ip('link set lo up');
    return true;
  }
  test(`in a namespace of its own: ${file}`, () => {
    const run = spawnSync('unshare', ['-Urnm', process.execPath, 'test', '--timeout=60000', file], {
      encoding: 'utf8',
    });
    const passed = Number(/^ *(\d+) pass$/m.exec(run.stderr)?.[1] ?? 0);
    expect({ status: run.status, output: run.status === 0 ? '' : run.stderr }).toEqual({
      status: 0,
      output: '',
    });
    expect(passed).toBeGreaterThan(0);
  }, 300_000);
  return false;
}

/** Runs `ip` (iproute2) in this namespace, words separated by blanks; throws with its message where it fails. */
export function ip(words: string): string {
  const run = spawnSync('ip', words.split(' '), { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`ip ${words}: ${run.stderr.trim()}`);
  return run.stdout;
}

/** Many `ip` commands in one process: as fast as iproute2 can. The loop is blocked meanwhile. */
export function ipBatch(commands: readonly string[]): void {
  const run = spawnSync('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n`, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`ip -batch: ${run.stderr.slice(0, 500)}`);
}
