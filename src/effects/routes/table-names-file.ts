/** The file that gives ip(8) names for the tables of netevd's links. */
import { renameSync, writeFileSync } from 'node:fs';
import { noTableNames, type TableNames, tableNamesText } from '../../core/routing/wanted/table-names.ts';

export type TableNamesOutcome = { readonly ok: true } | { readonly ok: false; readonly code: string };

/**
 * Keeps a file in the daemon's runtime directory that an operator may copy to `/etc/iproute2/rt_tables.d`.
 * Root's ip(8) must not read it in place: hooks run as the same user and can write to it.
 */
export class TableNamesFile {
  readonly #path: string;
  #names: TableNames | undefined;
  /** The content of the file; no file is written as long as there are no names. */
  #text: string = tableNamesText(noTableNames);

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the file if the names changed. Readers see the old or the new content, never a part. */
  update(names: TableNames): TableNamesOutcome {
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
