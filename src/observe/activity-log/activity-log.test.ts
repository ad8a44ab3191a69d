import { expect, test } from 'bun:test';
import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import { eventId, millis, seq, timestamp } from '../../core/model/ids.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import { sampleEvent, sampleState } from '../../testing/sample-state.ts';
import { ActivityLog } from './activity-log.ts';

const run = (outcome: HookOutcome): HookRun => ({
  eventId: eventId('e-1'),
  seq: seq(1),
  directory: 'carrier',
  source: 'kernel',
  state: 'carrier',
  script: '10-x',
  path: '/etc/netevd/carrier.d/10-x',
  startedAt: timestamp(0),
  duration: millis(1),
  outcome,
  stdout: '',
  stderr: '',
  droppedOutput: 0,
  outputStillOpen: false,
  cpu: millis(1),
  retry: false,
});

const open = (): ActivityLog =>
  new ActivityLog(new RecordingLogger(), new ManualClock(), {
    isMonitored: () => true,
    nameOf: () => 'eth0',
  });

const outcomes: readonly (readonly [outcome: HookOutcome, failed: number])[] = [
  [{ kind: 'exited', code: 0 }, 0],
  [{ kind: 'exited', code: 3 }, 1],
  [{ kind: 'signalled', signal: 'SIGSEGV' }, 1],
  [{ kind: 'timed-out', after: millis(1), killed: false, abandoned: false }, 1],
];
test.each(outcomes)(
  'a hook run with the outcome %j is counted, and counted as failed if it failed',
  (outcome, failed) => {
    const activity = open();
    activity.observe({ kind: 'hookRunEnded', seq: seq(2), at: timestamp(0), run: run(outcome) });
    expect(activity.counters).toMatchObject({ hooks: 1, failedHooks: failed });
  },
);

test('events are counted one by one, and a finding after lost messages as one resync', () => {
  const activity = open();
  const state = sampleState();
  const finding = {
    kind: 'finding',
    before: state,
    after: state,
    changes: [],
    superseded: [],
    initial: false,
  } as const;
  activity.observe({ ...finding, events: [sampleEvent(), sampleEvent({ seq: seq(2) })], resync: false });
  activity.observe({ ...finding, events: [sampleEvent({ seq: seq(3) })], resync: true });
  expect(activity.counters).toMatchObject({ events: 3, resyncs: 1 });
});
