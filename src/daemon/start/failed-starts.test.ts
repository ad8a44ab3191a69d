import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailedStarts } from './failed-starts.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-starts-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('starts on the same journal', () => {
  test('are too many after two that did not come to an end', () => {
    for (const expected of [false, false, true, true]) {
      const starts = new FailedStarts(directory);
      expect(starts.areTooMany).toBe(expected);
      starts.count();
    }
  });

  test('that were killed after the journal had been read are no failures of it', () => {
    for (let i = 0; i < 5; i++) {
      const starts = new FailedStarts(directory);
      expect(starts.areTooMany).toBe(false);
      starts.count();
      starts.survived();
    }
  });

  test('are forgotten by one that succeeds', () => {
    new FailedStarts(directory).count();
    new FailedStarts(directory).count();
    const third = new FailedStarts(directory);
    third.succeeded();
    expect([new FailedStarts(directory).areTooMany, readdirSync(directory)]).toEqual([false, []]);
  });

  const rows: readonly [what: string, put: (path: string) => void][] = [
    ['rubbish', (path) => writeFileSync(path, 'zzz')],
    ['a number without an end', (path) => writeFileSync(path, '9'.repeat(100))],
    ['a link', (path) => symlinkSync('/etc/passwd', path)],
    ['a directory', (path) => void mkdirSync(path)],
  ];
  test.each(rows)('count as none where the count is %s, and are counted from then on', (_what, put) => {
    put(join(directory, 'failed-starts'));
    const first = new FailedStarts(directory);
    expect(first.areTooMany).toBe(false);
    first.count();
    new FailedStarts(directory).count();
    expect(new FailedStarts(directory).areTooMany).toBe(true);
  });
});
