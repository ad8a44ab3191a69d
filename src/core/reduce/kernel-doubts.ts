/** Doubts: what has to be read again before it can be believed. The planner of readings looks at nothing else. */
import type { Family } from '../address.ts';
import type { KernelDoubt, KernelDoubts } from '../doubts.ts';
import type { KernelState } from '../state.ts';

type Subject = keyof KernelDoubts;

export const routesOf = (family: Family): 'ipv4Routes' | 'ipv6Routes' =>
  family === 4 ? 'ipv4Routes' : 'ipv6Routes';

/**
 * The state with this doubt. One that is there already is renewed by a new object: a reading under way may have come too
 * early for it.
 */
export function raiseDoubt(kernel: KernelState, subject: Subject, cause: KernelDoubt['cause']): KernelState {
  return { ...kernel, doubts: { ...kernel.doubts, [subject]: { cause } } };
}

/** The state without this doubt; the same object where there was none. */
export function settleDoubt(kernel: KernelState, subject: Subject): KernelState {
  if (kernel.doubts[subject] === undefined) return kernel;
  const { [subject]: _settled, ...rest } = kernel.doubts;
  return { ...kernel, doubts: rest };
}
