/** The man pages describe the commands that exist, and nothing that is roff by accident. */
import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandNames } from '../src/cli/program.ts';
import { manPages, programText } from '../tools/man-pages.ts';

const pages = Object.entries(manPages());

test('netevd(8) describes every command, and no other', () => {
  const described = [...programText().matchAll(/^### (.*)$/gm)].map(([, name]) => name ?? '');
  expect(new Set(described)).toEqual(new Set(commandNames()));
  expect(described).toHaveLength(commandNames().length);
});

test('netevd(8) lists the options of a subcommand', () => {
  const page = manPages()['netevd.8']?.join('\n') ?? '';
  expect(page).toContain('\\fB\\-\\-family <family>\\fR');
  expect(page).toContain('.SH "EXIT STATUS"');
});

describe.each(pages)('%s', (file, lines) => {
  test('has no unknown request', () => {
    const requests = new Set(lines.filter((line) => /^[.']/.test(line)).map((line) => line.split(' ')[0]));
    const known = new Set(['.TH', '.SH', '.SS', '.PP', '.TP', '.br', '.nf', '.fi']);
    expect(requests.difference(known)).toEqual(new Set());
  });

  const man = spawnSync('man', ['--version']);
  test.skipIf(man.error !== undefined || spawnSync('groff', ['--version']).error !== undefined)(
    'is formatted without a warning',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'netevd-man-'));
      const path = join(folder, file);
      writeFileSync(path, `${lines.join('\n')}\n`);
      const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', path], {
        encoding: 'utf8',
        env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8', MANROFFOPT: '-ww' },
      });
      rmSync(folder, { recursive: true });
      // A word longer than the line cannot be broken.
      expect(
        stderr.split('\n').filter((line) => line !== '' && !/cannot (adjust|break) line/.test(line)),
      ).toEqual([]);
      expect(stdout).toContain('NAME');
    },
  );
});
