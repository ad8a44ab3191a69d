/** The parts of `netevd test` for this machine. */
import { SystemClock } from '../../platform/clock.ts';
import type { Native } from '../../platform/native.ts';
import { dropPrivileges } from '../../platform/privileges.ts';
import { NativeProcessSpawner } from '../../platform/process-spawner.ts';
import type { CommandIo } from '../render/output.ts';
import { readKernelState } from './kernel-state.ts';
import type { TestCommandParts } from './test-command.ts';
import { unitUser } from './unit-user.ts';

/** Warnings go to stderr. */
export function testCommandParts(
  native: Native,
  io: CommandIo,
  daemon: TestCommandParts['daemon'],
): TestCommandParts {
  const clock = new SystemClock();
  return {
    spawner: new NativeProcessSpawner(native),
    clock,
    cwd: process.cwd(),
    daemon,
    unitUser: unitUser(),
    lookup: (name) => native.lookupUser(name),
    readKernel: () => readKernelState(native, clock),
    become: ({ uid, gid, groups }) => {
      const others = groups.filter((group) => group !== 0);
      for (const warning of dropPrivileges(native, { uid, gid, groups: others, keepMask: 0 }).shortcomings) {
        io.stderr.write(`netevd test: ${warning}\n`);
      }
    },
    onInterrupt: (run) => void process.once('SIGINT', run),
  };
}
