/**
 * The journal as bytes: one entry per line, after its checksum. The checksum shows whether a line is incomplete, or was
 * changed by another program.
 */
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { type JournalEntry, type JournalSnapshot, journalVersion } from '../../core/journal/entries.ts';
import { isJournalEntry } from '../../core/journal/entry-shape.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import { isObject } from '../../core/journal/shape.ts';
import type { Epoch } from '../../core/model/ids.ts';
import { openStateFile, renameOver } from '../../platform/state-file.ts';
import { errnoOf } from './errno.ts';
import { journalLines } from './journal-lines.ts';
import { isCheapJson } from './json-cost.ts';
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

/** More than any network comes to. A start reads that much within a second. */
export const maxJournalBytes: number = 8 * 1024 * 1024;

/** Each is looked for among the processes of the machine, and told of in the log. */
const maxPendingEvents = 10_000;

export const journalPath = (directory: string): string => join(directory, 'journal');

/** `1c291ca3 {"kind":"done",…}` and a line feed; the checksum is CRC-32 (IEEE 802.3) in hexadecimal. */
export function encodeEntry(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

const checksum = (text: string | Uint8Array): string => Bun.hash.crc32(text).toString(16).padStart(8, '0');

/**
 * Reads the book of `directory`, line by line, to its end or to the first line that netevd did not write. A last line that was not
 * finished is as if it had never been begun. Never throws for anything that lies there, and never blocks.
 */
export function readJournal(directory: string, context: string): StoredJournal {
  try {
    using file = openStateFile(journalPath(directory));
    if (file === undefined) return broken('it is not a regular file');
    const { size } = file.stats;
    if (size > maxJournalBytes) return broken(`it has ${size} bytes, more than ${maxJournalBytes}`);
    const found = foldLines(journalLines(file.descriptor, maxJournalBytes), context);
    if (found.kind !== 'found') return found;
    const { epoch, snapshot } = found;
    const epochEnded = endOfEpoch(directory, fileIdentity(file.stats), found);
    return { kind: 'found', epoch, snapshot, ...(epochEnded !== undefined && { epochEnded }) };
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT' ? { kind: 'none' } : broken(`it cannot be read (${code})`);
  }
}

const broken = (reason: string): StoredJournal & { readonly kind: 'broken' } => ({ kind: 'broken', reason });

function foldLines(
  lines: Iterable<Uint8Array>,
  context: string,
): Exclude<StoredJournal, { kind: 'found' }> | FoldedJournal {
  const fold = new JournalFold();
  let first: (JournalEntry & { readonly kind: 'opened' }) | undefined;
  let number = 0;
  for (const line of lines) {
    number++;
    const parsed = parseLine(line);
    if (parsed === undefined) return broken(`line ${number} was not written by netevd`);
    if (number === 1) {
      const start = checkFirst(parsed);
      if (start.kind === 'broken') return start;
      if (start.context !== context) return { kind: 'foreign' };
      first = start;
    } else if (!isJournalEntry(parsed) || parsed.kind === 'opened') {
      return broken(`line ${number} has a shape that netevd does not write`);
    }
    fold.add(parsed as JournalEntry);
    if (fold.pendingEvents > maxPendingEvents)
      return broken(`more than ${maxPendingEvents} events wait in it`);
  }
  if (first === undefined) return broken('its first line is missing');
  return { kind: 'found', epoch: first.epoch, file: first.file, snapshot: fold.snapshot() };
}

/** The version is looked at before the shape, which is that of this version. */
function checkFirst(
  parsed: unknown,
): (JournalEntry & { readonly kind: 'opened' }) | (StoredJournal & { readonly kind: 'broken' }) {
  if (!isObject(parsed) || parsed['kind'] !== 'opened') return broken('its first line is missing');
  const { version } = parsed;
  if (version !== journalVersion) {
    return broken(`it is of version ${JSON.stringify(version).slice(0, 20)}, this is ${journalVersion}`);
  }
  if (isJournalEntry(parsed) && parsed.kind === 'opened') return parsed;
  return broken('line 1 has a shape that netevd does not write');
}

/** A line whose checksum is right is whole. Undefined for any other, and for JSON that would cost more than it says. */
function parseLine(line: Uint8Array): unknown {
  const json = line.subarray(9);
  if (line[8] !== 0x20 || decoder.decode(line.subarray(0, 8)) !== checksum(json)) return undefined;
  if (!isCheapJson(json)) return undefined;
  try {
    return JSON.parse(decoder.decode(json));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const decoder = new TextDecoder();

/**
 * Renames a book that cannot be read to `journal.broken`, for who wants to look into it, in the place of whatever has that name.
 * Throws errors of the file system.
 */
export function setAside(directory: string): void {
  renameOver(journalPath(directory), join(directory, 'journal.broken'));
}
