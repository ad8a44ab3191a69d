/** `User=` of the daemon's systemd unit, read from its files: systemd need not run. */
import { readdirSync, readFileSync } from 'node:fs';

/** systemd.unit(5), the first place wins. */
const unitDirectories = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const unit = 'netevd.service';

/** The user that the unit starts the daemon as; undefined without a unit, or if it starts as root. */
export function unitUser(directories: readonly string[] = unitDirectories): string | undefined {
  const main = directories
    .map((directory) => readText(`${directory}/${unit}`))
    .find((text) => text !== undefined);
  if (main === undefined) return undefined;
  const user = [main, ...dropIns(directories)].map(parseUser).findLast((value) => value !== undefined);
  return user === undefined || user === '' || user === 'root' || user === '0' ? undefined : user;
}

/** The last `User=` of `[Service]`; '' if it resets the value; undefined without one. */
export function parseUser(text: string): string | undefined {
  let section = '';
  let user: string | undefined;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
    const value = /^User\s*=\s*(.*)$/.exec(line)?.[1];
    if (section === 'Service' && value !== undefined) user = value;
  }
  return user;
}

/** Texts of the drop-ins in the order of their names; of the same name, the first directory wins. */
function dropIns(directories: readonly string[]): readonly string[] {
  const files = new Map<string, string>();
  for (const directory of directories) {
    for (const name of namesIn(`${directory}/${unit}.d`)) {
      if (name.endsWith('.conf') && !files.has(name)) files.set(name, `${directory}/${unit}.d/${name}`);
    }
  }
  const ordered = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([, path]) => readText(path) ?? '');
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
