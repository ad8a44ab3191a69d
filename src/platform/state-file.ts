/**
 * Files of the state directory. Hooks run as the daemon's user and can put anything there, at any name: no link is followed, no
 * pipe or device is waited for, no file with another name is written to. Nothing else may open a file of that directory.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
/** Neither a link is followed nor a pipe waited for, and no terminal becomes the daemon's. */
const careful = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

export interface NewStateFile {
  readonly path: string;
  /** Permissions, whatever the umask. */
  readonly mode: number;
  /** What the file begins with, made for its descriptor. */
  content(file: number): string;
  /** The content reaches the disk before the name does. */
  readonly sync?: boolean;
  /** False where the file is written at chosen offsets; absent: every write goes to its end. */
  readonly appends?: boolean;
}

/**
 * Puts a new file in the place of whatever has that name, all of it or nothing: readers see the old or the new. Returns its
 * descriptor, open for reading and writing; the caller closes it. Throws errors of the file system, and then leaves nothing behind.
 */
export function replaceStateFile(request: NewStateFile): number {
  const { path, mode } = request;
  const fresh = `${path}.new`;
  clearName(fresh);
  const append = request.appends === false ? 0 : O_APPEND;
  const file = openSync(fresh, O_RDWR | append | O_CREAT | O_EXCL | careful, mode);
  try {
    fchmodSync(file, mode);
    writeAll(file, request.content(file));
    if (request.sync === true) fsyncSync(file);
    renameOver(fresh, path);
    return file;
  } catch (error) {
    closeSync(file);
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** As `replaceStateFile`, for a file that is written once. */
export function writeStateFile(path: string, text: string, mode: number): void {
  closeSync(replaceStateFile({ path, mode, content: () => text }));
}

/** Renames `path`, whatever it is, over whatever is at `target`. */
export function renameOver(path: string, target: string): void {
  try {
    renameSync(path, target);
  } catch (error) {
    const code = codeOf(error);
    // A directory gives way to no file, and to another directory only where it is empty.
    if (code !== 'EISDIR' && code !== 'ENOTDIR' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    clearName(target);
    renameSync(path, target);
  }
}

/**
 * Leaves nothing at `path`. A directory with files in it is only moved aside: to empty one may take as long as whoever filled
 * it likes.
 */
export function clearName(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory()) {
    unlinkSync(path);
    return;
  }
  try {
    rmdirSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    renameSync(path, `${path}.moved-${crypto.randomUUID()}`);
  }
}

/** A file of the state directory, open for reading. */
export interface OpenStateFile extends Disposable {
  readonly descriptor: number;
  readonly stats: Stats;
}

/**
 * Opens a regular file for reading; undefined where something else has the name. Throws errors of the file system (ENOENT
 * where there is nothing, ELOOP for a link, ENXIO for a socket). Never blocks.
 */
export function openStateFile(path: string): OpenStateFile | undefined {
  const descriptor = openSync(path, O_RDONLY | careful);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, stats, [Symbol.dispose]: () => closeSync(descriptor) };
  closeSync(descriptor);
  return undefined;
}

/** At most `limit` bytes from the beginning of a regular file; undefined where there is none that can be read. */
export function readStateFile(path: string, limit: number): Uint8Array | undefined {
  try {
    using file = openStateFile(path);
    if (file === undefined) return undefined;
    const bytes = new Uint8Array(limit);
    return bytes.subarray(0, readSync(file.descriptor, bytes, 0, limit, 0));
  } catch (error) {
    codeOf(error);
    return undefined;
  }
}

/**
 * Opens a file that stays where it is, and makes it where it is missing: the lock, which others hold by its inode. What is no
 * regular file is replaced. Throws errors of the file system.
 */
export function openLastingStateFile(path: string, mode: number): number {
  const flags = O_RDWR | O_CREAT | careful;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) clearName(path);
  const file = openSync(path, flags, mode);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw Object.assign(new Error(`${path} is not a regular file`), { code: 'EINVAL' });
}

function writeAll(file: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

/** The errno's name; anything that is no error of the file system is a bug. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
