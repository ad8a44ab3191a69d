/** What is done once, before the loop turns: whom to become, and the directories that must be there first. */
import type { Config } from '../../config/index.ts';
import type { Native, NativeUser } from '../../platform/native.ts';
import {
  confineRoot,
  dropPrivileges,
  netAdmin,
  type PrivilegeReport,
  trimPrivileges,
} from '../../platform/privileges.ts';
import { StartRefused } from './start-refused.ts';
import { prepareStateDirectory } from './state-directory.ts';

export interface Identity {
  readonly uid: number;
  readonly groups: readonly number[];
  /** Started as root: then only root's files are trusted. */
  readonly wasRoot: boolean;
  readonly home: string;
  readonly name: string;
  /** Of CAP_NET_ADMIN alone: whether rules and routes can be changed. */
  readonly mayChangeRouting: boolean;
  /** What could not be had, one sentence each. */
  readonly shortcomings: readonly string[];
}

/** Makes the directory of the state, but for a dry run; then becomes the user. Throws StartRefused where that cannot be had. */
export function prepareProcess(config: Config, native: Native, dryRun: boolean): Identity {
  const isRoot = process.geteuid?.() === 0;
  const user = isRoot ? userOf(config.system.user, native) : undefined;
  if (!dryRun) prepareStateDirectory(config.system.runtimeDirectory, user);
  if (user === undefined) return asWeAre(reported(() => trimPrivileges(native, netAdmin)));
  if (user.uid === 0)
    return asRoot(
      user,
      reported(() => confineRoot(native, netAdmin)),
    );
  const { uid, gid } = user;
  const groups = user.groups.filter((group) => group !== 0);
  return become(config.system.user, user, () =>
    dropPrivileges(native, { uid, gid, groups, keepMask: netAdmin }),
  );
}

/** Nothing may run with more than it needs, and what has not been seen to be given up counts as kept. */
function reported(giveUp: () => PrivilegeReport): PrivilegeReport {
  try {
    return giveUp();
  } catch (cause) {
    throw new StartRefused(
      'NETEVD_START_PRIVILEGES',
      `privileges could not be given up (${reasonOf(cause)}): mount /proc, and start netevd with no signal blocked`,
    );
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function userOf(name: string, native: Native): NativeUser {
  const user = native.lookupUser(name);
  if (user !== null) return user;
  throw new StartRefused(
    'NETEVD_START_USER',
    `there is no user '${name}' to become: create it (useradd --system --no-create-home --shell /usr/sbin/nologin ${name}), ` +
      'or name another in system.user',
  );
}

function become(name: string, user: NativeUser, drop: () => PrivilegeReport): Identity {
  try {
    return identityOf(name, user.home, true, drop());
  } catch (cause) {
    throw new StartRefused(
      'NETEVD_START_PRIVILEGES',
      `could not become user '${name}' (${reasonOf(cause)}): start netevd as that user instead`,
    );
  }
}

function asRoot(user: NativeUser, report: PrivilegeReport): Identity {
  const identity = identityOf('root', user.home, true, report);
  const warning =
    'scripts run as root, without capabilities, because system.user is root: name an ordinary user there';
  return { ...identity, shortcomings: [...identity.shortcomings, warning] };
}

function asWeAre(report: PrivilegeReport): Identity {
  const name = process.env['USER'] ?? String(process.geteuid?.());
  return identityOf(name, process.env['HOME'] ?? '/', false, report);
}

function identityOf(name: string, home: string, wasRoot: boolean, report: PrivilegeReport): Identity {
  return {
    name,
    home,
    wasRoot,
    uid: process.geteuid?.() ?? 0,
    groups: [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])],
    mayChangeRouting: (report.kept & netAdmin) !== 0,
    shortcomings: report.shortcomings,
  };
}
