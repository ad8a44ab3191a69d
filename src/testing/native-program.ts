/** The small C programs of `native/test/`, built when a test needs one. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Path of `build/test/NAME`, made from `native/test/NAME.c`. */
export function nativeProgram(name: string): string {
  const file = `build/test/${name}`;
  const run = spawnSync('make', ['-s', '-f', 'native/build.mk', file], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`make ${file}: ${run.stderr}`);
  return join(root, file);
}
