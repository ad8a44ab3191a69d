/** The present state of the kernel, for commands that need neither a daemon nor a privilege. */
import { emptyState } from '../../core/model/empty-state.ts';
import type { Fact } from '../../core/model/fact.ts';
import type { State } from '../../core/model/state.ts';
import { reduce } from '../../core/reduce/reduce.ts';
import type { Native } from '../../platform/native.ts';
import { KernelNetlinkChannel } from '../../platform/netlink.ts';
import type { Clock } from '../../ports/clock.ts';
import { RtnetlinkSource } from '../../sources/rtnetlink/rtnetlink-source.ts';
import { silent } from './silent-logger.ts';

/** Reads everything once. Rejects where no netlink socket can be opened. */
export async function readKernelState(native: Native, clock: Clock): Promise<State> {
  const { promise, resolve } = Promise.withResolvers<State>();
  const sink = (facts: readonly Fact[]): void => {
    const read = facts.find((fact) => fact.kind === 'kernelRead');
    if (read !== undefined) resolve(reduce(emptyState('auto'), read));
    else if (facts.some((fact) => fact.kind === 'sourceLostSync')) source.read({ kind: 'everything' });
  };
  await using source = new RtnetlinkSource({
    openChannel: (options) => new KernelNetlinkChannel(options, native),
    drivers: native,
    clock,
    log: silent,
    sink,
  });
  source.start();
  source.read({ kind: 'everything' });
  return await promise;
}
