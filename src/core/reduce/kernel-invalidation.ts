/** Doubts: what has to be read again before it can be believed. The planner of readings looks at nothing else. */
import type { Family } from '../model/address.ts';
import type { KernelInvalidation, KernelInvalidations } from '../model/invalidation.ts';
import type { KernelState } from '../model/state.ts';

type Subject = keyof KernelInvalidations;

export const routesOf = (family: Family): 'ipv4Routes' | 'ipv6Routes' =>
  family === 4 ? 'ipv4Routes' : 'ipv6Routes';

/**
 * The state with this doubt. One that is there already is renewed by a new object: a reading under way may have come too
 * early for it.
 */
export function invalidate(
  kernel: KernelState,
  subject: Subject,
  cause: KernelInvalidation['cause'],
): KernelState {
  return { ...kernel, invalidations: { ...kernel.invalidations, [subject]: { cause } } };
}

/** The state without this doubt; the same object where there was none. */
export function revalidate(kernel: KernelState, subject: Subject): KernelState {
  if (kernel.invalidations[subject] === undefined) return kernel;
  const { [subject]: _settled, ...rest } = kernel.invalidations;
  return { ...kernel, invalidations: rest };
}
