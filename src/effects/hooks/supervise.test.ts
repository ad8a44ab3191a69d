import { describe, expect, test } from 'bun:test';
import { millis } from '../../core/model/ids.ts';
import { type FakeProcess, type FakeProgram, FakeSpawner } from '../../testing/fake-spawner.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { type Ending, Supervision } from './supervise.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly process: FakeProcess;
  readonly supervision: Supervision;
  /** What `ending` resolved with, once it has. */
  ending(): Ending | undefined;
  advance(ms: number): Promise<void>;
}
async function scene(
  program: (program: FakeProgram) => void,
  timeout = 1000,
  killGrace = 500,
): Promise<Scene> {
  const clock = new ManualClock();
  const spawner = new FakeSpawner(() => Number(clock.now()));
  spawner.programs.set('/x', program);
  const request = {
    file: '/x',
    argv: ['/x'] as const,
    environment: {},
    cwd: '/',
    stdin: new Uint8Array(),
    outputLimit: 0,
  };
  spawner.spawn(request);
  const [process] = spawner.processes;
  if (process === undefined) throw new Error('did not start');
  const supervision = new Supervision(
    process,
    { timeout: millis(timeout), killGrace: millis(killGrace) },
    clock,
  );
  let ended: Ending | undefined;
  void supervision.ending.then((ending) => {
    ended = ending;
  });
  const flush = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  await flush();
  const advance = (ms: number): Promise<void> => {
    clock.advance(ms);
    return flush();
  };
  return { clock, process, supervision, ending: () => ended, advance };
}
const waits = (): void => undefined;
const ignoresTerm = (program: FakeProgram): void => {
  program.onSignal = () => undefined;
};

describe('Supervision', () => {
  test('sends no signal to a process that ends in time, nor to its background processes', async () => {
    const { ending, process, clock } = await scene((program) => program.exit(0));
    expect(ending()).toMatchObject({ end: { code: 0 }, killed: false });
    expect(ending()).not.toHaveProperty('cause');
    expect([process.signals, process.isReserved, clock.waiting]).toEqual([[], false, 0]);
  });

  test('sends SIGTERM at the timeout, and SIGKILL to the rest of the group after the grace period', async () => {
    const { ending, process, advance, clock } = await scene(waits);
    await advance(999);
    expect(process.signals).toEqual([]);
    await advance(1);
    expect(process.signals).toEqual([15]);
    expect(ending()).toMatchObject({ cause: 'timed-out', killed: false, end: { signal: 15 } });
    await advance(499);
    expect([process.signals, process.isReserved]).toEqual([[15], true]);
    await advance(1);
    expect([process.signals, process.isReserved, clock.waiting]).toEqual([[15, 9], false, 0]);
  });

  test('sends SIGKILL to a process that ignores SIGTERM', async () => {
    const { ending, process, advance, clock } = await scene(ignoresTerm);
    await advance(1500);
    expect(process.signals).toEqual([15, 9]);
    expect(ending()).toMatchObject({ cause: 'timed-out', killed: true, end: { signal: 9 } });
    expect([process.isReserved, clock.waiting]).toEqual([false, 0]);
  });

  test('abandons a process that survives SIGKILL', async () => {
    const { ending, process, advance, clock, supervision } = await scene(waits);
    process.signal = () => true;
    await advance(1500);
    expect(ending()).toBeUndefined();
    await advance(2000);
    expect(ending()).toEqual({ cause: 'timed-out', killed: true });
    expect(clock.waiting).toBe(0);
    await supervision.finished;
    process.exit(0);
    expect(process.isReserved).toBe(true);
    await advance(0);
    expect(process.isReserved).toBe(false);
  });

  test('never terminates a process without a timeout', async () => {
    const { clock, process } = await scene(waits, 0);
    expect(clock.waiting).toBe(0);
    process.exit(0);
  });

  test('does not report a timeout for a process that ended just before it', async () => {
    const { ending, process, supervision, advance, clock } = await scene(waits);
    await advance(900);
    process.exit(0);
    supervision.terminate('timed-out');
    await advance(0);
    expect(ending()).not.toHaveProperty('cause');
    expect([process.isReserved, clock.waiting]).toEqual([false, 0]);
  });

  test('terminates a process when the daemon stops', async () => {
    const { ending, supervision, process, advance } = await scene(ignoresTerm);
    supervision.terminate('stopped');
    expect(process.signals).toEqual([15]);
    await advance(500);
    expect(ending()).toMatchObject({ cause: 'stopped', killed: true });
  });

  test('a process that is to stop gets one SIGTERM, then SIGKILL', async () => {
    const { supervision, process, advance } = await scene(ignoresTerm);
    supervision.terminate('stopped');
    await advance(100);
    supervision.terminate('timed-out');
    expect(process.signals).toEqual([15]);
    await advance(400);
    expect(process.signals).toEqual([15, 9]);
  });

  test('kills a process at once, and later its background processes', async () => {
    const running = await scene(ignoresTerm);
    running.supervision.kill();
    await running.advance(0);
    expect(running.ending()).toMatchObject({ cause: 'stopped', killed: true });

    const late = await scene(waits);
    await late.advance(1000);
    expect(late.supervision.hasLeftovers).toBe(true);
    late.supervision.kill();
    expect([late.process.signals, late.process.isReserved, late.clock.waiting]).toEqual([[15, 9], false, 0]);
    late.supervision.kill();
    expect(late.process.signals).toEqual([15, 9]);
  });
});
