/**
 * Starts that failed on the same journal, counted in a file beside it: what is in the journal must not end every start of the daemon, nor
 * may a start that somebody killed cost it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readStateFile, writeStateFile } from '../../platform/state-file.ts';
import { errnoOf } from '../../store/journal/errno.ts';

/** After so many, the next start sets the journal aside. */
const maxFailedStarts = 2;

export class FailedStarts {
  readonly #path: string;
  readonly #earlier: number;

  constructor(directory: string) {
    this.#path = join(directory, 'failed-starts');
    const text = new TextDecoder('latin1').decode(readStateFile(this.#path, 2) ?? new Uint8Array());
    this.#earlier = /^[0-9]\n$/.test(text) ? Number(text[0]) : 0;
  }

  /** Whether the journal that is there has had its chances. */
  get areTooMany(): boolean {
    return this.#earlier >= maxFailedStarts;
  }

  /** This start reads the journal now, or has failed on it: until `survived` or `succeeded` it counts. */
  count(): void {
    this.#write(Math.min(this.#earlier + 1, maxFailedStarts));
  }

  /** The journal has been read. What comes next can be killed without being held against it. */
  survived(): void {
    this.#write(this.#earlier);
  }

  /** The daemon is ready, or the journal is another one. */
  succeeded(): void {
    this.#write(0);
  }

  /** A count that cannot be kept keeps nobody from starting. */
  #write(count: number): void {
    try {
      if (count === 0) rmSync(this.#path, { force: true, recursive: false });
      else writeStateFile(this.#path, `${count}\n`, 0o600);
    } catch (error) {
      errnoOf(error);
    }
  }
}
