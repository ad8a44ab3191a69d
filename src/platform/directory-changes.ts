/** Directory changes by inotify(7), read without waiting. */
import { closeSync } from 'node:fs';
import type { DirectoryChanges } from '../ports/directory-changes.ts';
import type { Native } from './native.ts';

/** What it needs of the addon. */
export type Inotify = Pick<Native, 'inotifyOpen' | 'inotifyWatch' | 'inotifyDrain'>;

/** Undefined where this user has as many inotify instances as the system allows. */
export function openDirectoryChanges(native: Inotify): DirectoryChanges | undefined {
  let fd: number;
  try {
    fd = native.inotifyOpen();
  } catch {
    return undefined;
  }
  return {
    watch: (path) => native.inotifyWatch(fd, path) >= 0,
    hasChanged: () => native.inotifyDrain(fd),
    [Symbol.dispose]: () => closeSync(fd),
  };
}
