/**
 * The host status: the highest state of its links except loopback, as networkd's manager computes it
 * (manager_update_operational_state in networkd-manager.c). Stored as counts, so that a changed link costs
 * the same among ten thousand links.
 */
import { LinkFlag } from '../model/kernel-objects.ts';
import type { HostStatus, HostTally, KernelLink } from '../model/state.ts';
import { addressStates, carrierStates, operationalStates } from '../model/vocabulary.ts';

/** The tally of a host without links. */
export const noLinks: HostTally = {
  operational: operationalStates.map(() => 0),
  carrier: carrierStates.map(() => 0),
  address: addressStates.map(() => 0),
};

/** Returns `tally` without `before` and with `after`; the same object if their states are equal. */
export function recount(
  tally: HostTally,
  before: KernelLink | undefined,
  after: KernelLink | undefined,
): HostTally {
  const was = before !== undefined && isCounted(before) ? before : undefined;
  const is = after !== undefined && isCounted(after) ? after : undefined;
  if (was === is || hasSameStates(was, is)) return tally;
  return {
    operational: moveCount(tally.operational, operationalStates, was?.operational, is?.operational),
    carrier: moveCount(tally.carrier, carrierStates, was?.carrierState, is?.carrierState),
    address: moveCount(tally.address, addressStates, was?.addressState, is?.addressState),
  };
}

const isCounted = (link: KernelLink): boolean => (link.object.flags & LinkFlag.loopback) === 0;

function hasSameStates(a: KernelLink | undefined, b: KernelLink | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.operational === b.operational &&
    a.carrierState === b.carrierState &&
    a.addressState === b.addressState
  );
}

function moveCount<S extends string>(
  counts: readonly number[],
  order: readonly S[],
  from: S | undefined,
  to: S | undefined,
): readonly number[] {
  if (from === to) return counts;
  const next = [...counts];
  if (from !== undefined) next[order.indexOf(from)] = (next[order.indexOf(from)] ?? 0) - 1;
  if (to !== undefined) next[order.indexOf(to)] = (next[order.indexOf(to)] ?? 0) + 1;
  return next;
}

/**
 * Returns the highest state of any link; `off` without links. The carrier of a port counts as carrier of the
 * host: the host's carrier state is never `enslaved`, its operational state can be (networkd 252,
 * docs/internals/operational-states.md).
 */
export function hostStatusOf(tally: HostTally): HostStatus {
  const carrier = highest(tally.carrier, carrierStates, 'off');
  return {
    operational: highest(tally.operational, operationalStates, 'off'),
    carrierState: carrier === 'enslaved' ? 'carrier' : carrier,
    addressState: highest(tally.address, addressStates, 'off'),
    links: tally.carrier.reduce((sum, count) => sum + count, 0),
  };
}

function highest<S extends string>(counts: readonly number[], order: readonly S[], lowest: S): S {
  return order[counts.findLastIndex((count) => count > 0)] ?? lowest;
}
