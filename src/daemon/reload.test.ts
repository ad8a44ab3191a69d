import { afterAll, beforeEach, expect, test } from 'bun:test';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, defaultConfig } from '../config/index.ts';
import { millis } from '../core/model/ids.ts';
import { readAgain, reloadProblem } from './reload.ts';
import type { ConfigTrust } from './start/config-trust.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-config-')));
afterAll(() => rmSync(folder, { recursive: true }));
const configFile = join(folder, 'netevd.yaml');
beforeEach(() => rmSync(configFile, { force: true }));

function write(text: string): void {
  writeFileSync(configFile, text);
  chmodSync(configFile, 0o644);
}
const again = (current: Config, configTrust: ConfigTrust = undefined): ReturnType<typeof readAgain> =>
  readAgain({ configFile, env: {}, configTrust }, current);
const problems = (read: ReturnType<typeof readAgain>): string[] =>
  read.ok ? [] : read.problems.map(({ code, found }) => `${code} ${found}`);

const defaults = defaultConfig();
const patient: Config = { ...defaults, hooks: { ...defaults.hooks, timeout: millis(7000) } };

test('a configuration file without errors is the new configuration, with the sections that differ', () => {
  write('hooks: {timeout_sec: 7}\n');
  expect(again(defaults)).toEqual({ ok: true, config: patient, changed: ['hooks'], warnings: [] });
  expect(again(patient)).toMatchObject({ ok: true, changed: [] });
});

test('a configuration file with errors is refused, with every error', () => {
  write('hooks: {timeout_sec: long, max_parallel: 0}\n');
  const read = again(defaults);
  expect([read.ok, read.ok ? [] : read.problems.map(({ path }) => path)]).toEqual([
    false,
    ['hooks.timeout_sec', 'hooks.max_parallel'],
  ]);
});

test('a configuration file that is absent now is an error if the defaults would change something', () => {
  const read = again(patient);
  expect([read.ok, read.ok ? 0 : read.problems.length]).toEqual([false, 1]);
});

test('a configuration file that was and is absent means the defaults', () => {
  expect(again(defaults)).toMatchObject({ ok: true, config: defaults, changed: [] });
});

const empty: readonly [what: string, text: string][] = [
  ['without a byte', ''],
  ['of blank lines', '\n \n'],
  ['of comments', '# hooks: {timeout_sec: 7}\n'],
  ['of the beginning of a document', '---\n'],
];
test.each(empty)(
  'a configuration file %s is refused where the defaults would change something',
  (_what, text) => {
    write(text);
    expect(problems(again(patient))).toEqual(['NETEVD_CONFIG_FILE a file without content']);
    expect(again(defaults)).toMatchObject({ ok: true, changed: [] });
  },
);

test('a configuration file that says {} means the defaults', () => {
  write('{}\n');
  expect(again(patient)).toMatchObject({ ok: true, config: defaults, changed: ['hooks'] });
});

test('a configuration file that somebody is writing is refused, and accepted when it stays the same', async () => {
  write('hooks: {timeout_sec: 7}\n');
  const writer = Bun.spawn([
    'sh',
    '-c',
    'echo; i=0; while [ $i -lt 2000 ]; do echo "# $i" >> "$0"; i=$((i+1)); done',
    configFile,
  ]);
  await writer.stdout.getReader().read();
  const during = again(defaults);
  writer.kill();
  await writer.exited;
  expect(during.ok).toBe(false);
  const old = new Date(Date.now() - 10_000);
  utimesSync(configFile, old, old);
  expect(again(defaults)).toMatchObject({ ok: true, changed: ['hooks'] });
});

const uid = process.geteuid?.() ?? 0;
const trustOf = (owners: readonly number[]): ConfigTrust => ({ owners, directoryOwners: [0, uid], uid });

test('a configuration file of somebody else is refused by a daemon with privileges, and read by one without', () => {
  write('hooks: {timeout_sec: 7}\n');
  expect(again(defaults, trustOf([uid])).ok).toBe(true);
  expect(again(defaults, trustOf([uid + 1])).ok).toBe(false);
  expect(again(defaults).ok).toBe(true);
});

test('a configuration file that a link leads to is judged where it lies', () => {
  const open = join(folder, 'open');
  mkdirSync(open);
  writeFileSync(join(open, 'real'), 'hooks: {timeout_sec: 7}\n');
  chmodSync(open, 0o777);
  symlinkSync('open/real', configFile);
  expect([again(defaults, trustOf([uid])).ok, again(defaults).ok]).toEqual([false, true]);
});

test('a configuration file that its group can write is refused by a daemon with privileges', () => {
  write('hooks: {timeout_sec: 7}\n');
  chmodSync(configFile, 0o664);
  expect([again(defaults, trustOf([uid])).ok, again(defaults).ok]).toEqual([false, true]);
});

test('a problem is shown with what was probably meant', () => {
  write('rooting: {}\n');
  const read = again(defaults);
  expect(read.ok ? [] : read.problems.map((problem) => reloadProblem(problem).message)).toEqual([
    expect.stringMatching(/^unknown key, .*; did you mean "routing"\?$/),
  ]);
});
