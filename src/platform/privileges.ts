/**
 * Drops the privileges that the daemon does not need and verifies the result in /proc, for each thread
 * (capabilities(7), proc(5)).
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Native, NativeIdentity } from './native.ts';

/** CAP_NET_ADMIN of linux/capability.h, as a mask: the only capability that netevd uses. */
export const netAdmin: number = 2 ** 12;

/** Identity and capability sets of one thread, from /proc/self/task/TID/status. */
export interface ThreadCredentials {
  readonly thread: number;
  readonly name: string;
  /** Real, effective, saved, file system. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
  readonly noNewPrivileges: boolean;
}

export interface PrivilegeReport {
  /** Capabilities that this thread has: those of the requested ones that it had. */
  readonly kept: number;
  /**
   * What could not be reached, one phrase each; empty where everything is as requested. None is dangerous.
   */
  readonly shortcomings: readonly string[];
}

function parseStatus(thread: number, text: string): ThreadCredentials {
  const fields = new Map(
    text.split('\n').map((line) => {
      const [name = '', value = ''] = line.split(':\t');
      return [name, value.trim()] as const;
    }),
  );
  const numbers = (name: string): number[] =>
    (fields.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const set = (name: string): bigint => BigInt(`0x${fields.get(name) ?? ''}`);
  return {
    thread,
    name: fields.get('Name') ?? '',
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    effective: set('CapEff'),
    permitted: set('CapPrm'),
    inheritable: set('CapInh'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
    noNewPrivileges: fields.get('NoNewPrivs') === '1',
  };
}

/** The present credentials of every thread of this process. */
export function readThreads(): ThreadCredentials[] {
  const threads: ThreadCredentials[] = [];
  for (const name of readdirSync('/proc/self/task')) {
    try {
      threads.push(parseStatus(Number(name), readFileSync(`/proc/self/task/${name}/status`, 'utf8')));
    } catch {
      // The thread ended between the listing and the reading.
    }
  }
  return threads;
}

/** What a thread must not have: each is a reason to end the process. */
function dangers(
  thread: ThreadCredentials,
  keep: bigint,
  identity: NativeIdentity | undefined,
  mayBeRoot: boolean,
): string[] {
  const found: string[] = [];
  // The other threads have dropped theirs; one that this thread starts later inherits what this one has.
  if ((thread.permitted & ~keep) !== 0n) found.push(`has capabilities ${thread.permitted.toString(16)}`);
  if (thread.inheritable !== 0n || thread.ambient !== 0n) found.push('would pass capabilities on');
  if (thread.uids.includes(0) && !mayBeRoot) found.push('is root');
  if (identity !== undefined) {
    if (!thread.uids.every((uid) => uid === identity.uid))
      found.push(`has user ids ${thread.uids.join(' ')}`);
    if (!thread.gids.every((gid) => gid === identity.gid))
      found.push(`has group ids ${thread.gids.join(' ')}`);
    if (!thread.groups.every((gid) => gid === identity.gid || identity.groups.includes(gid))) {
      found.push(`has groups ${thread.groups.join(' ')}`);
    }
  }
  return found;
}

function inspect(keep: number, identity?: NativeIdentity, mayBeRoot: boolean = false): PrivilegeReport {
  const threads = readThreads();
  const wanted = BigInt(keep);
  const problems = threads.flatMap((thread) =>
    dangers(thread, wanted, identity, mayBeRoot).map(
      (what) => `thread ${thread.thread} (${thread.name}) ${what}`,
    ),
  );
  if (problems.length > 0) throw new Error(`privileges not dropped: ${problems.join('; ')}`);
  const shortcomings: string[] = [];
  const own = threads.find((thread) => thread.thread === process.pid);
  const kept = Number((own?.permitted ?? 0n) & wanted);
  const noNewPrivileges = threads.every((thread) => thread.noNewPrivileges);
  // With no_new_privs no process gains what the bounding set allows. The unit therefore need not grant CAP_SETPCAP to
  // remove from the set what is kept anyway.
  const allowed = noNewPrivileges ? wanted : 0n;
  if (threads.some((thread) => (thread.bounding & ~allowed) !== 0n)) {
    shortcomings.push('the bounding set is not empty: CAP_SETPCAP is missing');
  }
  if (!noNewPrivileges) {
    shortcomings.push('no_new_privs is not set in every thread');
  }
  return { kept, shortcomings };
}

/**
 * Root becomes `identity` for good. Throws where that was impossible or /proc shows that a thread still has
 * more than it should; the caller must then end the process. Connections that are judged by user id (D-Bus)
 * must be opened later.
 */
export function dropPrivileges(native: Native, identity: NativeIdentity): PrivilegeReport {
  native.privilegesDrop(identity);
  return inspect(identity.keepMask, identity);
}

/** The same for a process that was started as an ordinary user, with or without ambient capabilities. */
export function trimPrivileges(native: Native, keepMask: number): PrivilegeReport {
  native.privilegesTrim({ keepMask });
  return inspect(keepMask);
}

/** The same for root that stays root: no capabilities but those of `keepMask`, and none for its hooks. */
export function confineRoot(native: Native, keepMask: number): PrivilegeReport {
  native.privilegesTrim({ keepMask });
  return inspect(keepMask, undefined, true);
}
