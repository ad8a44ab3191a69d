/** Finds the file that a script name on the command line means. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { hookDirectories } from '../../core/model/event-table.ts';
import { directoryPath } from '../../effects/hooks/inspect.ts';

export type FoundScript = { readonly path: string } | { readonly problem: string };

/** Accepts a path, a path below the hook directory, or the name of a file in one of its directories. */
export function findScript(name: string, base: string, cwd: string): FoundScript {
  const here = resolve(cwd, name);
  if (existsSync(here)) return { path: here };
  const below = resolve(base, name);
  if (existsSync(below)) return { path: below };
  if (name.includes('/')) return { problem: `${name}: not found here or in ${base}` };
  const found = hookDirectories
    .map((directory) => `${directoryPath(base, directory)}/${name}`)
    .filter(existsSync);
  const [only] = found;
  if (only === undefined) return { problem: `${name}: not found here or in a directory of ${base}` };
  if (found.length > 1) return { problem: `${name}: several files have this name: ${found.join(', ')}` };
  return { path: only };
}
