/**
 * What the commands print on terminals of 80 and 120 columns, and into a pipe, compared with files.
 *
 *   NETEVD_WRITE_GOLDEN=1 tools/bun.sh test test/cli/golden.test.ts     # writes the files; read them
 */
import { describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.ts';
import { widthOf } from '../../src/cli/render/screen.ts';
import { testIo, testWorld } from '../../src/testing/command-line.ts';
import { FakeApi } from '../../src/testing/fake-api.ts';

const folder = join(import.meta.dir, '../fixtures/cli');

const commands: readonly (readonly [name: string, line: string])[] = [
  ['status', 'status'],
  ['list-interfaces', 'list interfaces'],
  ['list-interfaces-all', 'list interfaces --all'],
  ['list-routes', 'list routes'],
  ['list-rules', 'list rules'],
  ['list-scripts', 'list scripts'],
  ['show-interface', 'show interface eth0'],
  ['show-route', 'show route default'],
  ['show-rule', 'show rule 30001'],
  ['show-run', 'show run 48214'],
  ['events', 'events'],
  ['events-table', 'events -o table'],
  ['help', 'help'],
  ['help-events', 'events --help'],
];

async function output(line: string, columns: number | undefined): Promise<string> {
  const api = new FakeApi();
  const io = testIo(columns, { TERM: 'dumb' });
  const world = testWorld({ transport: api.transport });
  const code = await runProgram(
    line.split(' '),
    io,
    async () => 0,
    async () => world,
  );
  expect([code, io.stderr.text]).toEqual([0, '']);
  return io.stdout.text;
}

function compare(file: string, text: string): void {
  const path = join(folder, file);
  if (process.env['NETEVD_WRITE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

for (const [name, line] of commands) {
  describe(`netevd ${line}`, () => {
    for (const columns of [80, 120]) {
      test(`fits a terminal of ${columns} columns`, async () => {
        const text = await output(line, columns);
        compare(`${name}.${columns}.txt`, text);
        const tooLong = text.split('\n').filter((row) => widthOf(row) > columns);
        expect(tooLong).toEqual([]);
      });
    }

    test('loses nothing on a narrow terminal but whole columns', async () => {
      const [narrow, piped] = [await output(line, 80), await output(line, undefined)];
      const known = new Set(piped.split(/\s+/));
      const broken = narrow.split(/\s+/).filter((word) => !known.has(word) && !word.endsWith('…'));
      expect(broken.filter((word) => /[./:]/.test(word))).toEqual([]);
    });
  });
}
