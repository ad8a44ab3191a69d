/** Memory and compiler settings of the runtime. */
import type { Native } from './native.ts';

/**
 * Ends the start phase. Until then the compiler holds back (`--compile-jit-policy` in the Makefile), because
 * most of the code that runs at the start runs only once.
 */
export function endStartPhase(): void {
  Bun.unsafe.setJITPolicy(1);
}

/**
 * Collects garbage and returns memory to the system. Takes about ten milliseconds: call it when the loop is
 * idle.
 */
export function releaseMemory(native: Pick<Native, 'memoryTrim'>): void {
  Bun.gc(true);
  native.memoryTrim();
}
