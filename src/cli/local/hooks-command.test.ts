import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HooksAnswer } from '../../client/types.ts';
import { sampleHooks } from '../../testing/sample-answers.ts';
import type { JudgedHooks } from '../render/hooks-text.ts';
import type { OutputFormat } from '../render/output.ts';
import { type HooksCommandParts, runHooksCommand } from './hooks-command.ts';

let base = '';
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-hooks-')));
  mkdirSync(join(base, 'carrier.d'));
  for (const name of ['10-good', '20-\x1b[31mred', '30-a\n10-b  runs']) {
    const path = join(base, 'carrier.d', name);
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
  }
  mkdirSync(join(base, 'rout\x1b]0;x\x07.d'));
  writeFileSync(join(base, 'netevd.yaml'), `hooks: { directory: ${base} }\n`);
});
afterEach(() => rmSync(base, { recursive: true }));

const away = {
  kind: 'unreachable',
  status: null,
  error: { code: 'ENOENT', message: 'm', details: null },
} as const;
const parts: HooksCommandParts = {
  daemon: { hooks: () => Promise.resolve({ ok: false, problem: away }) },
  lookup: () => null,
  unitUser: undefined,
};

async function shown(format: OutputFormat, over: Partial<HooksCommandParts> = {}): Promise<string> {
  let text = '';
  const out = {
    write: (more: string): void => {
      text += more;
    },
  };
  const io = { stdout: out, stderr: out, isTerminal: false, env: {} };
  const options = { config: join(base, 'netevd.yaml'), format };
  expect(await runHooksCommand(options, io, { ...parts, ...over })).toBe(0);
  return text;
}

test.each(['text', 'table'] as const)(
  'netevd hooks escapes control characters in file names as %s',
  async (format) => {
    const text = await shown(format);
    expect(text).toContain('20-\\x1b[31mred');
    expect(text).toContain('30-a\\n10-b  runs');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  },
);

test('netevd hooks -o json prints file names unchanged', async () => {
  const { directories } = JSON.parse(await shown('json')) as {
    readonly directories: readonly {
      readonly event: string;
      readonly files: readonly { readonly name: string }[];
    }[];
  };
  const files = directories.find(({ event }) => event === 'carrier')?.files ?? [];
  expect(files.map(({ name }) => name)).toEqual(['10-good', '20-\x1b[31mred', '30-a\n10-b  runs']);
});

const answering = (answer: HooksAnswer): Partial<HooksCommandParts> => ({
  daemon: { hooks: () => Promise.resolve({ ok: true, value: answer }) },
});

test('the verdicts are those of the running daemon', async () => {
  const answer = { ...sampleHooks, directory: base };
  expect(JSON.parse(await shown('json', answering(answer)))).toEqual({
    ...answer,
    judged_by: 'daemon',
    notes: [],
  });
  const text = await shown('text', answering(answer));
  expect(text).toMatch(/✔ 10-alert +runs, except for events that filter 2 excludes/);
  expect(text).toMatch(/! 30-ruby +cannot start/);
  expect(text).toMatch(/✘ 20-open +refused: .*; fix: chmod go-w /);
});

test('a daemon with another hook directory is not asked', async () => {
  const {
    judged_by: by,
    notes,
    directory,
  } = JSON.parse(await shown('json', answering(sampleHooks))) as JudgedHooks;
  expect([by, notes.some((note) => note.includes(sampleHooks.directory)), directory]).toEqual([
    'command',
    true,
    base,
  ]);
});

test('filters that exclude a script are named by their position', async () => {
  const filters = [
    '{match_rule: {event_type: routable}, action: ignore}',
    '{match_rule: {event_type: carrier}, action: execute, scripts: [20-other]}',
  ];
  writeFileSync(
    join(base, 'netevd.yaml'),
    `hooks: { directory: ${base} }\nfilters:\n${filters.map((filter) => `  - ${filter}\n`).join('')}`,
  );
  expect(await shown('text')).toMatch(/✔ 10-good +runs, except for events that filter 2 excludes/);
});
