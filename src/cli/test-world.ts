/** The real machine, for `netevd test`. */
import { SystemClock } from '../platform/clock.ts';
import type { Native } from '../platform/native.ts';
import { dropPrivileges } from '../platform/privileges.ts';
import { NativeProcessSpawner } from '../platform/process-spawner.ts';
import type { Logger } from '../ports/logger.ts';
import { readKernelState } from './kernel-state.ts';
import type { TestWorld } from './test.ts';

/** `onInterrupt` is told what to do when the person at the terminal has had enough. */
export function realTestWorld(native: Native, log: Logger, onInterrupt: TestWorld['onInterrupt']): TestWorld {
  const clock = new SystemClock();
  return {
    spawner: new NativeProcessSpawner(native),
    clock,
    cwd: process.cwd(),
    lookup: (name) => native.lookupUser(name),
    readKernel: () => readKernelState(native, clock, log),
    become: ({ uid, gid, groups }) => {
      dropPrivileges(native, { uid, gid, groups: groups.filter((group) => group !== 0), keepMask: 0 });
    },
    onInterrupt,
  };
}
