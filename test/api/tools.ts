/** Where test/api/get-tools.sh puts its tools. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const tools = join(root, 'build/api-tools');

/** Whether they are installed: by .ci/run, or by hand with test/api/get-tools.sh. */
export const hasApiTools: boolean = existsSync(join(tools, '.installed'));

/** Runs a Python program of the tools; its code and everything that it wrote. */
export function runPython(
  code: string,
  args: readonly string[],
): { readonly status: number; readonly output: string } {
  const env = { ...process.env, PYTHONPATH: join(tools, 'python'), PYTHONDONTWRITEBYTECODE: '1' };
  const run = spawnSync('/usr/bin/python3', ['-c', code, ...args], { env, encoding: 'utf8', cwd: '/tmp' });
  return { status: run.status ?? -1, output: `${run.stdout}${run.stderr}` };
}

export function runRedocly(args: readonly string[]): { readonly status: number; readonly output: string } {
  const program = join(tools, 'node/node_modules/.bin/redocly');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const run = spawnSync(program, [...args], { env, encoding: 'utf8' });
  return { status: run.status ?? -1, output: `${run.stdout}${run.stderr}` };
}
