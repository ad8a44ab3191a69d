/**
 * The machine's own state: the highest of its links, loopback aside, as networkd's manager computes it
 * (manager_update_operational_state in networkd-manager.c). Kept as counts, so that one link costs the same among ten
 * thousand.
 */
import { LinkFlag } from '../model/kernel-objects.ts';
import { addressStates, carrierStates } from '../model/operstate.ts';
import type { HostStatus, HostTally, KernelLink } from '../model/state.ts';
import { operationalStates } from '../model/vocabulary.ts';

/** Of a host that has no link that counts. */
export const noLinks: HostTally = {
  operational: operationalStates.map(() => 0),
  carrier: carrierStates.map(() => 0),
  address: addressStates.map(() => 0),
};

/** `tally` with `before` taken out and `after` put in; the same object where the states are the same. */
export function recount(
  tally: HostTally,
  before: KernelLink | undefined,
  after: KernelLink | undefined,
): HostTally {
  const was = before !== undefined && counts(before) ? before : undefined;
  const is = after !== undefined && counts(after) ? after : undefined;
  if (was === is || hasSameStates(was, is)) return tally;
  return {
    operational: moved(tally.operational, operationalStates, was?.operational, is?.operational),
    carrier: moved(tally.carrier, carrierStates, was?.carrierState, is?.carrierState),
    address: moved(tally.address, addressStates, was?.addressState, is?.addressState),
  };
}

const counts = (link: KernelLink): boolean => (link.object.flags & LinkFlag.loopback) === 0;

function hasSameStates(a: KernelLink | undefined, b: KernelLink | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.operational === b.operational &&
    a.carrierState === b.carrierState &&
    a.addressState === b.addressState
  );
}

function moved<S extends string>(
  counted: readonly number[],
  order: readonly S[],
  from: S | undefined,
  to: S | undefined,
): readonly number[] {
  if (from === to) return counted;
  const next = [...counted];
  if (from !== undefined) next[order.indexOf(from)] = (next[order.indexOf(from)] ?? 0) - 1;
  if (to !== undefined) next[order.indexOf(to)] = (next[order.indexOf(to)] ?? 0) + 1;
  return next;
}

/**
 * The highest state that any link is in; `off` where there is none. A port's carrier is the host's carrier like any
 * other: its carrier state is never `enslaved`, its operational state can be (networkd 252, docs/operational-states.md).
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

function highest<S extends string>(counted: readonly number[], order: readonly S[], least: S): S {
  return order[counted.findLastIndex((count) => count > 0)] ?? least;
}
