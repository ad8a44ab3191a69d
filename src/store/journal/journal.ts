/**
 * The journal on disk. Entries are appended to it. Sometimes a new journal is written and replaces it by a rename. It
 * is valid within one boot only, so a write that has returned is safe enough: it survives the
 * end of the process, and after a loss of power the journal is not used. Nothing waits for a disk.
 */
import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { type JournalEntry, type JournalSnapshot, journalVersion } from '../../core/journal/entries.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import { after, type Epoch, type Instant, millis, seq } from '../../core/model/ids.ts';
import { replaceStateFile } from '../../platform/state-file.ts';
import type { LaunchNote } from '../../ports/process-spawner.ts';
import { errnoOf } from './errno.ts';
import { encodeEntry, fileIdentity, journalPath, maxJournalBytes } from './journal-file.ts';
import { SequenceMark } from './sequence-mark.ts';

export interface JournalIdentity {
  readonly epoch: Epoch;
  /** Names this boot and this network namespace. */
  readonly context: string;
}

export interface JournalOptions {
  readonly directory: string;
  readonly identity: JournalIdentity;
  readonly now: () => Instant;
  /** Minimum number of appended bytes before a new journal replaces this one; 1 MiB by default. */
  readonly leastGrowth?: number;
}

/** `code` is the errno's name: what was taken down last is lost if the process ends now. */
export type FlushOutcome = { readonly ok: true } | { readonly ok: false; readonly code: string };

const safe: FlushOutcome = { ok: true };
/** Minimum time between new journals after failures: a new journal costs more than a line. */
const retryAfter = millis(1000);

export class Journal implements Disposable {
  readonly #options: JournalOptions;
  #epoch: Epoch;
  #kept = new JournalFold();
  #file: number;
  #mark: SequenceMark;
  #size = 0;
  #limit = 0;
  #lines: string[] = [];
  /** Whether the file lacks entries: only a new journal with a snapshot can fix that. */
  #trouble: { readonly code: string; readonly retryAt: Instant } | undefined;

  /** Begins a journal with `snapshot` as its first entry; replaces an existing one. Throws if that is impossible. */
  constructor(options: JournalOptions, snapshot: JournalSnapshot) {
    this.#options = options;
    this.#epoch = options.identity.epoch;
    this.#file = this.#begin(snapshot);
    const { directory, identity } = options;
    this.#mark = new SequenceMark(directory, { epoch: identity.epoch, seq: snapshot.lastSeq });
  }

  /** Adds an entry; it is safe once `flush` has returned. */
  add(entry: JournalEntry): void {
    this.#kept.add(entry);
    if (this.#trouble === undefined) this.#lines.push(encodeEntry(entry));
  }

  /** The line that a starting hook process may append to the journal. Undefined while the disk fails. */
  noteOf(entry: JournalEntry): LaunchNote | undefined {
    if (this.#trouble !== undefined) return undefined;
    return { descriptor: this.#file, bytes: new TextEncoder().encode(encodeEntry(entry)) };
  }

  /**
   * Records have a new line of numbers from now on. The journal is written anew with it; where the disk refuses,
   * a later flush does so.
   */
  beginEpoch(epoch: Epoch): void {
    this.#epoch = epoch;
    const { directory } = this.#options;
    const restarted = { ...this.#kept.snapshot(), lastSeq: seq(0) };
    this.#lines = [];
    try {
      const next = this.#begin(restarted);
      closeSync(this.#file);
      this.#file = next;
      const mark = new SequenceMark(directory, { epoch, seq: seq(0) });
      this.#mark[Symbol.dispose]();
      this.#mark = mark;
    } catch (error) {
      this.#kept = new JournalFold();
      this.#kept.add(this.#opened(restarted, this.#file));
      this.#fail(error);
    }
  }

  /** Writes the added entries. If the disk fails, the daemon continues, and a later flush writes all of them. */
  flush(): FlushOutcome {
    const outcome = this.#flushEntries();
    this.#mark.advance(this.#kept.lastSeq);
    return outcome;
  }

  #flushEntries(): FlushOutcome {
    if (this.#trouble !== undefined) return this.#mend(this.#trouble);
    if (this.#lines.length === 0) return safe;
    const { nlink, size } = fstatSync(this.#file);
    // The file was removed: entries written to it would be lost.
    if (nlink === 0) return this.#replace();
    // Starting hook processes append to it as well.
    this.#size = size;
    const bytes = new TextEncoder().encode(this.#lines.join(''));
    this.#lines = [];
    try {
      this.#append(bytes);
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#size > this.#limit) this.#grow();
    return safe;
  }

  [Symbol.dispose](): void {
    this.flush();
    closeSync(this.#file);
    this.#mark[Symbol.dispose]();
  }

  #replace(): FlushOutcome {
    this.#lines = [];
    try {
      this.#rewrite();
    } catch (error) {
      return this.#fail(error);
    }
    return safe;
  }

  #append(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) written += writeSync(this.#file, bytes, written);
    this.#size += bytes.length;
  }

  #fail(error: unknown): FlushOutcome {
    const code = errnoOf(error);
    this.#trouble = { code, retryAt: after(this.#options.now(), retryAfter) };
    try {
      // An incomplete line is harmless only at the end, and other lines may follow it.
      ftruncateSync(this.#file, this.#size);
    } catch (second) {
      errnoOf(second); // The disk fails; the next journal replaces this one.
    }
    return { ok: false, code };
  }

  #mend({ code, retryAt }: { readonly code: string; readonly retryAt: Instant }): FlushOutcome {
    if (this.#options.now() < retryAt) return { ok: false, code };
    this.#trouble = undefined;
    return this.#replace();
  }

  /** Replaces a long journal. If no new one can be begun, the old one stays and grows. */
  #grow(): void {
    try {
      this.#rewrite();
    } catch (error) {
      errnoOf(error);
      this.#limit = this.#size + this.#growth(this.#size);
    }
  }

  #rewrite(): void {
    const next = this.#begin(this.#kept.snapshot());
    closeSync(this.#file);
    this.#file = next;
  }

  #opened(snapshot: JournalSnapshot, file: number): JournalEntry {
    return {
      kind: 'opened',
      version: journalVersion,
      epoch: this.#epoch,
      context: this.#options.identity.context,
      file: fileIdentity(fstatSync(file)),
      snapshot,
    };
  }

  /** Chosen so that new journals cost at most a third of what the appended entries cost. */
  #growth(size: number): number {
    const { leastGrowth = 1024 * 1024 } = this.#options;
    // Also where that is less: a book that a start refuses to read would be no use.
    return Math.min(Math.max(leastGrowth, 3 * size), Math.max(leastGrowth, maxJournalBytes / 2 - size));
  }

  /** Puts a new book in the place of the old one. Returns its descriptor. */
  #begin(snapshot: JournalSnapshot): number {
    let opened: JournalEntry | undefined;
    let size = 0;
    const file = replaceStateFile({
      path: journalPath(this.#options.directory),
      mode: 0o600,
      // The content must reach the disk before the rename: an empty journal would count as broken.
      sync: true,
      content: (descriptor) => {
        opened = this.#opened(snapshot, descriptor);
        const line = encodeEntry(opened);
        size = new TextEncoder().encode(line).length;
        return line;
      },
    });
    this.#kept = new JournalFold();
    if (opened !== undefined) this.#kept.add(opened);
    this.#size = size;
    this.#limit = size + this.#growth(size);
    return file;
  }
}
