/** Folding the leases that dhclient holds. */
import { leaseKey } from '../keys.ts';
import type { HeldLease, LeaseState } from '../state.ts';
import { kept } from './manager.ts';

/** Every lease that is valid now: one that is not among them has ended. */
export function readLeases(leases: LeaseState, read: readonly HeldLease[]): LeaseState {
  let { held } = leases;
  const keys = new Set<string>();
  for (const lease of read) {
    const key = leaseKey(lease);
    keys.add(key);
    held = held.set(key, kept(held.get(key), lease));
  }
  for (const key of leases.held.keys()) if (!keys.has(key)) held = held.delete(key);
  return held === leases.held && leases.freshness === 'current' ? leases : { freshness: 'current', held };
}
