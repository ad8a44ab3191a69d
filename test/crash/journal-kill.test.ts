/** Kills a process that writes a journal at random moments, also while a new journal replaces the old one. */
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournal } from '../../src/store/journal/journal-file.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-killed-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Kills the writer after this number of events; returns the newest one that it reported as safe. */
async function writeAndKill(leastGrowth: number, events: number): Promise<number> {
  const writer = spawn(
    process.execPath,
    [join(import.meta.dirname, 'journal-writer.ts'), directory, String(leastGrowth)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > events) writer.kill('SIGKILL');
  });
  await once(writer, 'close');
  return Number(said.trimEnd().split('\n').at(-1));
}

for (const [what, leastGrowth] of [
  ['appends', 1 << 30],
  ['is written anew with nearly every line', 1],
] as const) {
  test(`a journal that ${what} is snapshot after a kill at any moment`, async () => {
    let last = 0;
    let rewritten = 0;
    for (let i = 0; i < 60; i++) {
      const safe = await writeAndKill(leastGrowth, 1 + ((i * 37) % 200));
      const found = readJournal(directory, 'here');
      if (found.kind !== 'found') throw new Error(JSON.stringify(found));
      const { lastSeq, pending } = found.snapshot;
      expect(lastSeq).toBeGreaterThanOrEqual(safe);
      expect(safe).toBeGreaterThan(last);
      expect(pending.map(({ event }) => Number(event.seq))).toEqual(owedAt(lastSeq, pending.length));
      last = lastSeq;
      if (readdirSync(directory).includes('journal.new')) rewritten++;
    }
    if (leastGrowth === 1)
      process.stdout.write(`${rewritten} of 60 were killed while they wrote a new journal\n`);
  }, 60_000);
}

/** The twenty newest, and the one before them where it ended between two lines of one flush. */
function owedAt(lastSeq: number, length: number): number[] {
  expect([Math.min(20, lastSeq), Math.min(21, lastSeq)]).toContain(length);
  return Array.from({ length }, (_, i) => lastSeq - length + 1 + i);
}
