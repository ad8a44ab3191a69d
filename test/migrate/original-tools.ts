/** The programs that netevd takes over from, out of Debian's packages: unpacked, never installed. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(import.meta.dir, '../../build/original-tools');

export type OriginalTool = 'networkd-dispatcher' | 'ifupdown';

const programs: Readonly<Record<OriginalTool, string>> = {
  'networkd-dispatcher': 'usr/bin/networkd-dispatcher',
  ifupdown: 'sbin/ifup',
};

/** The program's path; undefined where this machine has neither the program nor apt-get and a mirror to get it from. */
export function originalTool(name: OriginalTool): string | undefined {
  const program = programs[name];
  const places = [join(cache, name, program), join('/', program)];
  const there = (): string | undefined => places.find((path) => existsSync(path));
  if (there() === undefined) unpack(name);
  return there();
}

function unpack(name: OriginalTool): void {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'download-'));
  try {
    spawnSync('apt-get', ['download', '-qq', name], { cwd: folder, stdio: 'ignore', timeout: 120_000 });
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
    if (archive === undefined) return;
    spawnSync('dpkg-deb', ['-x', join(folder, archive), join(cache, name)], { stdio: 'ignore' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
