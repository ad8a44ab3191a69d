import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputFormat } from '../render/output.ts';
import { runHooksCommand } from './hooks-command.ts';

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

async function shown(format: OutputFormat): Promise<string> {
  let text = '';
  const out = {
    write: (more: string): void => {
      text += more;
    },
  };
  const io = { stdout: out, stderr: out, isTerminal: false, env: {} };
  const options = { config: join(base, 'netevd.yaml'), format };
  expect(await runHooksCommand(options, io, () => null)).toBe(0);
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
