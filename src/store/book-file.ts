/**
 * The book as bytes: one entry a line, a checksum before it, so that a line that was not finished, or that somebody
 * else has touched, is known as such.
 */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type BookEntry, bookVersion, type KeptWhole } from '../core/kept/entries.ts';
import { Kept } from '../core/kept/fold.ts';

/** What was found at the start. */
export type FoundBook =
  | { readonly kind: 'none' }
  /** Of another boot or another network: nothing in it is true here. */
  | { readonly kind: 'foreign' }
  /** `reason` says what is wrong with it. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'found'; readonly instance: string; readonly whole: KeptWhole };

export const bookPath = (directory: string): string => join(directory, 'book');

/** `1c291ca3 {"kind":"done",…}` and a line feed; the checksum is CRC-32 (IEEE 802.3) in hexadecimal. */
export function encodeEntry(entry: BookEntry): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

const checksum = (text: string): string => Bun.hash.crc32(text).toString(16).padStart(8, '0');

/** Reads the book of `directory` to its end. A last line that was not finished is as if it had never been begun. */
export function readBook(directory: string, surroundings: string): FoundBook {
  let text: string;
  try {
    text = readFileSync(bookPath(directory), 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT' ? { kind: 'none' } : { kind: 'broken', reason: `it cannot be read (${code})` };
  }
  const lines = text.split('\n').slice(0, -1);
  const entries = lines.map(parseLine);
  const damaged = entries.indexOf(undefined);
  if (damaged >= 0) return { kind: 'broken', reason: `line ${damaged + 1} was not written by netevd` };
  return foldEntries(entries as readonly BookEntry[], surroundings);
}

/** A line whose checksum is right was written by this program, and is an entry. */
function parseLine(line: string): BookEntry | undefined {
  const text = line.slice(9);
  return line[8] === ' ' && line.slice(0, 8) === checksum(text) ? (JSON.parse(text) as BookEntry) : undefined;
}

function foldEntries(entries: readonly BookEntry[], surroundings: string): FoundBook {
  const [first] = entries;
  if (first?.kind !== 'opened') return { kind: 'broken', reason: 'its first line is missing' };
  if (first.version !== bookVersion) {
    return { kind: 'broken', reason: `it is of version ${String(first.version)}, this is ${bookVersion}` };
  }
  if (first.surroundings !== surroundings) return { kind: 'foreign' };
  const kept = new Kept();
  for (const entry of entries) kept.add(entry);
  return { kind: 'found', instance: first.instance, whole: kept.whole() };
}

/** Puts a book that cannot be read out of the way, as `book.broken`, for whoever wants to know. */
export function setAside(directory: string): void {
  renameSync(bookPath(directory), join(directory, 'book.broken'));
}

/** The errno's name of an error of the file system; anything else is a bug. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
