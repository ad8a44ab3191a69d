/** The runtime directory: creates it, gives it to the daemon's user, and locks it for one daemon. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ancestorRefusal } from '../../core/model/path-trust.ts';
import type { Native, NativeUser } from '../../platform/native.ts';
import { openLastingStateFile } from '../../platform/state-file.ts';
import { walk } from '../../platform/trust/path-walk.ts';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';
import { StartRefused } from './start-refused.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** Files that show that a directory is netevd's, and that the daemon's user must be able to open. */
const ownFiles = ['lock', 'journal'] as const;

/**
 * Creates the directory if it is absent. `owner`: root prepares the directory for this user, who becomes its owner.
 * Throws StartRefused if it cannot be prepared, or if other users can write to it or replace it.
 */
export function prepareStateDirectory(path: string, owner: NativeUser | undefined): void {
  const onTheWay = ancestorRefusal(walk(dirname(path)).components, hookTrust(ownIdentity()), undefined);
  if (onTheWay !== undefined) throw refusal(path, onTheWay.reason);
  let directory: number;
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    // Without a slash at the end: with one, a symbolic link would be followed.
    directory = openSync(resolve(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (cause) {
    throw refusal(path, reasonOf(cause));
  }
  try {
    if (owner !== undefined) handOver(path, directory, owner);
    checkDirectory(path, directory);
  } finally {
    closeSync(directory);
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const refusal = (path: string, reason: string): StartRefused =>
  new StartRefused(
    'NETEVD_START_RUNTIME_DIRECTORY',
    `cannot use the runtime directory ${path} (${reason}): create it, owned by the user that runs netevd, or set system.runtime_directory`,
  );

/** Does not take the directory of another user: an error in the configuration must not give /run or /tmp away. */
function handOver(path: string, directory: number, owner: NativeUser): void {
  const { uid, gid, mode } = fstatSync(directory);
  if (uid !== owner.uid && uid !== ownIdentity().uid) throw refusal(path, `it belongs to user ${uid}`);
  const names = uid === owner.uid ? [] : readdirSync(path);
  if (names.length > 0 && !ownFiles.some((name) => names.includes(name))) {
    throw refusal(path, 'it has files that are not of netevd');
  }
  // Changes only what is necessary: the root of a container may have neither CAP_FOWNER nor CAP_CHOWN.
  if ((mode & 0o7777) !== 0o755) fchmodSync(directory, 0o755);
  if (uid !== owner.uid || gid !== owner.gid) fchownSync(directory, owner.uid, owner.gid);
  for (const name of ownFiles) handOverFile(join(path, name), owner);
}

/** Gives a file that an earlier run as root left to the owner. Skips a file with a second name: it may be anyone's. */
function handOverFile(path: string, owner: NativeUser): void {
  let file: number;
  try {
    file = openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return; // Absent, or not a regular file.
  }
  try {
    const { nlink, uid } = fstatSync(file);
    if (fstatSync(file).isFile() && nlink === 1 && uid !== owner.uid) fchownSync(file, owner.uid, owner.gid);
  } finally {
    closeSync(file);
  }
}

/** Refuses a directory that other users can write to: they could forge a previous run. */
function checkDirectory(path: string, directory: number): void {
  const { mode } = fstatSync(directory);
  if ((mode & 0o022) === 0) return;
  throw new StartRefused(
    'NETEVD_START_RUNTIME_DIRECTORY',
    `the runtime directory ${path} can be written to by others (mode ${(mode & 0o7777).toString(8)}): chmod go-w ${path}, or set system.runtime_directory`,
  );
}

/**
 * How long to try, in milliseconds. A hook process that a killed daemon was starting keeps the lock until execve(2) closes
 * its copy of the descriptor. That takes only a moment, but a service manager may start the next daemon sooner.
 */
const lockTimeout = 1000;

function lockInTime(lock: () => boolean): boolean {
  const deadline = performance.now() + lockTimeout;
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (!lock()) {
    if (performance.now() > deadline) return false;
    Atomics.wait(never, 0, 0, 10);
  }
  return true;
}

/** Makes sure that no other netevd uses this directory, until disposed of. */
export function lockState(runtimeDirectory: string, native: Pick<Native, 'fileLock'>): Disposable {
  const path = join(runtimeDirectory, 'lock');
  let descriptor: number;
  try {
    descriptor = openLastingStateFile(path, 0o600);
  } catch (cause) {
    throw lockRefusal(runtimeDirectory, path, cause);
  }
  if (!lockInTime(() => native.fileLock(descriptor))) {
    closeSync(descriptor);
    throw new StartRefused(
      'NETEVD_START_LOCKED',
      `another netevd runs with ${runtimeDirectory}: stop it first, or set system.runtime_directory`,
    );
  }
  return { [Symbol.dispose]: () => closeSync(descriptor) };
}

/** Why the lock cannot be opened. Somebody else's lock that is held says that their daemon runs. */
function lockRefusal(runtimeDirectory: string, path: string, cause: unknown): StartRefused {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && isLockHeld(there, readFileSync('/proc/locks', 'utf8'))) {
    return new StartRefused(
      'NETEVD_START_LOCKED',
      `netevd already runs as user ${there.uid} with ${runtimeDirectory}: to run a second one, set system.runtime_directory`,
    );
  }
  const remedy =
    there === undefined || there.uid === ownIdentity().uid
      ? 'make it writable for the user that runs netevd, or set system.runtime_directory'
      : `${path} belongs to user ${there.uid}: start netevd as that user or as root, or set system.runtime_directory`;
  return new StartRefused(
    'NETEVD_START_RUNTIME_DIRECTORY',
    `cannot write to ${runtimeDirectory} (${reasonOf(cause)}): ${remedy}`,
  );
}

/** Whether a process holds a lock of this file. `locks`: /proc/locks (proc(5)): the field before the last two is `MAJOR:MINOR:INODE`. */
export function isLockHeld(
  { dev, ino }: { readonly dev: number; readonly ino: number },
  locks: string,
): boolean {
  // makedev(3), as the kernel and glibc encode it; /proc/locks has both in hexadecimal.
  const device = BigInt(dev);
  const major = ((device >> 32n) & 0xfffff000n) | ((device >> 8n) & 0xfffn);
  const minor = ((device >> 12n) & 0xffffff00n) | (device & 0xffn);
  const hex = (number: bigint): string => number.toString(16).padStart(2, '0');
  const wanted = `${hex(major)}:${hex(minor)}:${ino}`;
  return locks.split('\n').some((line) => line.split(/\s+/).includes(wanted));
}
