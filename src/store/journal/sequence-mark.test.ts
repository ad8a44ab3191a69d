import { afterEach, beforeEach, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epoch, seq } from '../../core/model/ids.ts';
import { readMark, SequenceMark } from './sequence-mark.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-mark-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const mark = { epoch: epoch('01a221ac-c6e2-7190-936d-462221333b92'), seq: seq(7) };

test('the newest mark is read', () => {
  using written = new SequenceMark(directory, mark);
  expect(readMark(directory)).toEqual(mark);
  written.advance(seq(12));
  expect(readMark(directory)).toEqual({ ...mark, seq: seq(12) });
  expect(readdirSync(directory)).toEqual(['last-seq']);
});

test('a new mark replaces any file with its name, and what a killed start left', () => {
  mkdirSync(join(directory, 'last-seq/inner'), { recursive: true });
  writeFileSync(join(directory, 'last-seq.new'), 'half a ma');
  using _written = new SequenceMark(directory, mark);
  expect(readMark(directory)).toEqual(mark);
  // What somebody has filled is moved aside, however much it is.
  const names = readdirSync(directory).map((name) => name.replace(/[0-9a-f-]{36}$/, 'ID'));
  expect(names.sort()).toEqual(['last-seq', 'last-seq.moved-ID']);
});

test('a mark exists at every moment while a new one replaces the old one', async () => {
  new SequenceMark(directory, mark)[Symbol.dispose]();
  const script = `
    const { SequenceMark } = require(${JSON.stringify(join(import.meta.dirname, 'sequence-mark.ts'))});
    process.stdout.write('begins');
    for (let i = 0; i < 300; i++) new SequenceMark(${JSON.stringify(directory)}, ${JSON.stringify(mark)})[Symbol.dispose]();`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const isOver = new Promise((resolve) => child.once('close', resolve)).then(() => true);
  const turn = (): Promise<false> => new Promise((resolve) => setImmediate(() => resolve(false)));
  let missing = 0;
  do {
    for (let i = 0; i < 200; i++) if (readMark(directory) === undefined) missing++;
  } while (!(await Promise.race([isOver, turn()])));
  expect([missing, child.exitCode]).toEqual([0, 0]);
});
