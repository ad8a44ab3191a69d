import { describe, expect, test } from 'bun:test';
import type { HookOutcome, HookRun } from '../hooks/hook-run.ts';
import { eventId, generation, ifIndex, millis, seq, timestamp } from '../model/ids.ts';
import { hookRunDetails, hookRunSummary } from './hook-run-view.ts';

const run = (outcome: HookOutcome): HookRun => ({
  eventId: eventId('e/1'),
  seq: seq(1),
  directory: 'carrier',
  link: { index: ifIndex(2), generation: generation(0), name: 'eth0' },
  source: 'kernel',
  state: 'carrier',
  script: '10-a',
  path: '/etc/netevd/carrier.d/10-a',
  startedAt: timestamp(1_790_000_000_000),
  duration: millis(12.345),
  outcome,
  stdout: 'out',
  stderr: 'err',
  droppedOutput: 4,
  outputStillOpen: true,
  cpu: millis(1.26),
  pid: 4711,
  retry: true,
});

const rows: [outcome: HookOutcome, fields: object][] = [
  [
    { kind: 'exited', code: 0 },
    { result: 'ok', exit_code: 0, signal: null },
  ],
  [
    { kind: 'exited', code: 1 },
    { result: 'failed', exit_code: 1, signal: null },
  ],
  [
    { kind: 'signalled', signal: 'SIGSEGV' },
    { result: 'failed', exit_code: null, signal: 'SIGSEGV' },
  ],
  [
    { kind: 'timed-out', after: millis(5), killed: true, abandoned: false },
    { result: 'timeout', exit_code: null },
  ],
  [{ kind: 'unseen' }, { result: 'unknown' }],
  [{ kind: 'stopped', abandoned: false }, { result: 'stopped' }],
  [
    { kind: 'refused', code: 'invalid-link-name', reason: 'why', remedy: 'what to do' },
    { result: 'refused', reason: 'why', remedy: 'what to do' },
  ],
  [
    { kind: 'not-started', code: 'ENOEXEC', reason: 'why' },
    { result: 'not_started', reason: 'why', remedy: null },
  ],
];

describe('the result of a hook', () => {
  for (const [outcome, fields] of rows) {
    test(`that ended as ${JSON.stringify(outcome)}`, () => {
      expect(hookRunSummary(run(outcome), eventId('e/2'))).toMatchObject(fields);
    });
  }
});

test('the summary has no output, the details have all of it', () => {
  const outcome: HookOutcome = { kind: 'exited', code: 0 };
  const summary = hookRunSummary(run(outcome), eventId('e/2'));
  expect(summary).toMatchObject({ id: 'e/2', caused_by: 'e/1', duration_ms: 12.3, cpu_ms: 1.3, retry: true });
  expect(Object.keys(summary)).not.toContain('stdout');
  expect(hookRunDetails(run(outcome), eventId('e/2'))).toMatchObject({
    ...summary,
    stdout: 'out',
    stderr: 'err',
    dropped_output: 4,
    output_held: true,
    pid: 4711,
  });
});
