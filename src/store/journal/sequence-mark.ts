/**
 * The number of the newest record, in its own file beside the journal. It is written after the journal and before the
 * record is published. If it is ahead of a journal, that journal has lost records that readers may know.
 */
import { closeSync, constants, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Epoch, epoch as epochOf, type Seq, seq } from '../../core/model/ids.ts';
import { errnoOf } from './journal-file.ts';

export interface Mark {
  readonly epoch: Epoch;
  readonly seq: Seq;
}

/** One write replaces all of it. */
const size = 64;

const markPath = (directory: string): string => join(directory, 'last-seq');

/** Undefined if there is none, or if netevd did not write it. Never blocks, follows no symbolic link. */
export function readMark(directory: string): Mark | undefined {
  let file: number;
  try {
    file = openSync(markPath(directory), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const bytes = Buffer.alloc(size);
    readSync(file, bytes, 0, size, 0);
    const [, epoch, number] = /^([0-9a-f-]{36}) (\d+) *\n/.exec(bytes.toString('latin1')) ?? [];
    if (epoch === undefined || number === undefined) return undefined;
    return { epoch: epochOf(epoch), seq: seq(Number(number)) };
  } finally {
    closeSync(file);
  }
}

export class SequenceMark implements Disposable {
  readonly #epoch: Epoch;
  readonly #file: number;
  #last: Seq;

  /** Begins a mark; replaces an existing one. Throws if that is impossible. */
  constructor(directory: string, { epoch, seq: last }: Mark) {
    this.#epoch = epoch;
    this.#last = last;
    const path = markPath(directory);
    // The old mark stays until the new one is whole: without one, a kill at this moment would end the epoch.
    const fresh = `${path}.new`;
    // Whatever has that name is not opened: it may be a pipe, or a link to somewhere else.
    rmSync(fresh, { force: true, recursive: true });
    this.#file = openSync(fresh, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    this.#write();
    putInPlace(fresh, path);
  }

  /** Records up to this number will be published next. Takes a microsecond; does nothing if the number is known. */
  advance(last: Seq): void {
    if (last === this.#last) return;
    this.#last = last;
    try {
      this.#write();
    } catch (error) {
      errnoOf(error); // The journal reports the same failure; its next entry is tried again.
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(): void {
    const text = `${this.#epoch} ${this.#last}`.padEnd(size - 1);
    writeSync(this.#file, `${text}\n`, 0, 'latin1');
  }
}

/** Also over a directory, which rename(2) does not replace by a file. */
function putInPlace(fresh: string, path: string): void {
  try {
    renameSync(fresh, path);
  } catch (error) {
    if (errnoOf(error) !== 'EISDIR') throw error;
    rmSync(path, { recursive: true });
    renameSync(fresh, path);
  }
}
