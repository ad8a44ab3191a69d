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

/**
 * For root: the user that the daemon becomes when it starts. For other users: themselves, as when they start
 * the daemon.
 */
export function hookUser(
  configured: string,
  lookup: LookupUser,
  env: Readonly<Record<string, string | undefined>>,
): HookUser {
  const own = ownIdentity();
  const found = own.uid === 0 ? lookup(configured) : null;
  if (found !== null) {
    const gids = [found.gid, ...found.groups];
    const trust = hookTrust({ uid: found.uid, gids, startedAsRoot: true });
    return {
      name: configured,
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
    note: `no user '${configured}' on this machine, as whom the daemon would run; using root`,
  };
}
