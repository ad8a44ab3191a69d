/** What this process has open, for tests that nothing is left behind. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Names of the threads that the addon started and that are still there. */
export function nativeThreads(): string[] {
  return readdirSync('/proc/self/task')
    .map((task) => {
      try {
        return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
      } catch {
        return ''; // ended meanwhile
      }
    })
    .filter((name) => name.startsWith('netevd:'))
    .sort();
}

/** What each open descriptor is: a path, `socket:[1]`, `anon_inode:[eventfd]` …, without that of the listing itself. */
export function openDescriptors(): string[] {
  const targets: string[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      targets.push(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // the descriptor of the listing
    }
  }
  return targets;
}

/** Pids of this process's children that have ended and are not reaped. */
export function zombies(): number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' && Number(parent) === process.pid) found.push(Number(name));
    } catch {
      // gone meanwhile
    }
  }
  return found;
}
