import { describe, expect, test } from 'bun:test';
import type { HookFile, HookRunSummary, HooksAnswer } from '../../client/types.ts';
import { sampleEvent, sampleRun, sampleRunRecord } from '../../testing/api-samples.ts';
import { countRunnable, foldRuns, hasFailed, MAX_RUNS, refusedHooks, runName, runText } from './hooks.ts';

test('a run that has ended stands first, once', () => {
  const runs = foldRuns([sampleRun(1)], sampleRunRecord(2));
  expect(runs.map(({ id }) => id)).toEqual(['e/2', 'e/1']);
  expect(foldRuns(runs, sampleRunRecord(2))).toBe(runs);
  expect(foldRuns(runs, sampleEvent(3))).toBe(runs);
});

test('so many runs are kept', () => {
  let runs: readonly HookRunSummary[] = [];
  for (let seq = 0; seq < MAX_RUNS + 5; seq++) runs = foldRuns(runs, sampleRunRecord(seq));
  expect(runs).toHaveLength(MAX_RUNS);
});

const endings: readonly (readonly [Partial<HookRunSummary>, string, boolean])[] = [
  [{}, '34 ms', false],
  [{ result: 'failed', exit_code: 3, duration_ms: 2304 }, 'exit 3, 2.3 s', true],
  [{ result: 'failed', exit_code: null, signal: 'SIGSEGV' }, 'SIGSEGV, 34 ms', true],
  [{ result: 'timeout', duration_ms: 30_000 }, 'timed out after 30 s', true],
  [{ result: 'refused' }, 'refused', true],
  [{ result: 'not_started' }, 'did not start', true],
  [{ result: 'stopped' }, 'ended with the daemon, 34 ms', false],
  [{ result: 'unknown' }, 'outcome unknown', true],
];
for (const [change, text, failed] of endings) {
  test(`a run that ended with ${change.result ?? 'ok'} reads: ${text}`, () => {
    expect(runText(sampleRun(1, change))).toBe(text);
    expect(hasFailed(sampleRun(1, change))).toBe(failed);
  });
}

test('a run has the name of its file, or of its directory if that was refused', () => {
  expect(runName({ directory: 'routable', script: '10-log' })).toBe('routable.d/10-log');
  expect(runName({ directory: 'routable', script: '' })).toBe('routable.d');
});

describe('files that do not run', () => {
  const file = (name: string, more: Partial<HookFile> = {}): HookFile => ({
    name,
    path: `/h/${name}`,
    verdict: 'runs',
    code: null,
    reason: null,
    remedy: null,
    hint: null,
    filtered_by: [],
    last_run: null,
    ...more,
  });
  const answer = (files: readonly HookFile[], more: Partial<HooksAnswer> = {}): HooksAnswer => ({
    directory: '/h',
    user: 'netevd',
    directories: [
      {
        event: 'routable',
        path: '/h',
        when: '',
        sources: [],
        state: 'ok',
        reason: null,
        remedy: null,
        files,
      },
    ],
    unknown_directories: [],
    running: [],
    queued: 0,
    ...more,
  });
  const names = (hooks: HooksAnswer): readonly string[] => refusedHooks(hooks).map(({ name }) => name);

  test('are those that the operator meant to run', () => {
    const hooks = answer([
      file('a'),
      file('b', { verdict: 'refused', reason: 'r', remedy: 'chmod go-w b' }),
      file('c', { verdict: 'skipped', code: 'not-executable', reason: 'r' }),
      file('d', { verdict: 'skipped', code: 'leftover', reason: 'r' }),
      file('e', { verdict: 'masked', reason: 'r' }),
      file('f', { hint: 'no interpreter' }),
    ]);
    expect(names(hooks)).toEqual(['routable.d/b', 'routable.d/c', 'routable.d/f']);
    expect(refusedHooks(hooks)[0]?.remedy).toBe('chmod go-w b');
    expect(countRunnable(hooks)).toBe(2);
  });

  test('are all of a directory that is refused, as one', () => {
    const [directory] = answer([file('a')]).directories;
    if (directory === undefined) throw new Error('no directory');
    const refused = { ...directory, state: 'refused', reason: 'r', remedy: 'm' } as const;
    expect(names(answer([], { directories: [refused] }))).toEqual(['routable.d']);
  });

  test('are also those of a directory whose name is misspelled', () => {
    const unknownDirectories = [{ name: 'routeable.d', meant: 'routable' }];
    expect(names(answer([], { unknown_directories: unknownDirectories }))).toEqual(['routeable.d']);
  });
});
