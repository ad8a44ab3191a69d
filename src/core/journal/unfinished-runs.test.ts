import { expect, test } from 'bun:test';
import { sampleEvent } from '../../testing/sample-state.ts';
import type { HookDirectory } from '../model/event-table.ts';
import { millis, seq } from '../model/ids.ts';
import type { JournaledEvent } from './entries.ts';
import { orphanTimeout } from './orphan.ts';
import { findUnfinishedRuns as findWithSearch } from './unfinished-runs.ts';

const kept = (n: number, scripts: JournaledEvent['scripts'] = {}): JournaledEvent => ({
  event: sampleEvent({ seq: seq(n) }),
  scripts,
});

/** No process is found running. */
const findUnfinishedRuns = (kept: Parameters<typeof findWithSearch>[0]): ReturnType<typeof findWithSearch> =>
  findWithSearch(kept, () => undefined);

test('a script that started does not run again; one that perhaps started does', () => {
  const scripts = {
    '/d/10-ended': { progress: 'finished' },
    '/d/20-runs': { progress: 'started', pid: 42, startTime: 4711 },
    '/d/30-perhaps': { progress: 'starting' },
  } as const;
  const { pending, orphans, uncertain } = findUnfinishedRuns({ pending: [kept(1, scripts)] });
  expect(pending[0]?.resume).toEqual({
    done: new Set(['/d/10-ended', '/d/20-runs']),
    uncertain: new Set(['/d/30-perhaps']),
    orphan: { path: '/d/20-runs', process: { pid: 42, startTime: 4711 } },
  });
  expect(orphans.map(({ event, orphan }) => [event.seq, orphan.process?.pid])).toEqual([[seq(1), 42]]);
  expect(uncertain.map(({ event, path }) => [event.seq, path])).toEqual([[seq(1), '/d/30-perhaps']]);
});

test('a script that is found running has started', () => {
  const scripts = {
    '/d/10-ended': { progress: 'finished' },
    '/d/20-perhaps': { progress: 'starting' },
  } as const;
  const seen: string[] = [];
  const { pending, orphans, uncertain } = findWithSearch({ pending: [kept(1, scripts)] }, (event, path) => {
    seen.push(`${event.seq} ${path}`);
    return { pid: 42, startTime: 4711 };
  });
  expect(seen).toEqual(['1 /d/20-perhaps']);
  expect(pending[0]?.resume).toEqual({
    done: new Set(['/d/10-ended', '/d/20-perhaps']),
    uncertain: new Set(),
    orphan: { path: '/d/20-perhaps', process: { pid: 42, startTime: 4711 } },
  });
  expect([orphans.length, uncertain.length]).toEqual([1, 0]);
});

test('a script that recorded its own start has started, whether it is found running or not', () => {
  const scripts = { '/d/10-launched': { progress: 'launched' } } as const;
  const [unseen] = findUnfinishedRuns({ pending: [kept(1, scripts)] }).pending;
  const done = new Set(['/d/10-launched']);
  expect(unseen?.resume).toEqual({ done, uncertain: new Set(), orphan: { path: '/d/10-launched' } });
  const process = { pid: 42, startTime: 4711 };
  const [seen] = findWithSearch({ pending: [kept(1, scripts)] }, () => process).pending;
  expect(seen?.resume.orphan).toEqual({ path: '/d/10-launched', process });
});

test('pending events are sorted by number', () => {
  const { pending } = findUnfinishedRuns({ pending: [kept(3), kept(1), kept(2)] });
  expect(pending.map(({ event }) => Number(event.seq))).toEqual([1, 2, 3]);
});

test('a pending event of an unknown directory is dropped', () => {
  const forged = { event: sampleEvent({ directory: '../../tmp/x' as HookDirectory }), scripts: {} };
  expect(findUnfinishedRuns({ pending: [forged] }).pending).toEqual([]);
});

test('an orphan gets the rest of its timeout', () => {
  const rows: readonly [age: number, timeout: number, left: number][] = [
    [0, 30_000, 30_000],
    [10_000, 30_000, 20_000],
    [30_000, 30_000, 1],
    [99_000, 30_000, 1],
    [99_000, 0, 0],
  ];
  for (const [age, timeout, left] of rows) {
    expect(orphanTimeout(millis(age), millis(timeout))).toBe(millis(left));
  }
});
