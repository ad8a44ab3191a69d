/** Folding the leases that dhclient holds. */

import { isSameList } from '../model/equality.ts';
import type { LeaseFact } from '../model/fact.ts';
import { leaseKey } from '../model/keys.ts';
import type { LeaseState } from '../model/state.ts';
import { kept } from './manager.ts';

/** Every lease that is valid now: one that is not among them has ended. */
export function readLeases(leases: LeaseState, { held: read, awaited = [] }: LeaseFact): LeaseState {
  let { held } = leases;
  const keys = new Set<string>();
  for (const lease of read) {
    const key = leaseKey(lease);
    keys.add(key);
    held = held.set(key, kept(held.get(key), lease));
  }
  for (const key of leases.held.keys()) if (!keys.has(key)) held = held.delete(key);
  const isSame =
    held === leases.held && leases.freshness === 'current' && isSameList(awaited, leases.awaited ?? []);
  if (isSame) return leases;
  return { freshness: 'current', held, ...(awaited.length > 0 && { awaited }) };
}
