/** All lease files together, and the leases that are active in them. */
import type { Moment } from '../../core/engine-options.ts';
import { earliest, type Instant, type Timestamp } from '../../core/model/ids.ts';
import { leaseKey } from '../../core/model/keys.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import { newestValid, nextChange } from '../../wire/lease/current.ts';
import { activeLease } from '../../wire/lease/lease-text.ts';
import { type LeaseFile, resolvePending } from './lease-file.ts';

export interface LeaseTable {
  /** By path. */
  readonly files: ReadonlyMap<string, LeaseFile>;
  /** Directories that cannot be listed; their files are unknown. */
  readonly unlisted: ReadonlySet<string>;
  /** Leases that an earlier run knew. They count until every file has been read once; then this is empty. */
  readonly recovered: readonly ActiveLease[];
}

export interface ActiveLeases {
  /** The newest valid lease of each link and family. */
  readonly leases: readonly ActiveLease[];
  /** Whether every file was read. If not, other leases may be active. */
  readonly isComplete: boolean;
  /** When the result changes although no file does. */
  readonly expiresAt?: Timestamp;
  /** When pending content is accepted. */
  readonly confirmAt?: Instant;
}

export const emptyLeaseTable = (recovered: readonly ActiveLease[]): LeaseTable => ({
  files: new Map(),
  unlisted: new Set(),
  recovered,
});

/**
 * The table at `now`: accepts pending content that is due, and drops recovered leases once every file was
 * read.
 */
export function updateLeaseTable(table: LeaseTable, now: Instant): LeaseTable {
  const files = new Map<string, LeaseFile>();
  for (const [path, file] of table.files) {
    const resolved = resolvePending(file, now);
    if (resolved !== undefined) files.set(path, resolved);
  }
  const next = { ...table, files };
  return isComplete(next) ? { ...next, recovered: [] } : next;
}

/** The active leases. A file that cannot be read takes no lease away. */
export function activeLeases(table: LeaseTable, { wall }: Moment): ActiveLeases {
  const files = [...table.files.values()].toSorted(byAge);
  const leases = files.flatMap((file) => file.leases);
  const inFiles = newestValid(leases, wall).map(activeLease);
  const keys = new Set(inFiles.map(leaseKey));
  const recovered = table.recovered.filter(
    (lease) => !keys.has(leaseKey(lease)) && (lease.expires === 'never' || lease.expires > wall),
  );
  const ends = recovered.flatMap(({ expires }) => (expires === 'never' ? [] : [expires]));
  const expiresAt = earliest([nextChange(leases, wall), ...ends]);
  const confirmAt = earliest(files.map((file) => file.pending?.until));
  return {
    leases: [...inFiles, ...recovered],
    isComplete: isComplete(table),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(confirmAt !== undefined && { confirmAt }),
  };
}

const isComplete = ({ files, unlisted }: LeaseTable): boolean =>
  unlisted.size === 0 && [...files.values()].every((file) => file.problem?.isContentUnknown !== true);

/** The file written last wins; of two written at the same time, the one whose path is last. */
const byAge = (a: LeaseFile, b: LeaseFile): number =>
  a.modified - b.modified || (a.path < b.path ? -1 : Number(a.path > b.path));
