/** Hooks as operators write them, run by the real runner on the real kernel, as this user. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCondition } from '../src/core/filters/condition-parser.ts';
import { compileFilters, type FilterRule } from '../src/core/filters/decide.ts';
import type { DelegatedHook } from '../src/core/hooks/delegation.ts';
import type { HookRun } from '../src/core/hooks/hook-run.ts';
import type { NetworkEvent } from '../src/core/model/event.ts';
import type { HookDirectory } from '../src/core/model/event-table.ts';
import { type Millis, millis, seq, timestamp } from '../src/core/model/ids.ts';
import { mapOf } from '../src/core/model/persistent-map.ts';
import type { State } from '../src/core/model/state.ts';
import type { HookJob } from '../src/effects/hooks/hook-job.ts';
import { HookRunner, type HookRunnerSettings } from '../src/effects/hooks/hook-runner.ts';
import { SystemClock } from '../src/platform/clock.ts';
import { loadNative } from '../src/platform/native.ts';
import { NativeProcessSpawner } from '../src/platform/process-spawner.ts';
import { ProcRunningProcesses } from '../src/platform/running-processes.ts';
import { hookTrust, ownIdentity } from '../src/platform/trust/trusted-owners.ts';
import type { DelegateResult, HookDelegate } from '../src/ports/hook-delegate.ts';
import type { HookRunJournal, HookRunKey } from '../src/ports/hook-run-journal.ts';
import type { ProcessSpawner } from '../src/ports/process-spawner.ts';
import { openDescriptors, zombies } from '../src/testing/own-resources.ts';
import {
  ip,
  sampleAddress,
  sampleEvent,
  sampleKernelLink,
  sampleState,
  sampleStatistics,
} from '../src/testing/sample-state.ts';
import { waitUntil } from '../src/testing/wait-until.ts';

let base = '';
/** Where scripts leave their marks. */
const mark = (name: string): string => join(base, name);
const marks = (name: string): string => (existsSync(mark(name)) ? readFileSync(mark(name), 'utf8') : '');

function put(name: string, body: string, directory: HookDirectory = 'routable', mode = 0o755): string {
  mkdirSync(join(base, `${directory}.d`), { recursive: true, mode: 0o755 });
  const path = join(base, `${directory}.d`, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, mode);
  return path;
}

/** A journal that records its calls. */
class NotedLedger implements HookRunJournal {
  readonly notes: string[] = [];
  onStarting: (entry: HookRunKey) => void = () => undefined;
  starting(entry: HookRunKey): void {
    this.note('starting', entry);
    this.onStarting(entry);
  }
  started(entry: HookRunKey, { pid, startTime }: { readonly pid: number; readonly startTime: number }): void {
    this.note(pid > 0 && startTime > 0 ? 'started' : 'started?', entry);
  }
  withdrawn(entry: HookRunKey): void {
    this.note('withdrawn', entry);
  }
  finished(entry: HookRunKey, run: HookRun): void {
    this.note(`finished ${run.outcome.kind}`, entry);
  }
  private note(what: string, { path }: HookRunKey): void {
    this.notes.push(`${what} ${path.slice(path.lastIndexOf('/') + 1)}`);
  }
}

/** The machine's clock, on which no time-out comes before `isReady`: a script must have begun to be told to end. */
class PatientClock extends SystemClock {
  isReady: () => boolean = () => true;

  override schedule(delay: Millis, run: () => void): Disposable {
    const attempt = (): void => {
      if (this.isReady()) run();
      else timer = super.schedule(millis(1), attempt);
    };
    let timer = super.schedule(delay, attempt);
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }
}

let journal = new NotedLedger();
let clock = new PatientClock();
let runner: HookRunner;
const settings = (over: Partial<HookRunnerSettings> = {}): HookRunnerSettings => ({
  directory: base,
  timeout: millis(20_000),
  killGrace: millis(5000),
  outputLimit: 64 * 1024,
  trust: hookTrust(ownIdentity()),
  context: { home: '/', user: 'netevd', emitJson: true },
  filters: [],
  ...over,
});
const run = (
  event: Partial<NetworkEvent> = {},
  state: State = sampleState(),
  job: Partial<HookJob> = {},
): ReturnType<HookRunner['run']> =>
  runner.run({ subject: { event: sampleEvent(event), state }, onRun: () => undefined, ...job });
/** `10-x exited 3` of each. */
const brief = ({ runs }: { readonly runs: readonly HookRun[] }): string[] =>
  runs.map(({ script, outcome }) => {
    const detail =
      outcome.kind === 'exited' || outcome.kind === 'refused' || outcome.kind === 'not-started'
        ? outcome.code
        : '';
    return `${script} ${outcome.kind} ${detail}`.trim();
  });
const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
};
const first = ({ runs }: { readonly runs: readonly HookRun[] }): HookRun => {
  const [one] = runs;
  if (one === undefined) throw new Error('nothing ran');
  return one;
};

/** Stands for the runner of privileged hooks. */
class FakeDelegate implements HookDelegate {
  readonly asked: DelegatedHook[] = [];
  answer: (abort: AbortSignal) => Promise<DelegateResult> = async () => ({
    kind: 'unreachable',
    code: 'ENOENT',
  });
  async run(hook: DelegatedHook, abort: AbortSignal): Promise<DelegateResult> {
    this.asked.push(hook);
    return await this.answer(abort);
  }
}
let delegate: FakeDelegate;
/** Root grants privileges to a hook. */
function grant(name: string): void {
  mkdirSync(join(base, 'privileges.d/routable.d'), { recursive: true });
  writeFileSync(join(base, `privileges.d/routable.d/${name}.yaml`), 'user: root\n');
}

beforeEach(() => {
  delegate = new FakeDelegate();
  base = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-run-')));
  journal = new NotedLedger();
  const spawner = new NativeProcessSpawner(loadNative());
  clock = new PatientClock();
  const parts = {
    spawner,
    clock,
    journal,
    processes: new ProcRunningProcesses(clock),
    delegate,
    statistics: () => ({ ...sampleStatistics, rxPackets: 77 }),
    shortageListener: { onShortage: () => undefined, onShortageOver: () => undefined },
  };
  runner = new HookRunner(parts, settings());
});
afterEach(async () => {
  await runner.stop(millis(0));
  rmSync(base, { recursive: true, force: true });
  expect(zombies()).toEqual([]);
});

describe('the scripts of one event', () => {
  test('run in byte order, one after the other, and each is reported when it ends', async () => {
    for (const name of ['20-b', '10-a', '9-z', 'B', 'a'])
      put(name, `echo "${name} in" >>${mark('log')}; echo "${name} out" >>${mark('log')}`);
    const told: string[] = [];
    const report = await run({}, sampleState(), { onRun: ({ script }) => told.push(script) });
    const order = ['10-a', '20-b', '9-z', 'B', 'a'];
    expect(brief(report)).toEqual(order.map((name) => `${name} exited 0`));
    expect(told).toEqual(order);
    expect(marks('log')).toBe(order.map((name) => `${name} in\n${name} out\n`).join(''));
  });

  test('do not mind what became of those before them', async () => {
    put('10-fails', 'echo "no route" >&2; exit 3');
    put('20-crashes', 'kill -SEGV $$');
    put('30-has-no-interpreter', '');
    writeFileSync(join(base, 'routable.d/30-has-no-interpreter'), '#!/nonexistent/interpreter\n');
    put('40-is-no-program', '');
    writeFileSync(join(base, 'routable.d/40-is-no-program'), 'echo hello\n');
    put('50-is-refused', 'true', 'routable', 0o775);
    put('60-runs', 'true');
    const report = await run();
    expect(brief(report)).toEqual([
      '10-fails exited 3',
      '20-crashes signalled',
      '30-has-no-interpreter not-started ENOENT',
      '40-is-no-program not-started ENOEXEC',
      '50-is-refused refused writable',
      '60-runs exited 0',
    ]);
    expect(first(report).stderr).toBe('no route\n');
    expect(report.runs[1]?.outcome).toEqual({ kind: 'signalled', signal: 'SIGSEGV' });
  });

  test('get the environment, the event on their stdin, no argument and the root as their directory', async () => {
    put(
      '10-x',
      `env -0 >${mark('env')}; cat >${mark('json')}; echo "$0 $#"; pwd; umask; cat /proc/self/status | grep -E 'Sig(Ign|Blk)'`,
    );
    const { stdout } = first(await run());
    const env = Object.fromEntries(
      marks('env')
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(env).toMatchObject({
      LINK: 'eth0',
      LINKINDEX: '2',
      STATE: 'routable',
      ADDRESSES: '192.168.1.100',
      USER: 'netevd',
    });
    expect(env['JSON']).toBe(marks('json'));
    expect(JSON.parse(marks('json')).Statistics.RxPackets).toBe(77);
    for (const name of ['SHELL', 'LD_LIBRARY_PATH', 'BASH_ENV', 'NODE_ENV', 'TERM'])
      expect(env).not.toHaveProperty(name);
    expect(stdout.split('\n').slice(0, 3)).toEqual([`${join(base, 'routable.d/10-x')} 0`, '/', '0022']);
    expect(stdout).toContain('SigBlk:\t0000000000000000');
    expect(stdout).toContain('SigIgn:\t0000000000000000');
  });

  test('are given counters that came with the event, where it came with some', async () => {
    put('10-x', `cat >${mark('json')}`, 'no-carrier');
    await run({ directory: 'no-carrier' });
    expect(JSON.parse(marks('json')).Statistics.RxPackets).toBe(Number(sampleStatistics.rxPackets));
  });

  test('inherit no open file of ours', async () => {
    const secret = Bun.file(mark('secret'));
    await Bun.write(secret, 'x');
    const { openSync, closeSync } = await import('node:fs');
    const fd = openSync(mark('secret'), 'r');
    put('10-x', 'ls -l /proc/$$/fd | grep -c secret');
    const { stdout } = first(await run());
    closeSync(fd);
    expect(stdout).toBe('0\n');
  });

  test('may read stdin never, once, or again and again', async () => {
    put('10-never', 'true');
    put('20-twice', 'cat /dev/stdin | wc -c; cat /dev/stdin | wc -c');
    const report = await run();
    expect(brief(report)).toEqual(['10-never exited 0', '20-twice exited 0']);
    const [once, again] = (report.runs[1]?.stdout ?? '').split('\n');
    expect(once).toBe(again as string);
    expect(Number(once)).toBeGreaterThan(100);
  });

  test('may write to /dev/stderr and /dev/stdout', async () => {
    put('10-x', 'echo to-err >/dev/stderr; echo to-out >/dev/stdout; echo more >>/dev/stderr');
    const { stdout, stderr } = first(await run());
    expect([stdout, stderr]).toEqual(['to-out\n', 'to-err\nmore\n']);
  });

  test('there are none: nothing happens, and nothing is noted', async () => {
    expect(await run()).toEqual({ runs: [], logged: [], rejected: [], interrupted: false });
    put('README', 'text', 'routable', 0o644);
    put('x~', 'exit 1');
    symlinkSync('/dev/null', join(base, 'routable.d/90-masked'));
    expect(brief(await run())).toEqual([]);
    expect(journal.notes).toEqual([]);
    expect(runner.hasHooks('carrier')).toBe(false);
    expect(runner.hasHooks('routable')).toBe(true);
  });

  test('are looked for once in a step, also for events that have none', async () => {
    expect([runner.hasHooks('routable'), runner.hasHooks('carrier')]).toEqual([false, false]);
    put('10-x', 'true');
    expect([runner.hasHooks('routable'), (await run()).runs.length]).toEqual([false, 0]);
    runner.forgetListings();
    expect([runner.hasHooks('routable'), (await run()).runs.length]).toEqual([true, 1]);
  });

  test('of different events run beside each other', async () => {
    put('10-a', `echo >${mark('a')}; until [ -e ${mark('b')} ]; do sleep 0.01; done`);
    put('10-b', `until [ -e ${mark('a')} ]; do sleep 0.01; done; echo >${mark('b')}`, 'carrier');
    const reports = await Promise.all([run(), run({ directory: 'carrier' })]);
    expect(reports.flatMap(brief)).toEqual(['10-a exited 0', '10-b exited 0']);
  });
});

describe('a script that does not end', () => {
  test('is terminated with all its children', async () => {
    runner.configure(settings({ timeout: millis(300) }));
    put('10-hangs', `sleep 600 & echo $! >${mark('child')}; (sleep 600; true) & wait`);
    clock.isReady = () => marks('child') !== '';
    put('20-next', 'true');
    const report = await run();
    expect(brief(report)).toEqual(['10-hangs timed-out', '20-next exited 0']);
    expect(first(report).outcome).toEqual({
      kind: 'timed-out',
      after: millis(300),
      killed: false,
      abandoned: false,
    });
    await waitUntil('the child is gone', () => !isAlive(Number(marks('child'))));
  });

  test('and does not listen is killed', async () => {
    runner.configure(settings({ timeout: millis(200), killGrace: millis(100) }));
    put('10-deaf', `trap '' TERM; echo >${mark('deaf')}; while :; do sleep 0.02; done`);
    clock.isReady = () => marks('deaf') !== '';
    expect(first(await run()).outcome).toMatchObject({ kind: 'timed-out', killed: true, abandoned: false });
  });

  test('takes its deaf grandchildren with it, when the grace is over', async () => {
    runner.configure(settings({ timeout: millis(300), killGrace: millis(200) }));
    put('10-x', `sh -c 'trap "" TERM; echo $$ >${mark('child')}; while :; do sleep 0.02; done' & wait`);
    clock.isReady = () => marks('child') !== '';
    const report = await run();
    expect(brief(report)).toEqual(['10-x timed-out']);
    await waitUntil(
      'the grandchild is killed',
      () => marks('child') !== '' && !isAlive(Number(marks('child'))),
    );
    await waitUntil('nothing is supervised any more', () => runner.running === 0);
  });

  test('keeps what it had written', async () => {
    runner.configure(settings({ timeout: millis(300) }));
    put('10-x', `echo before; echo >${mark('written')}; sleep 600`);
    clock.isReady = () => marks('written') !== '';
    expect(first(await run()).stdout).toBe('before\n');
  });
});

describe('a script that leaves something behind', () => {
  test('has ended when its process has, even if another process has its output open', async () => {
    put('10-x', `sleep 600 & echo $! >${mark('child')}; echo done`);
    const { outcome, stdout, outputStillOpen } = first(await run());
    expect([outcome, stdout, outputStillOpen]).toEqual([{ kind: 'exited', code: 0 }, 'done\n', true]);
    expect(isAlive(Number(marks('child')))).toBe(true);
    process.kill(Number(marks('child')), 'SIGKILL');
  });

  test('leaves no descriptor open here', async () => {
    put('10-x', 'true');
    await run();
    const before = openDescriptors().filter(
      (target) => target.startsWith('pipe:') || target.includes('memfd'),
    ).length;
    for (let i = 0; i < 20; i++) await run();
    const after = openDescriptors().filter(
      (target) => target.startsWith('pipe:') || target.includes('memfd'),
    ).length;
    expect(after).toBeLessThanOrEqual(before);
  });
});

describe('output', () => {
  test('beyond the limit is counted and dropped, and blocks no one', async () => {
    runner.configure(settings({ outputLimit: 1000 }));
    put('10-floods', 'head -c 5000000 /dev/zero | tr "\\0" x');
    const { stdout, droppedOutput, outcome } = first(await run());
    expect([stdout, droppedOutput, outcome]).toEqual([
      'x'.repeat(1000),
      4_999_000,
      { kind: 'exited', code: 0 },
    ]);
  });

  test('that is no UTF-8 can be shown all the same', async () => {
    put('10-x', "printf 'a\\377b'");
    expect(first(await run()).stdout).toBe('a\ufffdb');
  });
});

describe('what is too large for an environment', () => {
  test('starts all the same, and stdin has everything', async () => {
    const addresses = Array.from({ length: 20_000 }, (_, i) =>
      sampleAddress(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`),
    );
    const state = sampleState({
      kernelLinks: [sampleKernelLink({ addresses: mapOf(addresses.map((one) => [one.address, one])) })],
    });
    put('10-x', `printf %s "$JSON" >${mark('json')}; cat >${mark('stdin')}`);
    const changedAddresses = addresses.map((one) => one.address);
    expect(brief(await run({ directory: 'routable', changedAddresses }, state))).toEqual(['10-x exited 0']);
    expect(JSON.parse(marks('json')).truncated).toBe(true);
    expect(JSON.parse(marks('stdin')).Address.length).toBe(20_000);
  });
});

describe('what is not trusted', () => {
  test('a file replaced between the check and the start does not run', async () => {
    const path = put('10-x', `echo ran >>${mark('log')}`);
    put('evil', `echo evil >>${mark('log')}`, 'carrier', 0o777);
    journal.onStarting = () => renameSync(join(base, 'carrier.d/evil'), path);
    expect(brief(await run())).toEqual(['10-x refused writable']);
    expect(marks('log')).toBe('');
    expect(journal.notes).toEqual(['starting 10-x', 'finished refused 10-x']);
  });

  test('a directory opened between the check and the start refuses its scripts', async () => {
    put('10-x', `echo ran >>${mark('log')}`);
    journal.onStarting = () => chmodSync(join(base, 'routable.d'), 0o777);
    expect(brief(await run())).toEqual(['10-x refused path-writable']);
    expect(marks('log')).toBe('');
  });

  test('a file that lost its permission to run between the check and the start does not run', async () => {
    const path = put('10-x', `echo ran >>${mark('log')}`);
    journal.onStarting = () => chmodSync(path, 0o644);
    expect(brief(await run())).toEqual(['10-x refused unreadable']);
    expect(marks('log')).toBe('');
  });

  test('a directory that cannot be listed is reported', async () => {
    symlinkSync('routable.d', join(base, 'routable.d'));
    expect(brief(await run())).toEqual(['refused unreadable']);
  });

  test('no script runs for a link whose name cannot be shown', async () => {
    put('10-x', `echo ran >>${mark('log')}`);
    const { link } = sampleEvent();
    if (link === undefined) throw new Error('the sample has a link');
    expect(brief(await run({ link: { ...link, name: 'a\nb' } }))).toEqual(['refused invalid-link-name']);
    expect(marks('log')).toBe('');
  });

  test('a value that is not of its type is left out and counted', async () => {
    put('10-x', 'echo "[$DNS]"');
    const bad = {
      interfaceName: 'eth0',
      family: 4,
      addresses: [],
      dns: [ip('9.9.9.9;reboot')],
      domains: [],
      ntp: [],
      gateways: [],
      expires: 'never',
      text: '',
    } as const;
    const report = await run({}, sampleState({ leases: [bad] }));
    expect(first(report).stdout).toBe('[]\n');
    expect(Object.fromEntries(report.rejected)).toEqual({ DNS: 1, DHCP_DNS: 1 });
  });
});

describe('filters', () => {
  const withFilters = (...rules: readonly FilterRule[]): void =>
    runner.configure(settings({ filters: compileFilters(rules) }));
  const when = (text: string): FilterRule['match'] => {
    const parsed = parseCondition(text);
    if (!parsed.ok) throw new Error(parsed.problem.message);
    return { condition: parsed.condition };
  };

  test('choose the scripts, by name, by directory and name, or by path', async () => {
    for (const name of ['10-a', '20-b', '30-c', '40-d']) put(name, 'true');
    withFilters({
      match: {},
      action: 'execute',
      scripts: ['10-a', 'routable.d/30-c', join(base, 'routable.d/40-d'), 'carrier.d/20-b'],
    });
    expect(brief(await run())).toEqual(['10-a exited 0', '30-c exited 0', '40-d exited 0']);
  });

  test('filters prevent the hooks of an event, and the log has the filter', async () => {
    put('10-a', 'true');
    withFilters(
      { match: {}, action: 'log' },
      { match: when('has_gateway && address_count >= 1'), action: 'ignore' },
    );
    expect(await run()).toEqual({ runs: [], logged: [0], ignoredBy: 1, rejected: [], interrupted: false });
    expect(brief(await run({}, sampleState({ routes: [] })))).toEqual(['10-a exited 0']);
  });
});

describe('the journal', () => {
  test('gets each script before it starts, when it runs and when it has ended', async () => {
    put('10-a', 'true');
    put('20-b', 'exit 1');
    await run();
    expect(journal.notes).toEqual([
      'starting 10-a',
      'started 10-a',
      'finished exited 10-a',
      'starting 20-b',
      'started 20-b',
      'finished exited 20-b',
    ]);
  });

  test('lets a later daemon continue where one stopped', async () => {
    const paths = ['10-a', '20-b', '30-c'].map((name) =>
      put(name, `echo "${name} $NETEVD_RETRY" >>${mark('log')}`),
    );
    const done = new Set(paths.slice(0, 1));
    const uncertain = new Set(paths.slice(1, 2));
    const report = await run({}, sampleState(), { done, uncertain });
    expect(marks('log')).toBe('20-b 1\n30-c \n');
    expect(report.runs.map(({ retry }) => retry)).toEqual([true, false]);
  });
});

describe('the end of the daemon', () => {
  test('waits for what runs, and starts nothing more', async () => {
    put('10-a', `echo >${mark('in')}; sleep 0.2; echo done`);
    put('20-b', `echo >${mark('never')}`);
    const event = run();
    await waitUntil('the first script runs', () => marks('in') !== '');
    await runner.stop(millis(20_000));
    const report = await event;
    expect([brief(report), report.interrupted, first(report).stdout]).toEqual([
      ['10-a exited 0'],
      true,
      'done\n',
    ]);
    expect(marks('never')).toBe('');
    expect(await run({ seq: seq(2) })).toMatchObject({ runs: [], interrupted: true });
  });

  test('ends what takes too long', async () => {
    put('10-a', `echo >${mark('in')}; sleep 60`);
    const event = run();
    await waitUntil('the script runs', () => marks('in') !== '');
    await runner.stop(millis(10));
    expect(brief(await event)).toEqual(['10-a stopped']);
    expect(runner.running).toBe(0);
  });

  test('takes back what it was about to start', async () => {
    put('10-a', `echo >${mark('never')}`);
    journal.onStarting = () => runner.kill();
    expect(await run()).toMatchObject({ runs: [], interrupted: true });
    expect(journal.notes).toEqual(['starting 10-a', 'withdrawn 10-a']);
    expect(marks('never')).toBe('');
  });

  test('leaves nothing of a script that had timed out', async () => {
    runner.configure(settings({ timeout: millis(200), killGrace: millis(60_000) }));
    put('10-x', `sh -c 'trap "" TERM; echo $$ >${mark('child')}; while :; do sleep 0.02; done' & wait`);
    clock.isReady = () => marks('child') !== '';
    await run();
    await runner.stop(millis(1000));
    expect(runner.running).toBe(0);
    await waitUntil('the grandchild is killed', () => !isAlive(Number(marks('child'))));
  });
});

describe('a script that meets a shortage of the machine', () => {
  const job: HookJob = { subject: { event: sampleEvent({}), state: sampleState() }, onRun: () => undefined };
  /** Fails as the kernel does for as many starts. */
  const shortOf = (code: string, times: number): ProcessSpawner => {
    const real = new NativeProcessSpawner(loadNative());
    let left = times;
    return { spawn: (request) => (left-- > 0 ? { ok: false, code } : real.spawn(request)) };
  };
  const runnerWith = (spawner: ProcessSpawner, heard: string[]): HookRunner =>
    new HookRunner(
      {
        spawner,
        clock,
        journal,
        processes: new ProcRunningProcesses(clock),
        delegate,
        statistics: () => undefined,
        shortageListener: {
          onShortage: (code) => heard.push(code),
          onShortageOver: () => heard.push('over'),
        },
      },
      settings(),
    );

  test.each(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'ETXTBSY'])(
    'runs once when %s has passed',
    async (code) => {
      put('10-x', 'echo ran');
      const heard: string[] = [];
      const { runs } = await runnerWith(shortOf(code, 2), heard).run(job);
      expect(runs.map(({ stdout }) => stdout)).toEqual(['ran\n']);
      expect(heard).toEqual([code, 'over']);
    },
  );

  test('keeps its place: those behind it run afterwards', async () => {
    put('10-x', 'echo first');
    put('20-y', 'echo second');
    const { runs } = await runnerWith(shortOf('EAGAIN', 1), []).run(job);
    expect(runs.map(({ stdout }) => stdout)).toEqual(['first\n', 'second\n']);
  });

  test('is left to the next daemon where this one stops', async () => {
    put('10-x', 'echo ran');
    const heard: string[] = [];
    const short = runnerWith(shortOf('EAGAIN', 1000), heard);
    const done = short.run(job);
    await waitUntil('the shortage is reported', () => heard.length > 0);
    await short.stop(millis(0));
    expect(await done).toMatchObject({ runs: [], interrupted: true });
    expect(journal.notes.at(-1)).toStartWith('withdrawn');
  });
});

describe('hooks that root has granted privileges', () => {
  const ended = (stdout: string): DelegateResult => ({
    kind: 'ended',
    report: {
      outcome: { kind: 'exited', code: 0 },
      startedAt: timestamp(5),
      duration: millis(7),
      stdout,
      stderr: '',
      dropped: 0,
    },
  });

  test('run by the runner, in their place among the others, and their record is as any other', async () => {
    for (const name of ['10-a', '20-b', '30-c']) put(name, `echo ${name} >>${mark('log')}`);
    grant('20-b');
    delegate.answer = async () => {
      writeFileSync(mark('log'), '20-b by the runner\n', { flag: 'a' });
      return ended('hello\n');
    };
    const report = await run();
    expect(brief(report)).toEqual(['10-a exited 0', '20-b exited 0', '30-c exited 0']);
    expect(marks('log')).toBe('10-a\n20-b by the runner\n30-c\n');
    expect(report.runs[1]).toMatchObject({ stdout: 'hello\n', duration: millis(7), startedAt: timestamp(5) });
    expect(journal.notes.filter((note) => note.endsWith('20-b'))).toEqual([
      'starting 20-b',
      'finished exited 20-b',
    ]);
  });

  test('send the name and the event, and nothing else', async () => {
    put('10-a', 'true');
    grant('10-a');
    await run();
    expect(new Set(Object.keys(delegate.asked[0] ?? {}))).toEqual(new Set(['directory', 'event', 'name']));
  });

  test('do not run without the runner, and never without their privileges', async () => {
    put('10-a', `echo ran >>${mark('log')}`);
    grant('10-a');
    expect(brief(await run())).toEqual(['10-a refused no-runner']);
    expect(marks('log')).toBe('');
  });

  test.each(['a broken file', 'a directory', 'a dangling link'])(
    '%s in place of the grant counts as one',
    async (what) => {
      put('10-a', `echo ran >>${mark('log')}`);
      const path = join(base, 'privileges.d/routable.d/10-a.yaml');
      mkdirSync(join(base, 'privileges.d/routable.d'), { recursive: true });
      if (what === 'a broken file') writeFileSync(path, '{');
      if (what === 'a directory') mkdirSync(path);
      if (what === 'a dangling link') symlinkSync('/nowhere', path);
      expect(brief(await run())).toEqual(['10-a refused no-runner']);
    },
  );

  test('are of unknown outcome where the runner is lost', async () => {
    put('10-a', 'true');
    grant('10-a');
    delegate.answer = async () => ({ kind: 'lost' });
    expect(brief(await run())).toEqual(['10-a unseen']);
  });

  test('are asked for again by the next daemon where this one stops first', async () => {
    for (const name of ['10-a', '20-b']) put(name, 'true');
    grant('10-a');
    delegate.answer = (abort) =>
      new Promise((resolve) => {
        abort.addEventListener('abort', () => resolve({ kind: 'abandoned' }));
      });
    const running = run();
    await waitUntil('the runner to be asked', () => delegate.asked.length === 1);
    expect(runner.running).toBe(1);
    await runner.stop(millis(0));
    const report = await running;
    expect([report.interrupted, report.runs]).toEqual([true, []]);
    expect(journal.notes).toEqual(['starting 10-a']);
  });

  test('are no orphans: the runner says how they ended', async () => {
    const path = put('10-a', `echo ran >>${mark('log')}`);
    grant('10-a');
    delegate.answer = async () => ended('from before\n');
    const report = await run({}, sampleState(), { orphan: { path }, done: new Set([path]) });
    expect(brief(report)).toEqual(['10-a exited 0']);
    expect(report.runs[0]?.stdout).toBe('from before\n');
    expect(marks('log')).toBe('');
  });
});
