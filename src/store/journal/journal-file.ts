/**
 * The book as bytes: one entry a line, a checksum before it, so that a line that was not finished, or that somebody
 * else has touched, is known as such.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalEntry, type JournalSnapshot, journalVersion } from '../../core/journal/entries.ts';
import { Kept } from '../../core/journal/fold.ts';
import type { Seq } from '../../core/model/ids.ts';

/** What was found at the start. */
export type StoredJournal =
  | { readonly kind: 'none' }
  /** Of another boot or another network: nothing in it is true here, but that so many events had a number. */
  | { readonly kind: 'foreign'; readonly lastSeq: Seq }
  /** `reason` says what is wrong with it. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'found'; readonly instance: string; readonly whole: JournalSnapshot };

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
export function readJournal(directory: string, surroundings: string): StoredJournal {
  let text: string | undefined;
  try {
    text = readText(journalPath(directory));
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT' ? { kind: 'none' } : { kind: 'broken', reason: `it cannot be read (${code})` };
  }
  if (text === undefined) return { kind: 'broken', reason: 'it is no regular file, or far too large' };
  const lines = text.split('\n').slice(0, -1);
  const entries = lines.map(parseLine);
  const damaged = entries.indexOf(undefined);
  if (damaged >= 0) return { kind: 'broken', reason: `line ${damaged + 1} was not written by netevd` };
  return foldEntries(entries as readonly JournalEntry[], surroundings);
}

/** Scripts are processes of the same user and can put anything there: neither a pipe nor its size may hold us up. */
function readText(path: string): string | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= mostBytes ? readFileSync(file, 'utf8') : undefined;
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

function foldEntries(entries: readonly JournalEntry[], surroundings: string): StoredJournal {
  const [first] = entries;
  if (first?.kind !== 'opened') return { kind: 'broken', reason: 'its first line is missing' };
  if (first.version !== journalVersion) {
    return { kind: 'broken', reason: `it is of version ${String(first.version)}, this is ${journalVersion}` };
  }
  const whole = attempt(TypeError, () => foldAll(entries));
  if (whole === undefined) return { kind: 'broken', reason: 'it has an entry that netevd does not write' };
  if (first.surroundings !== surroundings) return { kind: 'foreign', lastSeq: whole.lastSeq };
  return { kind: 'found', instance: first.instance, whole };
}

function foldAll(entries: readonly JournalEntry[]): JournalSnapshot {
  const kept = new Kept();
  for (const entry of entries) kept.add(entry);
  return kept.whole();
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
