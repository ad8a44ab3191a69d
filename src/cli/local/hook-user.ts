/** The user that hooks run as on this machine. */
import type { HookTrust } from '../../core/hooks/verdict.ts';
import type { NativeUser } from '../../platform/native.ts';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';

export interface HookUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
  readonly trust: HookTrust;
  /** How this differs from the daemon. */
  readonly note?: string;
}

/** Finds a user of this machine; null where it does not exist. */
export type LookupUser = (name: string) => NativeUser | null;

/** What is known about the users of this machine. */
export interface HookUserParts {
  readonly lookup: LookupUser;
  /** `User=` of the unit; undefined if the daemon starts as root. */
  readonly unitUser: string | undefined;
}

/**
 * For root: the user of the unit, which never was root and runs its own files too; without such a unit the user that
 * the daemon becomes when root starts it, which runs root's files only. For other users: themselves, as when they
 * start the daemon.
 */
export function hookUser(
  configured: string,
  { lookup, unitUser }: HookUserParts,
  env: Readonly<Record<string, string | undefined>>,
): HookUser {
  const own = ownIdentity();
  const wanted = unitUser ?? configured;
  const found = own.uid === 0 ? lookup(wanted) : null;
  if (found !== null) {
    const gids = [found.gid, ...found.groups];
    const trust = hookTrust({ uid: found.uid, gids, startedAsRoot: unitUser === undefined });
    return {
      name: wanted,
      uid: found.uid,
      gid: found.gid,
      groups: found.groups,
      home: found.home,
      trust,
    };
  }
  const name = own.uid === 0 ? 'root' : (env['USER'] ?? `user ${own.uid}`);
  const [gid = 0] = own.gids;
  const user = { name, uid: own.uid, gid, groups: own.gids, home: env['HOME'] ?? '/', trust: hookTrust(own) };
  if (own.uid !== 0) return user;
  return {
    ...user,
    note: `no user '${wanted}' on this machine, as whom the daemon would run; using root`,
  };
}
