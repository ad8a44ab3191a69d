/** What all lease files say together. */
import { type Instant, instant, type Timestamp, timestamp } from '../../core/model/ids.ts';
import { leaseKey } from '../../core/model/keys.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import { newestValid, nextChange } from '../../wire/lease/current.ts';
import { activeLease } from '../../wire/lease/lease-text.ts';
import { type LeaseFile, resolvePending } from './lease-file.ts';

export interface LeaseTable {
  /** By path. */
  readonly files: ReadonlyMap<string, LeaseFile>;
  /** Directories that cannot be listed: what is in them is not known. */
  readonly unlisted: ReadonlySet<string>;
  /** What an earlier run knew. Counts until every file has been read once, then it is empty. */
  readonly recovered: readonly ActiveLease[];
}

export interface Moment {
  readonly now: Instant;
  readonly wall: Timestamp;
}

export interface Conclusion {
  /** The newest valid lease of each link and family. */
  readonly held: readonly ActiveLease[];
  /** Whether everything could be read: otherwise there may be more, or other ones. */
  readonly certain: boolean;
  /** When it will be another one if no file changes. */
  readonly expiresAt?: Timestamp;
  readonly settleAt?: Instant;
}

export const emptyLeaseTable = (recovered: readonly ActiveLease[]): LeaseTable => ({
  files: new Map(),
  unlisted: new Set(),
  recovered,
});

/** The book at this time: doubts that have lasted are resolved, and what was inherited goes when all is known. */
export function updateLeaseTable(journal: LeaseTable, now: Instant): LeaseTable {
  const files = new Map<string, LeaseFile>();
  for (const [path, file] of journal.files) {
    const resolved = resolvePending(file, now);
    if (resolved !== undefined) files.set(path, resolved);
  }
  const next = { ...journal, files };
  return isCertain(next) ? { ...next, recovered: [] } : next;
}

/** Never a lease less because something could not be read. */
export function conclude(journal: LeaseTable, { wall }: Moment): Conclusion {
  const files = [...journal.files.values()].toSorted(byAge);
  const leases = files.flatMap((file) => file.leases);
  const told = newestValid(leases, wall).map(activeLease);
  const keys = new Set(told.map(leaseKey));
  const recovered = journal.recovered.filter(
    (lease) => !keys.has(leaseKey(lease)) && (lease.expires === 'never' || lease.expires > wall),
  );
  const ends = recovered.flatMap(({ expires }) => (expires === 'never' ? [] : [expires]));
  const expiresAt = earliest([nextChange(leases, wall), ...ends]);
  const settleAt = earliest(files.map((file) => file.invalidation?.until));
  return {
    held: [...told, ...recovered],
    certain: isCertain(journal),
    ...(expiresAt !== undefined && { expiresAt: timestamp(expiresAt) }),
    ...(settleAt !== undefined && { settleAt: instant(settleAt) }),
  };
}

const isCertain = ({ files, unlisted }: LeaseTable): boolean =>
  unlisted.size === 0 && [...files.values()].every((file) => file.trouble?.unknown !== true);

/** The file that was written last has the last word; of two that were written at once, the one whose path is last. */
const byAge = (a: LeaseFile, b: LeaseFile): number =>
  a.modified - b.modified || (a.path < b.path ? -1 : Number(a.path > b.path));

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
