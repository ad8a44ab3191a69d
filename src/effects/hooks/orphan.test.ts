import { describe, expect, test } from 'bun:test';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import { millis } from '../../core/model/ids.ts';
import type { RunningProcess } from '../../ports/running-processes.ts';
import { type FakeProcess, type FakeProgram, FakeSpawner } from '../../testing/fake-spawner.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { sampleEvent } from '../../testing/sample-state.ts';
import { awaitOrphan } from './orphan.ts';

const event = sampleEvent();
const orphan = { path: '/etc/netevd/routable.d/10-x', process: { pid: 42, startTime: 4711 } };

interface Scene {
  readonly clock: ManualClock;
  readonly process: FakeProcess;
  run(): HookRun | undefined;
  pass(ms: number): Promise<void>;
}

/** A script that has run for `age` when it is found. */
async function scene(program: (program: FakeProgram) => void, age: number, timeout = 1000): Promise<Scene> {
  const clock = new ManualClock();
  const spawner = new FakeSpawner(() => Number(clock.now()));
  spawner.programs.set('/x', program);
  const empty = { environment: {}, cwd: '/', stdin: new Uint8Array(), outputLimit: 0 };
  spawner.spawn({ file: '/x', argv: ['/x'], ...empty });
  const [process] = spawner.processes;
  if (process === undefined) throw new Error('did not start');
  const running = Object.assign(process, { age: millis(age) }) as unknown as RunningProcess;
  let run: HookRun | undefined;
  const timeouts = { timeout: millis(timeout), killGrace: millis(500) };
  void awaitOrphan({ event, orphan, process: running }, timeouts, { clock, supervise: () => undefined }).then(
    (result) => {
      run = result;
    },
  );
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  await pass(0);
  return { clock, process, run: () => run, pass };
}

describe('awaitOrphan', () => {
  test('records a script that has ended as unseen', async () => {
    const clock = new ManualClock();
    const timeouts = { timeout: millis(1000), killGrace: millis(500) };
    const run = await awaitOrphan({ event, orphan, process: undefined }, timeouts, {
      clock,
      supervise: () => undefined,
    });
    expect(run).toMatchObject({
      script: '10-x',
      path: orphan.path,
      pid: 42,
      outcome: { kind: 'unseen' },
      retry: false,
    });
  });

  test('a script that an earlier run started is waited for', async () => {
    const { process, run, pass } = await scene(() => undefined, 200);
    await pass(300);
    expect(run()).toBeUndefined();
    process.exit(0);
    await pass(0);
    expect(run()).toMatchObject({ outcome: { kind: 'unseen' }, duration: millis(500) });
  });

  test('sends signals after the rest of its timeout', async () => {
    const { process, run, pass } = await scene((program) => {
      program.onSignal = () => undefined;
    }, 700);
    await pass(299);
    expect(process.signals).toEqual([]);
    await pass(1);
    expect(process.signals).toEqual([15]);
    await pass(500);
    expect(process.signals).toEqual([15, 9]);
    expect(run()?.outcome).toEqual({
      kind: 'timed-out',
      after: millis(1000),
      killed: true,
      abandoned: false,
    });
  });

  test('terminates a script at once if its timeout is over', async () => {
    const { process, run, pass } = await scene(() => undefined, 5000);
    await pass(1);
    expect(process.signals).toEqual([15]);
    expect(run()?.outcome).toMatchObject({ kind: 'timed-out', killed: false });
  });

  test('waits forever without a timeout', async () => {
    const { process, run, pass } = await scene(() => undefined, 5000, 0);
    await pass(10_000_000);
    expect([process.signals, run()]).toEqual([[], undefined]);
  });
});
