/** Quarantines a damaged database, so that the operator can examine it. Keeps the newest ones only. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Each may be as large as `events.max_size_mb`. */
const keptFiles = 2;

/**
 * Renames `events.db` to `events.db.corrupt-20261128T094500Z`, its log along with it, and removes all but the newest
 * such files. `now`: wall clock, milliseconds since 1970. Returns the new path. Throws errors of the file system.
 */
export function setAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const target = freePath(`${path}.corrupt-${stamp}`);
  renameSync(path, target);
  // SQLite finds the log of a database by its name; without the log the newest records would be missing.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${target}-wal`);
  rmSync(`${path}-shm`, { force: true });
  removeOldest(path);
  return target;
}

function freePath(path: string): string {
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? path : `${path}-${i}`;
    if (!existsSync(candidate)) return candidate;
  }
}

function removeOldest(path: string): void {
  const directory = dirname(path);
  const prefix = `${basename(path)}.corrupt-`;
  const names = readdirSync(directory).filter(
    (name) => name.startsWith(prefix) && /^\d{8}T\d{6}Z(-\d+)?$/.test(name.slice(prefix.length)),
  );
  for (const name of names.sort().slice(0, -keptFiles)) {
    rmSync(join(directory, name));
    rmSync(join(directory, `${name}-wal`), { force: true });
  }
}
