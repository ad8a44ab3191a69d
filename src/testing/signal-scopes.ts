/** What the kernel of this machine can do to keep signals within a hook. */
import { spawnSync } from 'node:child_process';
import { nativeProgram } from './native-program.ts';

/** landlock(7): from version 6 of its interface on, the kernel can keep a process from sending signals to others. */
export const hasSignalScopes = (): boolean =>
  Number(spawnSync(nativeProgram('landlock-abi'), { encoding: 'utf8' }).stdout) >= 6;
