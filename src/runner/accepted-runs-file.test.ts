import { afterEach, beforeEach, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxEntries, type RunKey } from './accepted-runs.ts';
import { AcceptedRunsFile } from './accepted-runs-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-accepted-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const key = (seq: number): RunKey => ({
  eventId: `0197f3a0-1111-7222-8333-944444444444/${seq}`,
  directory: 'routable',
  name: '10-x',
});
const file = (): string => join(directory, 'accepted');

test('what one runner noted, the next one knows, also where the first was killed', () => {
  const first = new AcceptedRunsFile(directory);
  expect([first.note(key(1)), first.look(key(1)), first.look(key(2))]).toEqual([true, 'known', 'new']);
  using second = new AcceptedRunsFile(directory);
  expect([second.look(key(1)), second.look(key(2))]).toEqual(['known', 'new']);
  first[Symbol.dispose]();
});

test('the file is of its owner alone', () => {
  using accepted = new AcceptedRunsFile(directory);
  accepted.note(key(1));
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('a file that cannot be read lets nothing run', () => {
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  expect(() => new AcceptedRunsFile(directory)).toThrow('ENOTDIR');
});

test('what cannot be written is not noted', () => {
  const accepted = new AcceptedRunsFile(directory);
  accepted[Symbol.dispose]();
  expect([accepted.note(key(1)), accepted.look(key(1))]).toEqual([false, 'new']);
});

test('what is noted behind a line of which a full disk took a part is known to the next runner', () => {
  using first = new AcceptedRunsFile(directory);
  appendFileSync(file(), '0197f3a0-1111-7222-8333-944444444444 1 rou');
  expect(first.note(key(2))).toBe(true);
  using second = new AcceptedRunsFile(directory);
  expect(second.look(key(2))).toBe('known');
});

test('the file stays small where the runner is never idle', () => {
  using accepted = new AcceptedRunsFile(directory);
  for (let seq = 1; seq <= 2 * maxEntries + 10; seq++) accepted.note(key(seq));
  expect(readFileSync(file(), 'utf8').split('\n').length).toBeLessThan(2 * maxEntries);
  using next = new AcceptedRunsFile(directory);
  expect([next.look(key(1)), next.look(key(2 * maxEntries + 10))]).toEqual(['too-old', 'known']);
});
