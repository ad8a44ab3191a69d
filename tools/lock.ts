/**
 * Makes package-lock.json complete: some registries do not have the packages of other platforms, npm then leaves them out of
 * the lock, and `npm ci` refuses it. `bun tools/lock.ts` after every `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Record<string, LockedPackage>;
}

const lockFile: string = join(import.meta.dir, '../package-lock.json');

/** The packages that others name as optional, and that have no entry: the entry that each would have. */
export function missingEntries(lock: Lock): Record<string, object> {
  const missing: Record<string, object> = {};
  for (const of of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(of.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`;
      if (lock.packages[place] === undefined) missing[place] = entryOf(name, version, of);
    }
  }
  return missing;
}

/** Platforms as the names of such packages tell them: `cli-linux-x64-musl`. */
function entryOf(name: string, version: string, { dev, license, engines }: LockedPackage): object {
  const platform =
    /(android|darwin|freebsd|linux|netbsd|openbsd|sunos|win32|windows)-([a-z0-9]+)(-musl)?/.exec(name);
  if (platform === null || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`what is ${name} ${version} for?`);
  const [, os = '', cpu = '', musl] = platform;
  return {
    version,
    cpu: [cpu],
    ...(dev === true && { dev }),
    ...(musl !== undefined && { libc: ['musl'] }),
    ...(license !== undefined && { license }),
    optional: true,
    os: [os === 'windows' ? 'win32' : os],
    ...(engines !== undefined && { engines }),
  };
}

export const readLock = (): Lock => JSON.parse(readFileSync(lockFile, 'utf8'));

if (import.meta.main) {
  const lock = readLock();
  const { '': root, ...others } = { ...lock.packages, ...missingEntries(lock) };
  const sorted = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(
    lockFile,
    `${JSON.stringify({ ...lock, packages: { '': root, ...Object.fromEntries(sorted) } }, null, 2)}\n`,
  );
}
