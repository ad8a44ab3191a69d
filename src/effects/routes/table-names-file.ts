/** The file by which ip(8) knows the tables of netevd's links by name. */
import { renameSync, writeFileSync } from 'node:fs';
import { noTableNames, type TableNames, tableNamesText } from '../../core/routing/wanted/table-names.ts';

export type WriteOutcome = { readonly ok: true } | { readonly ok: false; readonly code: string };

/**
 * Keeps a file of the daemon's own runtime directory, for whoever wants to copy it to `/etc/iproute2/rt_tables.d`. Root's
 * ip(8) must not read it where it lies: hooks are of the same user and can write to it.
 */
export class TableNamesFile {
  readonly #path: string;
  #names: TableNames | undefined;
  /** What the file says; nothing as long as there is nothing to say. */
  #text: string = tableNamesText(noTableNames);

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the file anew where the names are other ones; readers see the old or the new, never half of it. */
  update(names: TableNames): WriteOutcome {
    if (names === this.#names) return { ok: true };
    this.#names = names;
    const text = tableNamesText(names);
    if (text === this.#text) return { ok: true };
    this.#text = text;
    try {
      writeFileSync(`${this.#path}.new`, text, { mode: 0o644 });
      renameSync(`${this.#path}.new`, this.#path);
      return { ok: true };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (typeof code !== 'string') throw error;
      return { ok: false, code };
    }
  }
}
