/**
 * What is known of one lease file. dhclient empties its file and writes it anew, in pieces; others put a new file into
 * its place, or cut it off. So a reading that ends in the middle, or takes back what an earlier one said, is believed
 * when it has stayed the same for a while; until then the earlier one is.
 */
import { after, type Instant, type Millis, millis, type Timestamp, timestamp } from '../../core/model/ids.ts';
import { leaseKeyOf } from '../../core/model/keys.ts';
import type { Lease } from '../../wire/lease/lease.ts';

export interface LeaseFile {
  readonly path: string;
  /** Of the last reading; absent where the file was never read or is gone. */
  readonly signature?: string;
  /** When what is believed was written. */
  readonly modified: Timestamp;
  /** What is believed, in the order of the file. */
  readonly leases: readonly Lease[];
  readonly invalidation?: Doubt;
  /** Why the file cannot be read now. What is believed is the last that it said. */
  readonly trouble?: Trouble;
}

/** A reading that is not believed yet. */
interface Doubt {
  readonly reading: Reading;
  readonly until: Instant;
}

export interface Trouble {
  readonly reason: string;
  /** Nobody knows what it says; false for a file that is not to be believed, whatever it says. */
  readonly unknown: boolean;
}

interface Reading {
  readonly modified: Timestamp;
  readonly leases: readonly Lease[];
  readonly incomplete: boolean;
  /** The file was not there. */
  readonly absent?: true;
}

export type FileNews =
  | (Reading & { readonly kind: 'read'; readonly signature: string })
  | { readonly kind: 'same' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

/** How long a doubtful reading must stay the same. dhclient writes its whole file within milliseconds. */
export const doubtTime: Millis = millis(1000);

/** The file after a look at it; undefined where there is nothing left to know. */
export function noteNews(
  path: string,
  before: LeaseFile | undefined,
  news: FileNews,
  now: Instant,
): LeaseFile | undefined {
  switch (news.kind) {
    case 'same':
      return before === undefined ? undefined : without(before, 'trouble');
    case 'trouble': {
      const known = before ?? { path, modified: timestamp(0), leases: [] };
      return { ...without(known, 'invalidation'), trouble: news.trouble };
    }
    case 'absent':
      return noteAbsence(before, now);
    case 'read': {
      const { modified, leases, incomplete, signature } = news;
      const reading = { modified, leases, incomplete };
      if (before === undefined) return believed(path, reading, signature, []);
      if (before.invalidation !== undefined && before.signature === signature)
        return without(before, 'trouble');
      const clean = { ...without(before, 'trouble', 'invalidation'), signature };
      const isDoubtful = incomplete || missing(before.leases, leases).length > 0;
      return isDoubtful
        ? { ...clean, invalidation: { reading, until: after(now, doubtTime) } }
        : believedOf(clean, reading);
    }
  }
}

function noteAbsence(before: LeaseFile | undefined, now: Instant): LeaseFile | undefined {
  if (before === undefined || before.leases.length === 0) return undefined;
  if (before.invalidation?.reading.absent === true) return before;
  const reading = { modified: before.modified, leases: [], incomplete: false, absent: true } as const;
  const invalidation = { reading, until: after(now, doubtTime) };
  return { ...without(before, 'trouble', 'signature'), invalidation };
}

/** The file at this time: what has stayed the same long enough is believed. */
export function resolvePending(file: LeaseFile, now: Instant): LeaseFile | undefined {
  const { invalidation } = file;
  if (invalidation === undefined || now < invalidation.until) return file;
  if (invalidation.reading.absent === true) return undefined;
  return believedOf(without(file, 'invalidation'), invalidation.reading);
}

const believedOf = (file: LeaseFile, reading: Reading): LeaseFile =>
  believed(file.path, reading, file.signature, file.leases);

/** A file that was never finished takes nothing back: what it lacks may be what was about to be written. */
function believed(
  path: string,
  reading: Reading,
  signature: string | undefined,
  earlier: readonly Lease[],
): LeaseFile {
  const { modified, incomplete } = reading;
  const leases = incomplete ? [...reading.leases, ...missing(earlier, reading.leases)] : reading.leases;
  return { path, modified, leases, ...(signature !== undefined && { signature }) };
}

/**
 * The newest leases of `before` that `next` takes back: of their link and family it has none, or ends with one that
 * was older.
 */
function missing(before: readonly Lease[], next: readonly Lease[]): readonly Lease[] {
  const last = lastOfEach(next);
  return [...lastOfEach(before)].flatMap(([key, lease]) => {
    const now = last.get(key);
    if (now === undefined) return [lease];
    const text = textOf(now);
    if (text === textOf(lease)) return [];
    return before.some((one) => keyOf(one) === key && textOf(one) === text) ? [lease] : [];
  });
}

function lastOfEach(leases: readonly Lease[]): ReadonlyMap<string, Lease> {
  const last = new Map<string, Lease>();
  for (const lease of leases) last.set(keyOf(lease), lease);
  return last;
}

const keyOf = (lease: Lease): string => leaseKeyOf(lease.interface, lease.family);

const textOf = (lease: Lease): string => JSON.stringify({ ...lease, options: [...lease.options] });

/** The file without these properties, which are optional. */
function without(file: LeaseFile, ...keys: readonly ('invalidation' | 'trouble' | 'signature')[]): LeaseFile {
  const copy: { -readonly [K in keyof LeaseFile]: LeaseFile[K] } = { ...file };
  for (const key of keys) delete copy[key];
  return copy;
}
