/**
 * The known state of one lease file. dhclient truncates its file and rewrites it in pieces; other programs
 * replace or truncate it. Content that ends inside a declaration, or that lacks a lease the file had before,
 * is therefore accepted only after it has stayed the same for a while. Until then the earlier content counts.
 */
import { after, type Instant, type Millis, millis, type Timestamp, timestamp } from '../../core/model/ids.ts';
import { leaseKeyOf } from '../../core/model/keys.ts';
import type { Lease } from '../../wire/lease/lease.ts';

export interface LeaseFile {
  readonly path: string;
  /** Of the last read; absent where the file was never read or is gone. */
  readonly signature?: string;
  /** When the accepted content was written. */
  readonly modified: Timestamp;
  /** The accepted leases, in the order of the file. */
  readonly leases: readonly Lease[];
  readonly pending?: PendingContent;
  /** Why the file cannot be read now. The accepted content stays. */
  readonly problem?: LeaseFileProblem;
}

/** Content that is not accepted yet. */
interface PendingContent {
  readonly content: FileContent;
  readonly until: Instant;
}

export interface LeaseFileProblem {
  /** A PathRefusalCode, an errno name, `symlink` or `content`. */
  readonly code: string;
  /** Names the path, and the fix where there is one. */
  readonly reason: string;
  /**
   * The file may have other leases now. False for a file that is not trusted: its content does not matter.
   */
  readonly isContentUnknown: boolean;
}

interface FileContent {
  readonly modified: Timestamp;
  readonly leases: readonly Lease[];
  readonly incomplete: boolean;
  /** The file did not exist. */
  readonly absent?: true;
}

/** What a scan found out about a file. */
export type FileUpdate =
  | (FileContent & { readonly kind: 'read'; readonly signature: string })
  | { readonly kind: 'same' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly problem: LeaseFileProblem };

/** How long pending content must stay the same. dhclient writes its whole file within milliseconds. */
export const confirmTime: Millis = millis(1000);

/** The file after a scan; undefined where the file is gone and had no leases. */
export function applyUpdate(
  path: string,
  before: LeaseFile | undefined,
  update: FileUpdate,
  now: Instant,
): LeaseFile | undefined {
  switch (update.kind) {
    case 'same':
      return before === undefined ? undefined : without(before, 'problem');
    case 'unreadable': {
      const known = before ?? { path, modified: timestamp(0), leases: [] };
      return { ...without(known, 'pending'), problem: update.problem };
    }
    case 'absent':
      return applyAbsence(before, now);
    case 'read': {
      const { modified, leases, incomplete, signature } = update;
      const content = { modified, leases, incomplete };
      if (before === undefined) return accepted(path, content, signature, []);
      if (before.pending !== undefined && before.signature === signature) return without(before, 'problem');
      const clean = { ...without(before, 'problem', 'pending'), signature };
      const isPending = incomplete || missing(before.leases, leases).length > 0;
      return isPending
        ? { ...clean, pending: { content, until: after(now, confirmTime) } }
        : acceptContent(clean, content);
    }
  }
}

function applyAbsence(before: LeaseFile | undefined, now: Instant): LeaseFile | undefined {
  if (before === undefined || before.leases.length === 0) return undefined;
  if (before.pending?.content.absent === true) return before;
  const content = { modified: before.modified, leases: [], incomplete: false, absent: true } as const;
  const pending = { content, until: after(now, confirmTime) };
  return { ...without(before, 'problem', 'signature'), pending };
}

/** The file at `now`: pending content that has stayed the same long enough is accepted. */
export function resolvePending(file: LeaseFile, now: Instant): LeaseFile | undefined {
  const { pending } = file;
  if (pending === undefined || now < pending.until) return file;
  if (pending.content.absent === true) return undefined;
  return acceptContent(without(file, 'pending'), pending.content);
}

const acceptContent = (file: LeaseFile, content: FileContent): LeaseFile =>
  accepted(file.path, content, file.signature, file.leases);

/** Incomplete content takes no lease away: the lease may be in the part that was not written. */
function accepted(
  path: string,
  content: FileContent,
  signature: string | undefined,
  earlier: readonly Lease[],
): LeaseFile {
  const { modified, incomplete } = content;
  const leases = incomplete ? [...content.leases, ...missing(earlier, content.leases)] : content.leases;
  return { path, modified, leases, ...(signature !== undefined && { signature }) };
}

/**
 * The newest leases of `before` that `next` lacks: `next` has no lease of that link and family, or its last
 * one is an older lease of `before`.
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

/** A copy of the file without these optional properties. */
function without(file: LeaseFile, ...keys: readonly ('pending' | 'problem' | 'signature')[]): LeaseFile {
  const copy: { -readonly [K in keyof LeaseFile]: LeaseFile[K] } = { ...file };
  for (const key of keys) delete copy[key];
  return copy;
}
