/**
 * The book on disk: one JSON object a line, only ever appended to, and now and then written anew and put in place of the
 * old one by a rename. It is valid within one boot alone, so what the kernel has taken is safe enough: a write that has
 * returned survives the end of the process, and after a loss of power nobody reads it. Nothing waits for a disk.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type BookEntry, bookVersion, type KeptWhole } from '../core/kept/entries.ts';
import { Kept } from '../core/kept/fold.ts';

/** A book is written anew when it has grown by this much beyond its first entry, and to four times that. */
const leastGrowth = 1024 * 1024;

export interface BookIdentity {
  readonly instance: string;
  /** Of this boot and this network. */
  readonly surroundings: string;
}

/** What was found at the start. */
export type FoundBook =
  | { readonly kind: 'none' }
  /** Of another boot or another network: nothing in it is true here. */
  | { readonly kind: 'foreign' }
  /** `reason` says what is wrong with it; it was kept beside the new one as `book.broken`. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'found'; readonly instance: string; readonly whole: KeptWhole };

/** Reads the book of `directory` to its end. A last line that was not finished is as if it had never been begun. */
export function readBook(directory: string, surroundings: string): FoundBook {
  let text: string;
  try {
    text = readFileSync(bookPath(directory), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'none' };
    return { kind: 'broken', reason: `it cannot be read (${errnoOf(error)})` };
  }
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  const entries = lines.map(parseLine);
  const damaged = entries.indexOf(undefined);
  if (damaged >= 0) return { kind: 'broken', reason: `line ${damaged + 1} is not JSON` };
  return foldEntries(entries as readonly BookEntry[], surroundings);
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

function parseLine(line: string): BookEntry | undefined {
  try {
    return JSON.parse(line) as BookEntry;
  } catch {
    return undefined;
  }
}

const bookPath = (directory: string): string => join(directory, 'book');

/** Puts a book that cannot be read out of the way, for whoever wants to know. */
export function setAside(directory: string): void {
  renameSync(bookPath(directory), join(directory, 'book.broken'));
}

export class Book implements Disposable {
  readonly #directory: string;
  readonly #identity: BookIdentity;
  readonly #kept = new Kept();
  #file: number;
  #size = 0;
  #limit = 0;
  #lines: string[] = [];
  #failures = 0;

  /** Begins a book with `whole` as its first entry, in place of the one that is there. Throws where that is impossible. */
  constructor(directory: string, identity: BookIdentity, whole: KeptWhole) {
    this.#directory = directory;
    this.#identity = identity;
    const opened: BookEntry = { kind: 'opened', version: bookVersion, ...identity, whole };
    this.#kept.add(opened);
    this.#file = this.#begin(opened);
  }

  /** How often an entry could not be written: what it said is lost if the process ends now. */
  get failures(): number {
    return this.#failures;
  }

  /** Takes an entry down; it is safe once `flush` has returned. */
  add(entry: BookEntry): void {
    this.#kept.add(entry);
    this.#lines.push(JSON.stringify(entry));
  }

  /** Writes what was taken down. False where the disk refused: the daemon goes on, and the next flush tries again. */
  flush(): boolean {
    if (this.#lines.length === 0) return true;
    const bytes = new TextEncoder().encode(`${this.#lines.join('\n')}\n`);
    try {
      this.#append(bytes);
      this.#lines = [];
      if (this.#size > this.#limit) this.#rewrite();
      return true;
    } catch (error) {
      errnoOf(error);
      this.#failures++;
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.flush();
    closeSync(this.#file);
  }

  /** All of it or nothing: half a line would make the next one unreadable. */
  #append(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) {
        written += writeSync(this.#file, bytes, written, bytes.length - written, this.#size + written);
      }
    } catch (error) {
      ftruncateSync(this.#file, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  #rewrite(): void {
    const whole = this.#kept.whole();
    const next = this.#begin({ kind: 'opened', version: bookVersion, ...this.#identity, whole });
    closeSync(this.#file);
    this.#file = next;
  }

  /** Writes a new book beside the old one and puts it in its place. Returns its descriptor. */
  #begin(opened: BookEntry): number {
    const path = join(this.#directory, 'book.new');
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const file = openSync(path, flags, 0o600);
    try {
      const bytes = new TextEncoder().encode(`${JSON.stringify(opened)}\n`);
      let written = 0;
      while (written < bytes.length) written += writeSync(file, bytes, written);
      // The rename must not reach the disk before the content: an empty book would be taken for a broken one.
      fsyncSync(file);
      renameSync(path, bookPath(this.#directory));
      this.#size = bytes.length;
      this.#limit = bytes.length + Math.max(leastGrowth, 3 * bytes.length);
      return file;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }
}

/** The errno's name of an error of the file system; anything else is a bug. */
function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
