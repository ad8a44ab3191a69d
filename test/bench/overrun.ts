/** After messages were lost: how long until the daemon knows again what is true, with 10 000 objects. */
import { Site } from '../daemon/daemon-under-test.ts';
import { ip } from '../daemon/links.ts';
import { diagnose, makeLoadLink, run, settled } from './kernel-load.ts';
import { median } from './tools.ts';
import { missedBy } from './truth.ts';

export interface OverrunFigures {
  readonly objects: number;
  readonly rounds: number;
  /** Milliseconds from SIGCONT until the state is that of a fresh dump. */
  readonly p50: number;
  readonly worst: number;
  readonly missed: number;
}

/** Stopped while the kernel says more than its buffer holds; then let go. `makeLoadLink` first. */
export async function overruns(objects: number, rounds: number): Promise<OverrunFigures> {
  using site = new Site();
  await using daemon = await site.start({ config: { system: { log_level: 'info' } } });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = await settled(daemon);
    daemon.signal('SIGSTOP');
    // Everything that was there goes and comes again, and much more passes by than the buffer holds.
    ip('addr flush dev load');
    ip('route flush dev load proto static');
    await run({ kind: 'addresses', pairs: objects, rate: 0, keep: objects });
    await run({ kind: 'routes', pairs: 50_000, rate: 0, keep: 10 * round });
    const start = performance.now();
    daemon.signal('SIGCONT');
    for (;;) {
      const { kernel, counters } = await diagnose(daemon);
      const isCurrent = kernel.freshness === 'current' && Object.keys(kernel.doubts).length === 0;
      if (counters.resyncs > before.counters.resyncs && isCurrent) break;
    }
    times.push(performance.now() - start);
  }
  const missed = await missedBy(daemon, site);
  return { objects, rounds, p50: median(times), worst: Math.max(...times), missed };
}

export function measureOverrun(isBrief: boolean): Promise<OverrunFigures> {
  makeLoadLink();
  return isBrief ? overruns(2000, 1) : overruns(10_000, 5);
}
