import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testIo, testWorld } from '../../testing/command-line.ts';
import { FakeApi } from '../../testing/fake-api.ts';
import { runProgram } from '../program.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netevd-validate-'));
  file = join(folder, 'other.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function validate(text: string, words: readonly string[], columns?: number): Promise<[number, string]> {
  writeFileSync(file, text);
  chmodSync(file, 0o644);
  const io = testIo(columns, { TERM: 'dumb' });
  const world = testWorld({ transport: new FakeApi().transport });
  const code = await runProgram(
    ['validate', ...words],
    io,
    async () => 0,
    async () => world,
  );
  return [code, io.stdout.text];
}

const broken = 'hooks: { timeout_sec: soon }\napi: { port: none }\n';

test('validates the file that it is given, and not another one', async () => {
  expect((await validate('hooks: { timeout_sec: 7 }\n', [file]))[0]).toBe(0);
  const [code, out] = await validate(broken, [file, '-o', 'json']);
  const { valid, problems } = JSON.parse(out) as { valid: boolean; problems: { path: string }[] };
  expect([code, valid, problems.map(({ path }) => path)]).toEqual([
    78,
    false,
    ['hooks.timeout_sec', 'api.port'],
  ]);
});

test('the table has a row for each error', async () => {
  const [code, out] = await validate(broken, [file, '-o', 'table']);
  expect(code).toBe(78);
  expect(out).toMatch(/^LINE +COLUMN +SEVERITY +KEY +MESSAGE\n1 +\d+ +error +hooks\.timeout_sec /);
});

test('text does not break words on a narrow terminal', async () => {
  const [, narrow] = await validate(broken, [file], 50);
  const [, whole] = await validate(broken, [file]);
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
  expect(words(narrow)).toEqual(words(whole));
});
