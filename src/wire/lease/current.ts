/** Which leases hold now. */
import { type Timestamp, timestamp } from '../../core/model/ids.ts';
import type { Lease, LeaseEnd } from './lease.ts';

/**
 * Of each link and family the last lease, if it still holds. `leases` are in the order in which they were written:
 * as in the file, and files by the time of their last change. A last lease that was given back or has ended leaves
 * none, also where an older one has not: dhclient no longer uses that. What has ended of a lease that holds is taken
 * out of it.
 */
export function newestValid(leases: readonly Lease[], now: Timestamp): readonly Lease[] {
  const last = new Map<string, Lease>();
  for (const lease of leases) last.set(`${lease.family} ${lease.interface}`, lease);
  return [...last.values()].flatMap((lease) => currentPart(lease, now) ?? []);
}

function currentPart(lease: Lease, now: Timestamp): Lease | undefined {
  if (lease.released || !holds(lease.expire, now)) return undefined;
  const addresses = lease.addresses.filter((one) => holds(one.validUntil, now));
  const delegated = lease.delegated.filter((one) => holds(one.validUntil, now));
  if (addresses.length === lease.addresses.length && delegated.length === lease.delegated.length)
    return lease;
  return addresses.length + delegated.length === 0 ? undefined : { ...lease, addresses, delegated };
}

const holds = (end: LeaseEnd, now: Timestamp): boolean => end === 'never' || (end !== 'unknown' && end > now);

/** When `newestValid` of the same leases will first say something else; undefined for never. */
export function nextChange(leases: readonly Lease[], now: Timestamp): Timestamp | undefined {
  let next: number | undefined;
  for (const lease of newestValid(leases, now)) {
    const parts = [...lease.addresses, ...lease.delegated].map((one) => one.validUntil);
    for (const end of [lease.expire, ...parts]) {
      if (typeof end === 'number' && end > now && (next === undefined || end < next)) next = end;
    }
  }
  return next === undefined ? undefined : timestamp(next);
}
