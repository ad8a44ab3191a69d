/**
 * The number of the newest record, in its own file beside the journal. It is written after the journal and before the
 * record is published. If it is ahead of a journal, that journal has lost records that readers may know.
 */
import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Epoch, epoch as epochOf, type Seq, seq } from '../../core/model/ids.ts';
import { readStateFile, replaceStateFile } from '../../platform/state-file.ts';
import { errnoOf } from './errno.ts';

export interface Mark {
  readonly epoch: Epoch;
  readonly seq: Seq;
}

/** One write replaces all of it. */
const size = 64;

const markPath = (directory: string): string => join(directory, 'last-seq');

/** Undefined if there is none, or if netevd did not write it. Never blocks, follows no symbolic link. */
export function readMark(directory: string): Mark | undefined {
  const text = new TextDecoder('latin1').decode(readStateFile(markPath(directory), size) ?? new Uint8Array());
  const [, epoch, number] = /^([0-9a-f-]{36}) (\d+) *\n/.exec(text) ?? [];
  if (epoch === undefined || number === undefined) return undefined;
  return { epoch: epochOf(epoch), seq: seq(Number(number)) };
}

export class SequenceMark implements Disposable {
  readonly #epoch: Epoch;
  readonly #file: number;
  #last: Seq;

  /** Begins a mark; replaces an existing one. Throws if that is impossible. */
  constructor(directory: string, { epoch, seq: last }: Mark) {
    this.#epoch = epoch;
    this.#last = last;
    const content = (): string => this.#text();
    this.#file = replaceStateFile({ path: markPath(directory), mode: 0o600, content, appends: false });
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
    writeSync(this.#file, this.#text(), 0, 'latin1');
  }

  #text(): string {
    return `${`${this.#epoch} ${this.#last}`.padEnd(size - 1)}\n`;
  }
}
