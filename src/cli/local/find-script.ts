/** Which file somebody means who names a script on the command line. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { hookDirectories } from '../../core/model/event-table.ts';
import { directoryPath } from '../../effects/hooks/inspect.ts';

export type FoundScript = { readonly path: string } | { readonly problem: string };

/** A path, a path below the hook directory, or the name of a file in one of its directories. `cwd` is where we are. */
export function findScript(name: string, base: string, cwd: string): FoundScript {
  const here = resolve(cwd, name);
  if (existsSync(here)) return { path: here };
  const below = resolve(base, name);
  if (existsSync(below)) return { path: below };
  if (name.includes('/')) return { problem: `there is no ${name}, neither here nor in ${base}` };
  const found = hookDirectories
    .map((directory) => `${directoryPath(base, directory)}/${name}`)
    .filter(existsSync);
  const [only] = found;
  if (only === undefined)
    return { problem: `there is no ${name}, neither here nor in a directory of ${base}` };
  if (found.length > 1) return { problem: `there are several of that name: ${found.join(', ')}` };
  return { path: only };
}
