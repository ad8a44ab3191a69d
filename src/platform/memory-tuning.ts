/** What the runtime can be told about memory and compiling. */
import type { Native } from './native.ts';

/**
 * The start is over. Until now the compiler was told to hold back (`--compile-jit-policy` in the Makefile), because most of
 * what ran will not run again.
 */
export function compileFromNowOn(): void {
  Bun.unsafe.setJITPolicy(1);
}

/** Collects garbage and gives memory back to the system. Takes some ten milliseconds: for when nothing happens. */
export function releaseMemory(native: Pick<Native, 'memoryTrim'>): void {
  Bun.gc(true);
  native.memoryTrim();
}
