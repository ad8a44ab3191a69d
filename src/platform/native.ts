/**
 * The C addon `netevd.node`, typed, and its loading. What the functions do in detail stands in `native/*.c`; everything
 * runs on the calling thread unless it says otherwise, and nothing blocks except where a time-out is given.
 *
 * Errors: functions that return a number give 0 (or a count) or a negative errno; the others throw a NativeError. A
 * TypeError means a call with wrong arguments: a bug.
 */
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NetlinkStats } from '../ports/netlink-channel.ts';

/** An Error of the addon: `code` is the errno's name (`ENOENT`), `errno` its positive number. */
export interface NativeError extends Error {
  readonly code: string;
  readonly errno: number;
}

/** Flags of a netlink batch, bits. */
export const NetlinkFlag = { overrun: 1, truncated: 2, foreign: 4, error: 8 } as const;

/** Names an open netlink socket of the addon. */
export type NetlinkHandle = number & { readonly netlinkHandle: unique symbol };

export interface NativeNetlinkOptions {
  /** RTNLGRP_*, also above 32. */
  readonly groups: readonly number[];
  /** For SO_RCVBUFFORCE, else SO_RCVBUF; the kernel doubles it. 0 leaves the default. */
  readonly receiveBuffer: number;
  /**
   * Datagram i is `slab[index[2i]]`, `index[2i + 1]` bytes. Both arrays are the reader's and are written again after
   * the call. With flag `error` the reader has ended for good with `errno`.
   */
  readonly onBatch: (
    slab: Uint8Array,
    index: Int32Array,
    count: number,
    flags: number,
    errno: number,
  ) => void;
}

export interface NativeChildOptions {
  /** Absolute path of the program. A script without `#!` is ENOEXEC: no shell ever steps in. */
  readonly file: string;
  /** With argv[0]; not empty. */
  readonly argv: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly cwd: string;
  /** What the program reads: a sealed memory file, so that `/dev/stdin` can be opened again and again. */
  readonly stdin: Uint8Array;
  /** Bytes of stdout and stderr together that are kept: the first ones. */
  readonly outputLimit: number;
  /** Bytes that the child itself writes to the descriptor `noteFd` right before the exec, also where we are killed meanwhile. */
  readonly note?: Uint8Array;
  readonly noteFd?: number;
  /**
   * Called once, after the process has ended and its output is read. Until it returns, and if it returns true until
   * `childRelease`, the pid stays reserved and `childKill` reaches what is left of the process group.
   */
  readonly onExit: (result: NativeChildResult) => boolean | undefined;
}

export interface NativeChild {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; with the pid it names a process as long as the machine is up. 0 where unreadable. */
  readonly startTime: number;
}

export interface NativeChildResult {
  readonly pid: number;
  /** Exit code, or null. Both null: somebody else in this process took the status. */
  readonly code: number | null;
  /** Number of the signal that ended it, or null. */
  readonly signal: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes of output beyond the limit. */
  readonly dropped: number;
  /** CPU time of the process and of those of its children that it waited for. */
  readonly userMicros: number;
  readonly systemMicros: number;
  /** Peak of the process; null where it is not above that of this process (the kernel counts ours until the exec). */
  readonly maxRssKb: number | null;
  readonly durationMicros: number;
  /** Somebody else still had an output pipe open 100 ms after the end: it was closed, what comes later is lost. */
  readonly pipesHeld: boolean;
}

export interface NativeUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, the primary one among them. */
  readonly groups: readonly number[];
  readonly home: string;
}

export interface NativeIdentity {
  /** Neither may be 0. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Capabilities for the calling thread, bit n for capability n; those that it has, of these. */
  readonly keepMask: number;
}

export interface Native {
  /** Opens a NETLINK_ROUTE socket and starts its reader thread. The handle keeps the process alive. */
  netlinkOpen(options: NativeNetlinkOptions): NetlinkHandle;
  /** Bytes sent, or -errno; EBADF where the handle is closed. */
  netlinkSend(handle: NetlinkHandle, message: Uint8Array): number;
  netlinkStats(handle: NetlinkHandle): NetlinkStats;
  /** Ends the thread before it returns. Harmless when repeated. */
  netlinkClose(handle: NetlinkHandle): void;
  /**
   * One request on a socket of its own; blocks up to `timeoutMs`. Returns the datagrams of the answer one after the
   * other: until DONE, an error or acknowledgement message, or the only part of a single answer.
   */
  netlinkQuery(request: Uint8Array, timeoutMs: number): Uint8Array;
  /** Starts a program in a session and process group of its own. Throws where it cannot be started (ENOENT, E2BIG …). */
  childSpawn(options: NativeChildOptions): NativeChild;
  /** Signals the process group of a child that is not reaped. 0 or -errno; ESRCH where there is none. */
  childKill(pid: number, signal: number): number;
  /** Reaps a child whose onExit returned true. 0 or -ESRCH. */
  childRelease(pid: number): number;
  /** One datagram to a Unix socket, `@` or NUL first for an abstract name; a large one as memfd. 0 or -errno. */
  dgramSend(path: string, data: Uint8Array): number;
  /** Kernel driver of a link (ETHTOOL_GDRVINFO); null where it has none or does not exist. */
  linkDriver(name: string): string | null;
  /** CLOCK_MONOTONIC in microseconds. */
  monotonicMicros(): bigint;
  lookupUser(name: string): NativeUser | null;
  lookupGroup(name: string): number | null;
  /** Takes an exclusive flock(2) on the open file without waiting; false where another one holds it. */
  fileLock(fd: number): boolean;
  /** A new inotify(7) instance; close the descriptor to release it. Throws EMFILE where the user has too many. */
  inotifyOpen(): number;
  /** Watches the entries of a directory and the directory itself. The watch's number, or -errno. */
  inotifyWatch(fd: number, path: string): number;
  /** Whether anything has changed since the last call. Empties the queue; costs one system call where it is empty. */
  inotifyDrain(fd: number): boolean;
  /** Gives back pages that are unchanged copies of files, the executable's own above all; how many bytes are mapped there. */
  memoryTrim(): number;
  /**
   * Root becomes another user, in every thread: bounding, ambient and inheritable sets empty, no_new_privs, not
   * dumpable. Returns how many threads could not be reached for what is per thread. Throws where nothing has changed
   * that matters; aborts the process where it would be half done. Use `privileges.ts`, which reads the result back.
   */
  privilegesDrop(identity: NativeIdentity): number;
  /** The same end without another identity: for a process started with ambient capabilities, or a root that stays root. */
  privilegesTrim(options: { readonly keepMask: number }): number;
}

/** `import.meta` says where the source was when it was compiled; the entry point says what runs. */
const compiled = (): boolean => Bun.main.startsWith('/$bunfs/');

/** Beside the executable when this is the compiled one, else `build/netevd.node` of the source tree. */
export function nativePath(): string {
  if (compiled()) return join(dirname(process.execPath), 'netevd.node');
  return join(import.meta.dirname, '../../build/netevd.node');
}

/** Why a file or directory must not be trusted with our privileges; undefined where it may. */
function distrust(path: string, directory: boolean): string | undefined {
  const { uid, mode } = lstatSync(path);
  const self = process.geteuid?.() ?? 0;
  // Whoever owns the executable needs no addon to run code here. In a user namespace that is root, under another number.
  const trusted = [0, self, lstatSync(process.execPath).uid];
  if (!trusted.includes(uid)) return `${path} belongs to user ${uid}, not to root or to user ${self}`;
  const sticky = directory && (mode & 0o1000) !== 0;
  if ((mode & 0o022) !== 0 && !sticky) {
    return `${path} can be written to by others (mode ${(mode & 0o7777).toString(8)})`;
  }
  return undefined;
}

/** Root of the machine, not of a user namespace that one user made: there, the machine's own directories are a stranger's. */
const isRoot = (): boolean =>
  process.geteuid?.() === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));

/** The first reason not to load the file at `path`, which is absolute and without symbolic links. */
function refusal(path: string): string | undefined {
  const reason = distrust(path, false);
  // As root, whoever can rename a directory on the way can put another file there.
  if (reason !== undefined || !isRoot()) return reason;
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const found = distrust(directory, true);
    if (found !== undefined || directory === dirname(directory)) return found;
  }
}

const loaded = new Map<string, Native>();

/** The addon cannot be had: the message names the file and the remedy. An error of the installation, not a bug. */
export class NativeUnavailable extends Error {}

/**
 * Loads the addon; throws NativeUnavailable where it is missing, not to be trusted, or built for another machine. It is
 * loaded from where it lies, never unpacked elsewhere.
 */
export function loadNative(path: string = nativePath()): Native {
  let file: string;
  try {
    file = realpathSync(path);
  } catch (cause) {
    const message = `netevd.node is missing at ${path}: build it with "make build", or reinstall`;
    throw new NativeUnavailable(message, { cause });
  }
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const reason = refusal(file);
  if (reason !== undefined) throw new NativeUnavailable(`refusing to load native code: ${reason}`);
  const module = { exports: {} as Native };
  try {
    process.dlopen(module, file);
  } catch (cause) {
    const message = `${file} cannot be loaded (${cause instanceof Error ? cause.message : String(cause)}): reinstall`;
    throw new NativeUnavailable(message, { cause });
  }
  loaded.set(file, module.exports);
  return module.exports;
}
