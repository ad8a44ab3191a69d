/** Whom the daemon obeys, read from how it was started. */
import { readFileSync } from 'node:fs';
import type { HookTrust } from '../../core/hooks/verdict.ts';

/** As whom hooks run, and whether the daemon was root when it started. */
export interface HookIdentity {
  readonly uid: number;
  readonly gids: readonly number[];
  readonly startedAsRoot: boolean;
}

/**
 * Root, and the own user where the daemon never was root. In a user namespace without the machine's root, what belongs
 * to root shows as the overflow user, as do all strangers' files: there, that user may own directories (not hooks),
 * because there is no privilege in such a namespace that a stranger could gain.
 */
export function hookTrust(
  { uid, gids, startedAsRoot }: HookIdentity,
  uidMap: string = readUidMap(),
): HookTrust {
  const owners = startedAsRoot || uid === 0 ? [0] : [0, uid];
  const directoryOwners = hasMachineRoot(uidMap) ? owners : [...owners, overflowUid];
  return { owners, directoryOwners, uid, gids };
}

/** The identity of this process, for commands that look with their own eyes. */
export function ownIdentity(): HookIdentity {
  const uid = process.geteuid?.() ?? 0;
  const gids = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
  return { uid, gids, startedAsRoot: uid === 0 };
}

/** `DEFAULT_OVERFLOWUID` of linux/highuid.h: who has no number here. */
const overflowUid = 65534;

/** user_namespaces(7): `inside outside count` in each line. The first namespace maps everybody to themselves. */
function hasMachineRoot(uidMap: string): boolean {
  const lines = uidMap.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.some(([inside, outside, count]) => inside === '0' && outside === '0' && Number(count) > 1);
}

function readUidMap(): string {
  try {
    return readFileSync('/proc/self/uid_map', 'utf8');
  } catch {
    return '0 0 4294967295'; // without /proc there is no telling, and the strict rule is the safe one
  }
}
