import { beforeEach, describe, expect, test } from 'bun:test';
import { encodeRequest } from '../core/hooks/encode-delegation.ts';
import { hookInput } from '../core/hooks/environment.ts';
import { eventId, millis, seq } from '../core/model/ids.ts';
import { FakeSpawner } from '../testing/fake-spawner.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { sampleEvent, sampleState } from '../testing/sample-state.ts';
import { AcceptedRuns } from './accepted-runs.ts';
import { HookExecutor } from './executor.ts';
import type { Judgement } from './judge.ts';
import { systemctl, systemdRun } from './unit.ts';

const epoch = '0197f3a0-1111-7222-8333-944444444444';
function request(number = 7, name = '10-x'): string {
  const event = sampleEvent({ id: eventId(`${epoch}/${number}`), seq: seq(number) });
  const input = hookInput({ event, state: sampleState() }, { home: '/', user: 'x', emitJson: true });
  if (!input.ok) throw new Error(input.problem);
  return encodeRequest({ directory: 'routable', name, event: input.event });
}

const privileges = {
  user: undefined,
  capabilities: [],
  writable: [],
  timeout: undefined,
  sandbox: 'strict',
} as const;
const granted: Judgement = {
  kind: 'granted',
  path: '/etc/netevd/routable.d/10-x',
  privileges,
  user: { name: 'netevd', uid: 990, gid: 990, groups: [], home: '/home/hook' },
};
const settings = {
  timeout: millis(1000),
  killGrace: millis(100),
  outputLimit: 1000,
  context: { emitJson: true },
};

let spawner: FakeSpawner;
let clock: ManualClock;
let accepted: AcceptedRuns;
let judgement: Judgement;
let isWritable: boolean;
const build = (): HookExecutor =>
  new HookExecutor(
    {
      spawner,
      clock,
      log: new RecordingLogger(),
      accepted: {
        look: (key) => accepted.look(key),
        note: (key) => {
          if (isWritable) accepted.add(key);
          return isWritable;
        },
      },
      judge: () => judgement,
    },
    settings,
  );
const runs = (): number => spawner.processes.filter(({ request: { file } }) => file === systemdRun).length;

beforeEach(() => {
  spawner = new FakeSpawner();
  clock = new ManualClock();
  accepted = new AcceptedRuns();
  judgement = granted;
  isWritable = true;
  spawner.programs.set(systemdRun, (program) => {
    program.write('hello\n');
    program.exit(0);
  });
});

describe('HookExecutor', () => {
  test('runs a hook, and reports outcome and output', async () => {
    const { accepted, report } = build().request(request());
    expect(accepted.limit).toBeGreaterThan(1100);
    expect(await report).toMatchObject({ outcome: { kind: 'exited', code: 0 }, stdout: 'hello\n' });
  });

  test('gives the environment of the event, with home and user of the one that it runs as', async () => {
    await build().request(request()).report;
    const { environment } = spawner.processes[0]?.request ?? { environment: {} };
    expect(environment).toMatchObject({ LINK: 'eth0', HOME: '/home/hook', USER: 'netevd' });
    expect(environment).not.toHaveProperty('NETEVD_RETRY');
  });

  test('a repeated request runs nothing, and has the first report', async () => {
    const executor = build();
    const first = executor.request(request());
    const second = executor.request(request());
    expect(await second.report).toEqual(await first.report);
    expect(await executor.request(request()).report).toEqual(await first.report);
    expect(runs()).toBe(1);
  });

  test('a repeated request at a new runner runs nothing, and waits for the end of the unit', async () => {
    await build().request(request()).report;
    const states = ['active', 'active', 'inactive'];
    spawner.programs.set(systemctl, (program) => {
      program.write(`LoadState=loaded\nActiveState=${states.shift()}\n`);
      program.exit(0);
    });
    const { report } = build().request(request());
    let isOver = false;
    void report.then(() => {
      isOver = true;
    });
    for (let i = 0; i < 100 && !isOver; i++) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await report).toMatchObject({ outcome: { kind: 'unseen' } });
    expect([runs(), states]).toEqual([1, []]);
  });

  test('what cannot be noted does not run', async () => {
    isWritable = false;
    expect(await build().request(request()).report).toMatchObject({
      outcome: { kind: 'refused', code: 'runner' },
    });
    expect(runs()).toBe(0);
  });

  test('what is refused does not run, and may run once it is allowed', async () => {
    const executor = build();
    judgement = {
      kind: 'refused',
      outcome: { kind: 'refused', code: 'privileges', reason: 'x', remedy: 'y' },
    };
    expect(await executor.request(request()).report).toMatchObject({ outcome: { code: 'privileges' } });
    expect(runs()).toBe(0);
    judgement = granted;
    expect(await executor.request(request()).report).toMatchObject({ outcome: { kind: 'exited' } });
  });

  test('what is no request does not run', async () => {
    expect(await build().request('{}').report).toMatchObject({
      outcome: { kind: 'refused', code: 'runner' },
    });
    expect(runs()).toBe(0);
  });

  test('a hook that fails has its own outcome, and its unit is taken away', async () => {
    spawner.programs.set(systemdRun, (program) => program.exit(3));
    const calls: (readonly string[])[] = [];
    spawner.programs.set(systemctl, (program) => {
      calls.push(program.request.argv);
      program.write(
        'LoadState=loaded\nActiveState=failed\nResult=exit-code\nExecMainPID=9\nExecMainCode=1\nExecMainStatus=3\n',
      );
      program.exit(0);
    });
    expect(await build().request(request()).report).toMatchObject({ outcome: { kind: 'exited', code: 3 } });
    expect(calls.map((argv) => argv.find((word) => !word.startsWith('-') && word !== systemctl))).toEqual([
      'show',
      'reset-failed',
    ]);
  });

  test('does not run more hooks beside each other than its limit, whoever asks', async () => {
    spawner.programs.set(systemdRun, () => undefined);
    const executor = build();
    for (let number = 1; number <= 64; number++) executor.request(request(number));
    expect(await executor.request(request(65)).report).toMatchObject({ outcome: { code: 'runner' } });
    await Promise.resolve();
    expect([runs(), executor.running]).toEqual([64, 64]);
  });

  test('forgets old reports, and still runs nothing twice', async () => {
    const executor = build();
    for (let number = 1; number <= 100; number++) await executor.request(request(number)).report;
    spawner.programs.set(systemctl, (program) => {
      program.write('LoadState=not-found\nActiveState=inactive\n');
      program.exit(0);
    });
    expect(await executor.request(request(1)).report).toMatchObject({ outcome: { kind: 'unseen' } });
    expect([runs(), executor.running]).toEqual([100, 0]);
  });
});
