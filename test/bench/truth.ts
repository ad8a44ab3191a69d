/** Checks the state of a daemon: the next one compares the journal with a fresh dump and reports each difference. */
import type { DaemonUnderTest, Site } from '../daemon/daemon-under-test.ts';
import { diagnose } from './kernel-load.ts';

/** Ends the daemon; how many events the next one finds it to have missed. `meanwhile`: done while there is none. */
export async function missedBy(
  daemon: DaemonUnderTest,
  site: Site,
  meanwhile: () => unknown = () => undefined,
): Promise<number> {
  const code = await daemon.stop();
  if (code !== 0) throw new Error(`the daemon ended with ${code}:\n${daemon.stderr.slice(-4000)}`);
  meanwhile();
  await using next = await site.start();
  const { counters } = await diagnose(next, site);
  await next.stop();
  return counters.events;
}
