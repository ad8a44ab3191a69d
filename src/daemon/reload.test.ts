import { afterAll, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, defaultConfig } from '../config/index.ts';
import { millis } from '../core/model/ids.ts';
import { readAgain } from './reload.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-config-')));
afterAll(() => rmSync(folder, { recursive: true }));
const configFile = join(folder, 'netevd.yaml');
beforeEach(() => rmSync(configFile, { force: true }));

function write(text: string): void {
  writeFileSync(configFile, text);
  chmodSync(configFile, 0o644);
}
const again = (current: Config): ReturnType<typeof readAgain> => readAgain({ configFile, env: {} }, current);

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
