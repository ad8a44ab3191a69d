/** Folds dhclient's active leases. */

import { isSameList } from '../model/equality.ts';
import type { LeaseFact } from '../model/fact.ts';
import { leaseKey } from '../model/keys.ts';
import type { LeaseState } from '../model/state.ts';
import { reuseIfEqual } from './manager.ts';

/** Replaces the leases: one that the fact does not contain has ended. */
export function readLeases(leases: LeaseState, { active: read, awaited = [] }: LeaseFact): LeaseState {
  let { active } = leases;
  const keys = new Set<string>();
  for (const lease of read) {
    const key = leaseKey(lease);
    keys.add(key);
    active = active.set(key, reuseIfEqual(active.get(key), lease));
  }
  for (const key of leases.active.keys()) if (!keys.has(key)) active = active.delete(key);
  const isSame =
    active === leases.active && leases.freshness === 'current' && isSameList(awaited, leases.awaited ?? []);
  if (isSame) return leases;
  return { freshness: 'current', active: active, ...(awaited.length > 0 && { awaited }) };
}
