/** Finds the file that a script name on the command line means. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { hookDirectories } from '../../core/model/event-table.ts';
import { directoryPath } from '../../effects/hooks/inspect.ts';

export type FoundScript = { readonly path: string } | { readonly problem: string };

/**
 * Accepts the name of a file in one of the hook directories, a path below them (`routable.d/10-log`), or a path that says that it is
 * one: absolute, or beginning with `./` or `../`. Anything else is never looked for in the current directory, which may be
 * somebody else's.
 */
export function findScript(name: string, base: string, cwd: string): FoundScript {
  if (/^(\/|\.\.?\/)/.test(name)) {
    const path = resolve(cwd, name);
    return existsSync(path) ? { path } : { problem: `${name}: not found` };
  }
  if (name.includes('/')) return below(name, base);
  const found = hookDirectories
    .map((directory) => `${directoryPath(base, directory)}/${name}`)
    .filter(existsSync);
  const [only] = found;
  if (only === undefined)
    return { problem: `${name}: not found in a directory of ${base}; ${elsewhere(name)}` };
  if (found.length > 1) return { problem: `${name}: several files have this name: ${found.join(', ')}` };
  return { path: only };
}

function below(name: string, base: string): FoundScript {
  const path = resolve(base, name);
  if (!path.startsWith(`${resolve(base)}/`))
    return { problem: `${name}: leads out of ${base}; ${elsewhere(name)}` };
  return existsSync(path) ? { path } : { problem: `${name}: not found in ${base}; ${elsewhere(name)}` };
}

const elsewhere = (name: string): string => `for a file of the current directory, write ./${name}`;
