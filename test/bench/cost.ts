/** CPU per netlink message, of netevd and of `ip -o monitor`, which receive the same messages at the same time. */
import { spawn } from 'node:child_process';
import { Site } from '../daemon/daemon-under-test.ts';
import { diagnose, type Load, makeLoadLink, run, whenIdle } from './kernel-load.ts';
import { cpuMillis, elapse, median } from './tools.ts';

export interface CostFigures {
  readonly load: string;
  readonly messages: number;
  /** Microseconds of CPU per message. */
  readonly netevd: number;
  readonly fold: number;
  readonly monitor: number;
}

interface Listener extends AsyncDisposable {
  readonly pid: number;
}

function listen(command: string, ...words: readonly string[]): Listener {
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

/** Waits until none of them works any more. */
async function idle(pids: readonly number[]): Promise<void> {
  const spent = (): number => pids.reduce((sum, pid) => sum + cpuMillis(pid), 0);
  for (let last = -1000, now = spent(); now - last > 5; [last, now] = [now, spent()]) await elapse(300);
}

/** Undefined where messages were lost. */
async function once(load: Load, name: string): Promise<CostFigures | undefined> {
  using site = new Site();
  await using daemon = await site.start({ config: { system: { log_level: 'info' } } });
  await using monitor = listen('ip', '-o', 'monitor');
  await using fold = listen(process.execPath, `${import.meta.dirname}/fold-only.ts`);
  const pids = [daemon.pid, fold.pid, monitor.pid];
  await idle(pids);
  const before = {
    cpu: pids.map(cpuMillis),
    datagrams: (await diagnose(daemon, site)).kernel.socket.datagrams,
  };
  await run(load);
  const after = await whenIdle(daemon, site);
  await idle(pids);
  // What was lost was cheap.
  if (after.kernel.socket.overruns > 0) return undefined;
  const messages = after.kernel.socket.datagrams - before.datagrams;
  const [netevd = 0, folded = 0, monitored = 0] = pids.map((pid, i) => {
    return (1000 * (cpuMillis(pid) - (before.cpu[i] ?? 0))) / messages;
  });
  return { load: name, messages, netevd, fold: folded, monitor: monitored };
}

export async function measureCost(isBrief: boolean): Promise<CostFigures[]> {
  makeLoadLink();
  const pairs = isBrief ? 5_000 : 40_000;
  const loads: readonly (readonly [string, Load])[] = [
    ['routes, 5 000 a second', { kind: 'routes', pairs, rate: 5_000, keep: 0 }],
    [
      'addresses with their routes, 5 000 a second',
      { kind: 'addresses', pairs: pairs / 2, rate: 2_500, keep: 0 },
    ],
  ];
  const found: CostFigures[] = [];
  for (const [name, load] of loads) {
    const rounds: CostFigures[] = [];
    for (let round = 0; rounds.length < (isBrief ? 1 : 3) && round < 10; round++) {
      const figures = await once(load, name);
      if (figures !== undefined) rounds.push(figures);
    }
    const of = (key: 'netevd' | 'fold' | 'monitor'): number => median(rounds.map((figures) => figures[key]));
    const messages = rounds.reduce((sum, figures) => sum + figures.messages, 0);
    found.push({ load: name, messages, netevd: of('netevd'), fold: of('fold'), monitor: of('monitor') });
  }
  return found;
}
