/** Prepares the process before the loop starts: its user, its privileges and its directories. */
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
  /** Whether it started as root: then only root's files are trusted. */
  readonly wasRoot: boolean;
  readonly home: string;
  readonly name: string;
  /** Whether the process may change rules and routes: depends on CAP_NET_ADMIN alone. */
  readonly mayChangeRouting: boolean;
  /** What could not be prepared, one sentence each. */
  readonly shortcomings: readonly string[];
}

/** Creates the runtime directory, except in a dry run, and changes to the user. Throws StartRefused if that fails. */
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

/** A privilege counts as kept until /proc shows that it is gone: nothing may run with more than it needs. */
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
