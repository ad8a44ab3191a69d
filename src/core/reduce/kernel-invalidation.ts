/**
 * Sets and clears invalidations: the kernel state that a resync must dump again. `planResync` depends on
 * nothing else.
 */
import type { Family } from '../model/address.ts';
import type { KernelInvalidation, KernelInvalidations } from '../model/invalidation.ts';
import type { KernelState } from '../model/state.ts';

type InvalidationSubject = keyof KernelInvalidations;

export const routesOf = (family: Family): 'ipv4Routes' | 'ipv6Routes' =>
  family === 4 ? 'ipv4Routes' : 'ipv6Routes';

/**
 * Adds an invalidation. Replaces an existing one by a new object, because a dump that is in progress may be
 * too early for the new cause.
 */
export function invalidate(
  kernel: KernelState,
  subject: InvalidationSubject,
  cause: KernelInvalidation['cause'],
): KernelState {
  return { ...kernel, invalidations: { ...kernel.invalidations, [subject]: { cause } } };
}

/** Removes an invalidation; returns the same object if there was none. */
export function revalidate(kernel: KernelState, subject: InvalidationSubject): KernelState {
  if (kernel.invalidations[subject] === undefined) return kernel;
  const { [subject]: _cleared, ...rest } = kernel.invalidations;
  return { ...kernel, invalidations: rest };
}
