/** Log files on the machine's disk, for `ports/log-directory.ts`. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LogDirectory, LogFile } from '../ports/log-directory.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
/** Somebody of the same user can put anything there: neither a link is followed nor a pipe waited for. */
const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
/** Its owner writes, its group reads. */
const mode = 0o640;

/** The directory of the log at `path`, which must be there. */
export function logDirectory(path: string): LogDirectory {
  const directory = dirname(path);
  const name = basename(path);
  return {
    name,
    open: () => new DiskLogFile(openLog(path)),
    list: () => readdirSync(directory),
    rename: (to) => renameSync(path, join(directory, to)),
    remove: (other) => {
      const file = join(directory, other);
      if (lstatSync(file).isFile()) unlinkSync(file);
    },
  };
}

function openLog(path: string): number {
  const file = openOrMake(path);
  const stats = fstatSync(file);
  if (stats.isFile() && stats.nlink === 1) return file;
  closeSync(file);
  throw Object.assign(new Error(`${path} is no regular file with one name`), { code: 'EINVAL' });
}

function openOrMake(path: string): number {
  try {
    const file = openSync(path, flags | O_CREAT | O_EXCL, mode);
    // Independent of the umask.
    fchmodSync(file, mode);
    return file;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return openSync(path, flags);
    throw error;
  }
}

class DiskLogFile implements LogFile {
  readonly #file: number;
  readonly writtenAt: number | undefined;
  readonly isTorn: boolean;

  constructor(file: number) {
    this.#file = file;
    const { size, mtimeMs } = fstatSync(file);
    this.writtenAt = size > 0 ? mtimeMs : undefined;
    const last = new Uint8Array(1);
    this.isTorn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
  }

  append(bytes: Uint8Array): number {
    const taken = writeSync(this.#file, bytes);
    if (taken > 0) return taken;
    throw Object.assign(new Error('the disk takes nothing'), { code: 'ENOSPC' });
  }

  isLinked(): boolean {
    return fstatSync(this.#file).nlink > 0;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
