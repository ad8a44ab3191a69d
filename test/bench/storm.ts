/** 10 000 messages a second for a minute: nothing lost, and what it costs in memory. */
import { type DaemonUnderTest, Site } from '../daemon/daemon-under-test.ts';
import { makeLoadLink, run, whenIdle } from './kernel-load.ts';
import { cpuMillis, elapse, type Memory, memoryOf } from './tools.ts';
import { missedBy } from './truth.ts';

export interface StormFigures {
  readonly seconds: number;
  readonly messages: number;
  readonly overruns: number;
  readonly resyncs: number;
  /** Differences between what the daemon knew at the end and a fresh dump. */
  readonly missed: number;
  readonly before: Memory;
  /** The greatest, each second, while it lasted. */
  readonly during: Memory;
  /** After ten quiet seconds. */
  readonly after: Memory;
  /** Share of one processor, while it lasted. */
  readonly cpu: number;
}

async function watchMemory(daemon: DaemonUnderTest, isOver: () => boolean): Promise<Memory> {
  let most: Memory = memoryOf(daemon.pid);
  while (!isOver()) {
    await elapse(1000);
    const now = memoryOf(daemon.pid);
    most = { rss: Math.max(most.rss, now.rss), anonymous: Math.max(most.anonymous, now.anonymous) };
  }
  return most;
}

/** The storm for so long; `makeLoadLink` first. */
export async function storm(seconds: number, quiet: number): Promise<StormFigures> {
  using site = new Site();
  await using daemon = await site.start({ config: { system: { log_level: 'info' } } });
  const start = await whenIdle(daemon, site);
  const [before, cpu] = [memoryOf(daemon.pid), cpuMillis(daemon.pid)];
  let isOver = false;
  const load = run({ kind: 'routes', pairs: seconds * 5000, rate: 10_000, keep: 1000 });
  const watching = watchMemory(daemon, () => isOver);
  const report = await load;
  isOver = true;
  const during = await watching;
  const end = await whenIdle(daemon, site);
  const spent = cpuMillis(daemon.pid) - cpu;
  await elapse(quiet);
  const after = memoryOf(daemon.pid);
  return {
    seconds: report.seconds,
    messages: end.kernel.socket.datagrams - start.kernel.socket.datagrams,
    overruns: end.kernel.socket.overruns - start.kernel.socket.overruns,
    resyncs: end.counters.resyncs - start.counters.resyncs,
    missed: await missedBy(daemon, site),
    before,
    during,
    after,
    cpu: spent / 1000 / report.seconds,
  };
}

export function measureStorm(isBrief: boolean): Promise<StormFigures> {
  makeLoadLink();
  return isBrief ? storm(2, 0) : storm(60, 10_000);
}
