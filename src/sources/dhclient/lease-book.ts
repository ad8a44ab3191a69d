/** What all lease files say together. */
import { type Instant, instant, type Timestamp, timestamp } from '../../core/ids.ts';
import { leaseKey } from '../../core/keys.ts';
import type { HeldLease } from '../../core/state.ts';
import { newestValid, nextChange } from '../../wire/lease/current.ts';
import { heldLease } from '../../wire/lease/lease-text.ts';
import { type LeaseFile, settle } from './lease-file.ts';

export interface LeaseBook {
  /** By path. */
  readonly files: ReadonlyMap<string, LeaseFile>;
  /** Directories that cannot be listed: what is in them is not known. */
  readonly unlisted: ReadonlySet<string>;
  /** What an earlier run knew. Counts until every file has been read once, then it is empty. */
  readonly inherited: readonly HeldLease[];
}

export interface Moment {
  readonly now: Instant;
  readonly wall: Timestamp;
}

export interface Conclusion {
  /** The newest valid lease of each link and family. */
  readonly held: readonly HeldLease[];
  /** Whether everything could be read: otherwise there may be more, or other ones. */
  readonly certain: boolean;
  /** When it will be another one if no file changes. */
  readonly expiresAt?: Timestamp;
  readonly settleAt?: Instant;
}

export const emptyBook = (inherited: readonly HeldLease[]): LeaseBook => ({
  files: new Map(),
  unlisted: new Set(),
  inherited,
});

/** The book at this time: doubts that have lasted are settled, and what was inherited goes when all is known. */
export function settleBook(book: LeaseBook, now: Instant): LeaseBook {
  const files = new Map<string, LeaseFile>();
  for (const [path, file] of book.files) {
    const settled = settle(file, now);
    if (settled !== undefined) files.set(path, settled);
  }
  const next = { ...book, files };
  return isCertain(next) ? { ...next, inherited: [] } : next;
}

/** Never a lease less because something could not be read. */
export function conclude(book: LeaseBook, { wall }: Moment): Conclusion {
  const files = [...book.files.values()].toSorted(byAge);
  const leases = files.flatMap((file) => file.leases);
  const told = newestValid(leases, wall).map(heldLease);
  const keys = new Set(told.map(leaseKey));
  const inherited = book.inherited.filter(
    (lease) => !keys.has(leaseKey(lease)) && (lease.expires === 'never' || lease.expires > wall),
  );
  const ends = inherited.flatMap(({ expires }) => (expires === 'never' ? [] : [expires]));
  const expiresAt = earliest([nextChange(leases, wall), ...ends]);
  const settleAt = earliest(files.map((file) => file.doubt?.until));
  return {
    held: [...told, ...inherited],
    certain: isCertain(book),
    ...(expiresAt !== undefined && { expiresAt: timestamp(expiresAt) }),
    ...(settleAt !== undefined && { settleAt: instant(settleAt) }),
  };
}

const isCertain = ({ files, unlisted }: LeaseBook): boolean =>
  unlisted.size === 0 && [...files.values()].every((file) => file.trouble?.unknown !== true);

/** The file that was written last has the last word; of two that were written at once, the one whose path is last. */
const byAge = (a: LeaseFile, b: LeaseFile): number =>
  a.modified - b.modified || (a.path < b.path ? -1 : Number(a.path > b.path));

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
