/** netlink messages decoded and folded into the state, and nothing else: the part of netevd that `ip monitor` compares with. */
import { emptyState } from '../../src/core/model/empty-state.ts';
import type { Fact } from '../../src/core/model/fact.ts';
import { reduce } from '../../src/core/reduce/reduce.ts';
import { emptyResyncMemory, planResync } from '../../src/core/resync/kernel-resync.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { loadNative } from '../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import { RtnetlinkSource } from '../../src/sources/rtnetlink/rtnetlink-source.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';

const clock = new SystemClock();
let state = emptyState('kernel');
let memory = emptyResyncMemory;

function read(): void {
  const plan = planResync(memory, state.kernel, clock.now());
  memory = plan.memory;
  for (const reading of plan.dumps) source.read(reading);
}

const source = new RtnetlinkSource({
  openChannel: (options) => new KernelNetlinkChannel(options),
  drivers: loadNative(),
  clock,
  log: new RecordingLogger(),
  sink: (facts: readonly Fact[]) => {
    for (const fact of facts) state = reduce(state, fact);
    read();
  },
});
source.start();
read();
