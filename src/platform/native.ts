/**
 * The C addon `netevd.node`, typed, and its loader. `native/*.c` document the details. Everything runs on the
 * calling thread unless stated otherwise, and nothing blocks except where a timeout is given.
 *
 * Errors: functions that return a number return 0 (or a count) or a negative errno; the others throw a
 * NativeError. A TypeError means a call with wrong arguments: a bug.
 */
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ancestorRefusal,
  openFileRefusal,
  type PathRefusal,
  type PathRefusalCode,
} from '../core/model/path-trust.ts';
import type { NetlinkStats } from '../ports/netlink-channel.ts';
import { walk } from './trust/path-walk.ts';
import { isMachineRoot } from './trust/trusted-owners.ts';

/** An Error of the addon: `code` is the errno's name (`ENOENT`), `errno` its positive number. */
export interface NativeError extends Error {
  readonly code: string;
  readonly errno: number;
}

/** Flags of a netlink batch, bits. */
export const NetlinkFlag = { overrun: 1, truncated: 2, foreign: 4, error: 8 } as const;

/** Handle of an open netlink socket of the addon. */
export type NetlinkHandle = number & { readonly netlinkHandle: unique symbol };

export interface NativeNetlinkOptions {
  /** RTNLGRP_*, also above 32. */
  readonly groups: readonly number[];
  /** Bytes for SO_RCVBUFFORCE, else SO_RCVBUF; the kernel doubles it. 0 keeps the default. */
  readonly receiveBuffer: number;
  /**
   * Datagram i is `slab[index[2i]]`, `index[2i + 1]` bytes. The reader reuses both arrays after the call.
   * With flag `error` the reader has ended for good with `errno`.
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
  /** Absolute path of the program. A script without `#!` is ENOEXEC: no shell is involved. */
  readonly file: string;
  /** With argv[0]; not empty. */
  readonly argv: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly cwd: string;
  /** Standard input: a sealed memory file, so that the program can open `/dev/stdin` repeatedly. */
  readonly stdin: Uint8Array;
  /** Bytes of stdout and stderr together that are captured: the first ones. */
  readonly outputLimit: number;
  /**
   * Bytes that the child itself writes to the descriptor `noteFd` right before the exec, even if this process
   * dies.
   */
  readonly note?: Uint8Array;
  readonly noteFd?: number;
  /**
   * Called once, after the process has ended and its output is read. Until it returns, and if it returns true
   * until `childRelease`, the pid stays reserved and `childKill` reaches what is left of the process group.
   */
  readonly onExit: (result: NativeChildResult) => boolean | undefined;
}

export interface NativeChild {
  readonly pid: number;
  /**
   * Field 22 of /proc/PID/stat; with the pid it identifies a process until the next boot. 0 where unreadable.
   */
  readonly startTime: number;
}

export interface NativeChildResult {
  readonly pid: number;
  /** Exit code, or null. Both null: other code in this process collected the status. */
  readonly code: number | null;
  /** Number of the signal that ended the process, or null. */
  readonly signal: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes of output beyond the limit. */
  readonly dropped: number;
  /** CPU time of the process and of those of its children that it waited for. */
  readonly userMicros: number;
  readonly systemMicros: number;
  /**
   * Peak of the process; null where it is not above that of this process (the kernel counts ours until the
   * exec).
   */
  readonly maxRssKb: number | null;
  readonly durationMicros: number;
  /**
   * Another process still had an output pipe open 100 ms after the end. It was closed; later output is lost.
   */
  readonly outputStillOpen: boolean;
}

export interface NativeUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, the primary one among them. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** A process at the other end of a Unix socket, as of its connect(2). `pid` is 0 where it is in another pid namespace. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface NativeIdentity {
  /** Neither may be 0. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Capabilities for the calling thread, bit n for capability n; it keeps those of them that it has. */
  readonly keepMask: number;
}

export interface Native {
  /** Opens a NETLINK_ROUTE socket and starts its reader thread. The handle keeps the process alive. */
  netlinkOpen(options: NativeNetlinkOptions): NetlinkHandle;
  /** Bytes sent, or -errno; EBADF where the handle is closed. */
  netlinkSend(handle: NetlinkHandle, message: Uint8Array): number;
  netlinkStats(handle: NetlinkHandle): NetlinkStats;
  /** Ends the thread before it returns. May be called repeatedly. */
  netlinkClose(handle: NetlinkHandle): void;
  /**
   * Sends one request on a socket of its own; blocks up to `timeoutMs`. Returns the datagrams of the answer
   * in sequence: until DONE, an error or acknowledgement message, or the only part of a single answer.
   */
  netlinkQuery(request: Uint8Array, timeoutMs: number): Uint8Array;
  /**
   * Starts a program in a session and process group of its own. Throws where it cannot be started (ENOENT,
   * E2BIG …).
   */
  childSpawn(options: NativeChildOptions): NativeChild;
  /**
   * Signals the process group of a child that is not reaped. 0 or -errno; ESRCH where there is no such child.
   */
  childKill(pid: number, signal: number): number;
  /** Reaps a child whose onExit returned true. 0 or -ESRCH. */
  childRelease(pid: number): number;
  /**
   * Sends one datagram to a Unix socket, `@` or NUL first for an abstract name; a large one as memfd. 0 or
   * -errno.
   */
  dgramSend(path: string, data: Uint8Array): number;
  /** Kernel driver of a link (ETHTOOL_GDRVINFO); null where it has none or does not exist. */
  linkDriver(name: string): string | null;
  /** CLOCK_MONOTONIC in microseconds. */
  monotonicMicros(): bigint;
  lookupUser(name: string): NativeUser | null;
  lookupGroup(name: string): number | null;
  /** Takes an exclusive flock(2) on the open file without waiting; false where another process has it. */
  fileLock(fd: number): boolean;
  /** Who connected to the Unix socket `fd` (SO_PEERCRED of unix(7)). Throws where it is no such socket. */
  peerCredentials(fd: number): PeerCredentials;
  /** A new inotify(7) instance; close the descriptor to release it. Throws EMFILE where the user has too many. */
  inotifyOpen(): number;
  /** Watches the entries of a directory and the directory itself. Returns the watch's number, or -errno. */
  inotifyWatch(fd: number, path: string): number;
  /** Whether anything has changed since the last call. Empties the queue; costs one system call where it is empty. */
  inotifyDrain(fd: number): boolean;
  /**
   * Gives back pages that are unchanged copies of files, above all of the executable; returns the bytes
   * mapped there.
   */
  memoryTrim(): number;
  /**
   * Root becomes another user, in every thread: bounding, ambient and inheritable sets empty, no_new_privs,
   * not dumpable. Returns how many threads could not be reached for what is per thread. Throws where no
   * relevant change has been made; aborts the process where the change would be incomplete. Use
   * `privileges.ts`, which verifies the result.
   */
  privilegesDrop(identity: NativeIdentity): number;
  /**
   * The same without another identity: for a process started with ambient capabilities, or a root that stays
   * root.
   */
  privilegesTrim(options: { readonly keepMask: number }): number;
}

/** `import.meta` has the path of the source at compile time; the entry point shows what runs. */
const compiled = (): boolean => Bun.main.startsWith('/$bunfs/');

/** Beside the executable when this is the compiled one, else `build/netevd.node` of the source tree. */
export function nativePath(): string {
  if (compiled()) return join(dirname(process.execPath), 'netevd.node');
  return join(import.meta.dirname, '../../build/netevd.node');
}

/**
 * Why the file at `path` must not run with our privileges; undefined where it may. `path` is absolute and
 * without symbolic links.
 */
function refusal(path: string): PathRefusal | undefined {
  const self = process.geteuid?.() ?? 0;
  // The owner of the executable needs no addon to run code here. In a user namespace that is root, under
  // another number.
  const owners = [0, self, lstatSync(process.execPath).uid];
  const components = [...walk(path).components];
  const file = components.pop();
  const fileProblem = file && openFileRefusal(file, { owners, mayGroupWrite: false });
  // A process without root's privileges gains nothing for a user who can replace a directory on the way.
  if (fileProblem !== undefined || !isMachineRoot()) return fileProblem;
  return ancestorRefusal(components, { owners, directoryOwners: owners, uid: self }, undefined);
}

/** `unloadable`: no addon, or one for another machine. */
type NativeLoadCode = 'missing' | 'unloadable' | PathRefusalCode;

/** Why the addon is not loaded: an error of the installation, not a bug. Names the file and the fix. */
export class NativeLoadError extends Error {
  override readonly name: string = 'NativeLoadError';
  readonly code: NativeLoadCode;

  constructor(code: NativeLoadCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const loaded = new Map<string, Native>();

/**
 * Loads the addon from its place, without a copy elsewhere. Throws a NativeLoadError that names the file and
 * the fix if the addon is missing, must not be trusted, or was built for another machine.
 */
export function loadNative(path: string = nativePath()): Native {
  let file: string;
  try {
    file = realpathSync(path);
  } catch (cause) {
    const fix = 'build it with "make build", or reinstall';
    throw new NativeLoadError('missing', `${path}: netevd.node is missing; fix: ${fix}`, { cause });
  }
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const found = refusal(file);
  if (found !== undefined) {
    throw new NativeLoadError(found.code, `native code refused: ${found.reason}; fix: ${found.remedy}`);
  }
  const module = { exports: {} as Native };
  try {
    process.dlopen(module, file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NativeLoadError('unloadable', `${file}: cannot be loaded: ${reason}; fix: reinstall`, {
      cause,
    });
  }
  loaded.set(file, module.exports);
  return module.exports;
}
