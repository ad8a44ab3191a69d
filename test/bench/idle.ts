/** What the daemon costs when nothing happens. */
import { Site } from '../daemon/daemon-under-test.ts';
import { Cable } from '../daemon/links.ts';
import { whenIdle } from './kernel-load.ts';
import { cpuMillis, elapse, everythingOn, type Memory, memoryOf, openFiles } from './tools.ts';

export interface IdleFigures {
  readonly seconds: number;
  /** Percent of one processor. */
  readonly cpu: number;
  readonly memory: Memory;
  readonly openFiles: number;
}

export async function measureIdle(isBrief: boolean): Promise<IdleFigures> {
  const cables = Array.from({ length: 10 }, (_, n) => new Cable(`eth${n}`, n));
  for (const cable of cables) {
    cable.up();
    cable.plug();
  }
  using site = new Site();
  await using daemon = await site.start({
    config: { system: { log_level: 'info' }, ...everythingOn(site.root) },
  });
  await whenIdle(daemon, site);
  // Past the tidying that follows the start.
  await elapse(isBrief ? 0 : 15_000);
  const seconds = isBrief ? 1 : 30;
  const before = cpuMillis(daemon.pid);
  await elapse(seconds * 1000);
  const cpu = (cpuMillis(daemon.pid) - before) / 10 / seconds;
  return { seconds, cpu, memory: memoryOf(daemon.pid), openFiles: openFiles(daemon.pid) };
}
