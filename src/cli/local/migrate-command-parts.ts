/** The real machine, for `netevd migrate`. */
import { RouteRunner } from '../../effects/routes/route-runner.ts';
import { SystemClock } from '../../platform/clock.ts';
import { loadNative } from '../../platform/native.ts';
import { KernelNetlinkChannel } from '../../platform/netlink.ts';
import type { OpenNetlinkChannel } from '../../ports/netlink-channel.ts';
import { dumpKernel } from './kernel-dump.ts';
import type { MigrateWorld } from './migrate-command.ts';

/** The addon is loaded when the kernel is asked, and not before. */
export function realMigrateParts(): MigrateWorld {
  const clock = new SystemClock();
  const openChannel: OpenNetlinkChannel = (options) => new KernelNetlinkChannel(options, loadNative());
  return {
    root: '',
    routing: {
      dumpKernel: () => dumpKernel(openChannel, clock),
      run: async (effects) => {
        await using runner = new RouteRunner({ openChannel, clock });
        return await runner.run(effects);
      },
    },
  };
}
