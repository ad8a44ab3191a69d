/** After messages were lost: how long until the daemon knows again what is true, with 10 000 objects. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { Site } from '../daemon/daemon-under-test.ts';
import { ip } from '../daemon/links.ts';
import { makeLoadLink, run, whenIdle } from './kernel-load.ts';
import { median } from './tools.ts';
import { missedBy } from './truth.ts';

export interface OverrunFigures {
  readonly objects: number;
  readonly rounds: number;
  /** Milliseconds from SIGCONT until a hook runs for a difference that the reading of everything has found. */
  readonly p50: number;
  readonly worst: number;
  readonly overruns: number;
  readonly missed: number;
}

/** Stopped while the kernel says more than its buffer holds; then let go. `makeLoadLink` first. */
export async function overruns(objects: number, rounds: number): Promise<OverrunFigures> {
  using site = new Site();
  const found = join(site.root, 'found');
  site.hook('mtu', '10-found', `#!/bin/sh\n[ "$LINK $MTU" = "load $(cat ${found}.mtu)" ] && : >${found}\n`);
  const config = { system: { log_level: 'info' }, hooks: { directory: site.hooks, debounce_ms: 0 } };
  await using daemon = await site.start({ config });
  const before = await whenIdle(daemon, site);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    daemon.signal('SIGSTOP');
    // Everything that was there goes and comes again, and much more passes by than the buffer holds.
    ip('addr flush dev load');
    await run({ kind: 'addresses', pairs: objects, rate: 0, keep: objects });
    await run({ kind: 'routes', pairs: 50_000, rate: 0, keep: 0 });
    const mtu = 1400 + round;
    await Bun.write(`${found}.mtu`, String(mtu));
    rmSync(found, { force: true });
    ip(`link set load mtu ${mtu}`);
    const start = performance.now();
    daemon.signal('SIGCONT');
    await waitUntil('the difference to be found', () => existsSync(found), 60_000);
    times.push(performance.now() - start);
    await whenIdle(daemon, site);
  }
  const after = await whenIdle(daemon, site);
  return {
    objects,
    rounds,
    p50: median(times),
    worst: Math.max(...times),
    overruns: after.kernel.socket.overruns - before.kernel.socket.overruns,
    missed: await missedBy(daemon, site),
  };
}

export function measureOverrun(isBrief: boolean): Promise<OverrunFigures> {
  makeLoadLink();
  return isBrief ? overruns(2000, 1) : overruns(10_000, 5);
}
