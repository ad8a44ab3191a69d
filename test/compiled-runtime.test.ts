/** The executable is netevd wherever it is started: nothing that lies there becomes part of it. */
import { afterAll, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const executable = join(import.meta.dirname, '../build/netevd');
const here = mkdtempSync(join(tmpdir(), 'netevd-here-'));
afterAll(() => rmSync(here, { recursive: true }));

test('a .env, a bunfig.toml, a package.json and a tsconfig.json of the working directory change nothing', () => {
  const code = 'require("node:fs").writeFileSync("was-here", ""); console.log("was here");\n';
  const files: Readonly<Record<string, string>> = {
    'evil.js': code,
    '.env': 'NETEVD_LOG_LEVEL=rubbish\nBUN_OPTIONS=--preload=./evil.js\n',
    'bunfig.toml': 'preload = ["./evil.js"]\n[run]\npreload = ["./evil.js"]\n',
    'package.json': '{"name": "x", "imports": {"#x": "./evil.js"}, "main": "./evil.js"}\n',
    'tsconfig.json': '{"compilerOptions": {"paths": {"*": ["./evil.js"]}}}\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(here, name), text);
  const env = { PATH: process.env['PATH'], HOME: here, XDG_CONFIG_HOME: here, NODE_PATH: here };
  const run = spawnSync(executable, ['validate', '-c', '/dev/null'], { cwd: here, env, encoding: 'utf8' });
  expect([run.status, run.stdout.split('\n')[0]]).toEqual([0, '/dev/null: valid']);
  expect(new Set(readdirSync(here))).toEqual(new Set(Object.keys(files)));
});
