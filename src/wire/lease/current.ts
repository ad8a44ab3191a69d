/** Selects the leases that are valid now. */
import { type Timestamp, timestamp } from '../../core/model/ids.ts';
import type { Lease, LeaseEnd } from './lease.ts';

/**
 * Returns the last lease of each link and family if it is still valid, without its expired addresses and
 * prefixes. `leases` must be in the order of writing: as in the file, and files by modification time. If the
 * last lease is released or has expired, an older one does not count: dhclient no longer uses it.
 */
export function newestValid(leases: readonly Lease[], now: Timestamp): readonly Lease[] {
  const last = new Map<string, Lease>();
  for (const lease of leases) last.set(`${lease.family} ${lease.interface}`, lease);
  return [...last.values()].flatMap((lease) => currentPart(lease, now) ?? []);
}

function currentPart(lease: Lease, now: Timestamp): Lease | undefined {
  if (lease.released || !isValid(lease.expire, now)) return undefined;
  const addresses = lease.addresses.filter((one) => isValid(one.validUntil, now));
  const delegated = lease.delegated.filter((one) => isValid(one.validUntil, now));
  if (addresses.length === lease.addresses.length && delegated.length === lease.delegated.length)
    return lease;
  return addresses.length + delegated.length === 0 ? undefined : { ...lease, addresses, delegated };
}

const isValid = (end: LeaseEnd, now: Timestamp): boolean =>
  end === 'never' || (end !== 'unknown' && end > now);

/** Returns when the result of `newestValid` changes next; undefined for never. */
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
