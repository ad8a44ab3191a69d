/** What SIGUSR2 brings: everything that the daemon knows, as a file for programs and people, and in one line. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { State } from '../core/state.ts';
import { errnoOf } from '../store/book-file.ts';

/** The network as the daemon sees it, in the shapes of its own objects; sorted, so that two files can be compared. */
export function describeNetwork({ kernel, links, host }: State): Readonly<Record<string, unknown>> {
  const indexes = [...kernel.links.keys()].sort((a, b) => a - b);
  return {
    host,
    links: indexes.map((index) => {
      const link = kernel.links.get(index);
      const { statistics: _, ...object } = link?.object ?? {};
      return { ...object, picture: links.get(index), addresses: [...(link?.addresses.values() ?? [])] };
    }),
    routes: [...kernel.routes.values()].flat(),
    rules: [...kernel.rules.values()],
  };
}

/** Writes `diagnostics.json` into the directory; returns its path, or why that could not be. */
export function writeDiagnostics(
  directory: string,
  value: unknown,
): { readonly ok: true; readonly path: string } | { readonly ok: false; readonly code: string } {
  const path = join(directory, 'diagnostics.json');
  const text = JSON.stringify(
    value,
    (_key, entry: unknown) => (typeof entry === 'bigint' ? String(entry) : entry),
    2,
  );
  try {
    writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o640 });
    renameSync(`${path}.new`, path);
    return { ok: true, path };
  } catch (error) {
    return { ok: false, code: errnoOf(error) };
  }
}
