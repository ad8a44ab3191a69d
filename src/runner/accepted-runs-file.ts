/** The runner's accepted runs on disk: in a directory of root's below /run, so that it is gone with the boot. */
import { closeSync, constants, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../platform/trust/path-walk.ts';
import { AcceptedRuns, type Admission, maxEntries, type RunKey } from './accepted-runs.ts';

export class AcceptedRunsFile implements Disposable {
  readonly #path: string;
  readonly #accepted: AcceptedRuns;
  #descriptor: number;
  /** Appended since the file was written whole. */
  #appended = 0;

  /** Reads what is there, and writes it whole. Throws where that is impossible: then nothing may run. */
  constructor(directory: string) {
    this.#path = join(directory, 'accepted');
    const text = attempt(() => readFileSync(this.#path, 'utf8'));
    if (text.value === undefined && text.code !== 'ENOENT')
      throw new Error(`${this.#path} cannot be read (${text.code})`);
    this.#accepted = AcceptedRuns.parse(text.value ?? '');
    this.#descriptor = this.#writeWhole();
  }

  look(key: RunKey): Admission {
    return this.#accepted.look(key);
  }

  /** False where it could not be noted: then it must not run. */
  note(key: RunKey): boolean {
    // Where a full /run took a part of the line before, this one must not become the rest of it.
    const line = `\n${AcceptedRuns.lineOf(key)}`;
    if (attempt(() => writeSync(this.#descriptor, line)).value !== Buffer.byteLength(line)) return false;
    this.#accepted.add(key);
    this.#appended += 1;
    // So that it stays small also where the runner is never idle.
    if (this.#appended > maxEntries) this.#rewrite();
    return true;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  /** Where that fails, the longer file stays, which says the same. */
  #rewrite(): void {
    const next = attempt(() => this.#writeWhole());
    if (next.value === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = next.value;
    this.#appended = 0;
  }

  #writeWhole(): number {
    writeFileSync(`${this.#path}.new`, this.#accepted.text(), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    return openSync(this.#path, constants.O_WRONLY | constants.O_APPEND);
  }
}
