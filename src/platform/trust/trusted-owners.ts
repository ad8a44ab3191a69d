/** Whose files the daemon trusts, from how it was started. */
import { readFileSync } from 'node:fs';
import type { HookTrust } from '../../core/hooks/verdict.ts';

/** The user that hooks run as, and whether the daemon was root when it started. */
export interface HookIdentity {
  readonly uid: number;
  readonly gids: readonly number[];
  readonly startedAsRoot: boolean;
}

/**
 * Trusts root, and the daemon's own user where the daemon never was root. In a user namespace without the
 * machine's root, root's files show as the overflow user's, as do all other unmapped users' files. There that
 * user may own directories (not hooks): in such a namespace there is no privilege that another user could
 * gain.
 */
export function hookTrust(
  { uid, gids, startedAsRoot }: HookIdentity,
  uidMap: string = readUidMap(),
): HookTrust {
  const owners = startedAsRoot || uid === 0 ? [0] : [0, uid];
  const directoryOwners = hasMachineRoot(uidMap) ? owners : [...owners, overflowUid];
  return { owners, directoryOwners, uid, gids };
}

/** The identity of this process, for commands that check paths themselves. */
export function ownIdentity(): HookIdentity {
  const uid = process.geteuid?.() ?? 0;
  const gids = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
  return { uid, gids, startedAsRoot: uid === 0 };
}

/** `DEFAULT_OVERFLOWUID` of linux/highuid.h: the user id of users that are not mapped here. */
const overflowUid = 65534;

/** Whether this process is root of the machine, not of a user namespace that an ordinary user made. */
export const isMachineRoot = (uidMap: string = readUidMap()): boolean =>
  process.geteuid?.() === 0 && hasMachineRoot(uidMap);

/** user_namespaces(7): `inside outside count` in each line. The first namespace maps every user to itself. */
function hasMachineRoot(uidMap: string): boolean {
  const lines = uidMap.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.some(([inside, outside, count]) => inside === '0' && outside === '0' && Number(count) > 1);
}

function readUidMap(): string {
  try {
    return readFileSync('/proc/self/uid_map', 'utf8');
  } catch {
    return '0 0 4294967295'; // Without /proc the strict rule is the safe one.
  }
}
