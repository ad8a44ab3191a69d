/**
 * The journal as bytes: one entry per line, after its checksum. The checksum shows whether a line is incomplete, or was
 * changed by another program.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { type JournalEntry, type JournalSnapshot, journalVersion } from '../../core/journal/entries.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import type { Epoch } from '../../core/model/ids.ts';
import { readMark } from './sequence-mark.ts';

/** The journal that exists at the start. */
export type StoredJournal =
  | { readonly kind: 'none' }
  /** It belongs to another boot or network namespace and does not apply here. */
  | { readonly kind: 'foreign' }
  /** `reason`: why it cannot be used. */
  | { readonly kind: 'broken'; readonly reason: string }
  | {
      readonly kind: 'found';
      readonly epoch: Epoch;
      /** Why its epoch must not continue; absent if it may. */
      readonly epochEnded?: EpochEnd;
      readonly snapshot: JournalSnapshot;
    };

/**
 * `copied`: it is a copy of netevd's file, and the original may be in use. `cut`: netevd published records that
 * it does not contain.
 */
export type EpochEnd = 'copied' | 'cut';

/** Device and inode: they distinguish the file that netevd wrote from a copy. */
export const fileIdentity = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

interface Content {
  readonly text: string;
  readonly file: string;
}

interface FoldedJournal {
  readonly kind: 'found';
  readonly epoch: Epoch;
  /** The identity of the file in its first entry. */
  readonly file: string;
  readonly snapshot: JournalSnapshot;
}

function endOfEpoch(directory: string, file: string, found: FoldedJournal): EpochEnd | undefined {
  if (found.file !== file) return 'copied';
  const mark = readMark(directory);
  return mark?.epoch === found.epoch && mark.seq <= found.snapshot.lastSeq ? undefined : 'cut';
}

/** More than any network comes to, and well below what a string can hold. */
const mostBytes = 256 * 1024 * 1024;

export const journalPath = (directory: string): string => join(directory, 'journal');

/** `1c291ca3 {"kind":"done",…}` and a line feed; the checksum is CRC-32 (IEEE 802.3) in hexadecimal. */
export function encodeEntry(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

const checksum = (text: string): string => Bun.hash.crc32(text).toString(16).padStart(8, '0');

/** Reads the book of `directory` to its end. A last line that was not finished is as if it had never been begun. */
export function readJournal(directory: string, context: string): StoredJournal {
  let content: Content | undefined;
  try {
    content = readContent(journalPath(directory));
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT' ? { kind: 'none' } : { kind: 'broken', reason: `it cannot be read (${code})` };
  }
  if (content === undefined) return { kind: 'broken', reason: 'it is no regular file, or far too large' };
  const lines = content.text.split('\n').slice(0, -1);
  const entries = lines.map(parseLine);
  const damaged = entries.indexOf(undefined);
  if (damaged >= 0) return { kind: 'broken', reason: `line ${damaged + 1} was not written by netevd` };
  const found = foldEntries(entries as readonly JournalEntry[], context);
  if (found.kind !== 'found') return found;
  const { epoch, snapshot } = found;
  const epochEnded = endOfEpoch(directory, content.file, found);
  return { kind: 'found', epoch, snapshot, ...(epochEnded !== undefined && { epochEnded }) };
}

/** Scripts are processes of the same user and can put anything there: neither a pipe nor its size may hold us up. */
function readContent(path: string): Content | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= mostBytes
      ? { text: readFileSync(file, 'utf8'), file: fileIdentity(stats) }
      : undefined;
  } finally {
    closeSync(file);
  }
}

/** A line whose checksum is right was written by this program, or by one that wanted to seem so. */
function parseLine(line: string): JournalEntry | undefined {
  const text = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(text)) return undefined;
  return attempt(SyntaxError, () => JSON.parse(text) as JournalEntry);
}

/** A book that somebody has made up must not end every start of the daemon. */
function attempt<T>(fault: typeof SyntaxError | typeof TypeError, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof fault) return undefined;
    throw error;
  }
}

function foldEntries(
  entries: readonly JournalEntry[],
  context: string,
): Exclude<StoredJournal, { kind: 'found' }> | FoldedJournal {
  const [first] = entries;
  if (first?.kind !== 'opened') return { kind: 'broken', reason: 'its first line is missing' };
  if (first.version !== journalVersion) {
    return { kind: 'broken', reason: `it is of version ${String(first.version)}, this is ${journalVersion}` };
  }
  const snapshot = attempt(TypeError, () => foldAll(entries));
  if (snapshot === undefined) return { kind: 'broken', reason: 'it has an entry that netevd does not write' };
  if (first.context !== context) return { kind: 'foreign' };
  return { kind: 'found', epoch: first.epoch, file: first.file, snapshot };
}

function foldAll(entries: readonly JournalEntry[]): JournalSnapshot {
  const kept = new JournalFold();
  for (const entry of entries) kept.add(entry);
  return kept.snapshot();
}

/** Puts a book that cannot be read out of the way, as `book.broken`, for whoever wants to know. */
export function setAside(directory: string): void {
  renameSync(journalPath(directory), join(directory, 'journal.broken'));
}

/** The errno's name of an error of the file system; anything else is a bug. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
