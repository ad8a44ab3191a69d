/**
 * The codes of what goes wrong: stable names for programs, in `error_code` of a log line and at the end of what a start
 * that was refused says. Those of a configuration's mistakes are a table of their own, `configCodes`.
 */
import type { MessageName } from '../ports/logger.ts';

/** Why the daemon did not start. */
export type StartCode =
  | 'NETEVD_START_NATIVE'
  | 'NETEVD_START_USER'
  | 'NETEVD_START_PRIVILEGES'
  | 'NETEVD_START_CONFIG_OWNER'
  | 'NETEVD_START_ENVIRONMENT'
  | 'NETEVD_START_RUNTIME_DIRECTORY'
  | 'NETEVD_START_LOCKED'
  | 'NETEVD_START_SYSTEM';

/** What went wrong while it ran. */
export type RunCode =
  | 'NETEVD_CONFIG_REJECTED'
  | 'NETEVD_HOOK_FAILED'
  | 'NETEVD_HOOK_TIMED_OUT'
  | 'NETEVD_HOOK_REFUSED'
  | 'NETEVD_SYNC_LOST'
  | 'NETEVD_SOURCE_LOST'
  | 'NETEVD_ROUTING_CONFLICT'
  | 'NETEVD_ROUTING_CONTESTED'
  | 'NETEVD_PRIVILEGE_MISSING'
  | 'NETEVD_CALL_REFUSED'
  | 'NETEVD_VALUE_REJECTED'
  | 'NETEVD_STATE_BROKEN'
  | 'NETEVD_STATE_UNWRITABLE'
  | 'NETEVD_INTERNAL_ERROR';

export type ErrorCode = StartCode | RunCode;

export interface ErrorCodeEntry {
  readonly meaning: string;
  /** Who can mend it. */
  readonly fault: 'operator' | 'machine' | 'network' | 'netevd';
  readonly remedy: string;
}

/** Every code, in the order of docs/errors.md. */
export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeEntry>> = {
  NETEVD_START_NATIVE: {
    meaning: 'netevd.node is not beside the program, or others could write to it.',
    fault: 'operator',
    remedy:
      'Reinstall; the program, netevd.node and every directory above them belong to root and are written by nobody else.',
  },
  NETEVD_START_USER: {
    meaning: 'The user that netevd is to become does not exist.',
    fault: 'operator',
    remedy: 'Create it as the message says, or name another one in `system.user`.',
  },
  NETEVD_START_PRIVILEGES: {
    meaning: 'Privileges could not be given up, or a thread still had more than it may have.',
    fault: 'machine',
    remedy: 'Start netevd as `system.user` instead of root; in a container, allow it to become another user.',
  },
  NETEVD_START_CONFIG_OWNER: {
    meaning: 'netevd was started as root, and others can change its configuration.',
    fault: 'operator',
    remedy: 'Give the file, and the directories above it, to root; take write permission from all others.',
  },
  NETEVD_START_ENVIRONMENT: {
    meaning: 'A variable of the environment would make the runtime do something else than netevd.',
    fault: 'operator',
    remedy: 'Unset it for netevd.',
  },
  NETEVD_START_RUNTIME_DIRECTORY: {
    meaning: 'The directory for what is kept across restarts cannot be made, written to or trusted.',
    fault: 'operator',
    remedy:
      'Create it for the user that runs netevd, writable by nobody else, or set `system.runtime_directory`.',
  },
  NETEVD_START_LOCKED: {
    meaning: 'Another netevd runs with the same runtime directory.',
    fault: 'operator',
    remedy: 'Stop it first, or give this one another `system.runtime_directory`.',
  },
  NETEVD_START_SYSTEM: {
    meaning: 'The system refused something that netevd cannot start without: a socket, a thread, /proc.',
    fault: 'machine',
    remedy: 'Look at the error that the message names; most often a limit of the service is too low.',
  },
  NETEVD_CONFIG_REJECTED: {
    meaning: 'A reload found mistakes in the configuration; the old one stays in effect.',
    fault: 'operator',
    remedy: 'Mend what the lines before it name (`netevd validate` tells it again), then reload.',
  },
  NETEVD_HOOK_FAILED: {
    meaning: 'A hook ended with another exit code than 0, by a signal, or could not be started.',
    fault: 'operator',
    remedy: 'The line has its last words; `netevd test SCRIPT` runs it again by hand.',
  },
  NETEVD_HOOK_TIMED_OUT: {
    meaning: 'A hook took longer than `hooks.timeout_sec` and was ended.',
    fault: 'operator',
    remedy: 'Make it quicker, let it start a unit for what takes long, or raise the time.',
  },
  NETEVD_HOOK_REFUSED: {
    meaning: 'A file in a hook directory is not run, because others could have changed it.',
    fault: 'operator',
    remedy: 'The line says what to do; `netevd hooks` shows all of them.',
  },
  NETEVD_SYNC_LOST: {
    meaning:
      'Messages of the kernel were lost or could not be read; everything is read again, and differences are told.',
    fault: 'machine',
    remedy: 'None is needed. Where it is frequent, raise `net.core.rmem_max` or give netevd CAP_NET_ADMIN.',
  },
  NETEVD_SOURCE_LOST: {
    meaning:
      'The kernel, the bus or a manager cannot be heard; what was known of it stays, and it is tried again.',
    fault: 'machine',
    remedy: 'Start what is missing. netevd finds it by itself when it is there.',
  },
  NETEVD_ROUTING_CONFLICT: {
    meaning: 'A rule, table or route of somebody else is in the way of policy routing; it is left alone.',
    fault: 'operator',
    remedy: 'Take it away, or give the link another table or priority.',
  },
  NETEVD_ROUTING_CONTESTED: {
    meaning: 'Somebody keeps deleting rules or routes that netevd makes.',
    fault: 'operator',
    remedy: 'Tell the other program to leave foreign ones alone; the line names the setting for networkd.',
  },
  NETEVD_PRIVILEGE_MISSING: {
    meaning: 'Something that was asked for needs a privilege that netevd does not have; that part is off.',
    fault: 'operator',
    remedy: 'Start it by the unit that is shipped, or as root, or do without.',
  },
  NETEVD_CALL_REFUSED: {
    meaning: 'resolved, hostnamed or networkd refused a call.',
    fault: 'operator',
    remedy: 'Install the polkit rule that is shipped; the line names the call.',
  },
  NETEVD_VALUE_REJECTED: {
    meaning: 'A value from a server, a manager or a peer cannot be what it claims to be, and was left out.',
    fault: 'network',
    remedy: 'Correct it where it comes from.',
  },
  NETEVD_STATE_BROKEN: {
    meaning: 'What an earlier run kept cannot be used; this start is like the first.',
    fault: 'machine',
    remedy: 'None is needed. The file is kept as `book.broken`, for whoever wants to know.',
  },
  NETEVD_STATE_UNWRITABLE: {
    meaning: 'The runtime directory takes no writes: a crash now would make hooks run twice or not at all.',
    fault: 'machine',
    remedy: 'Make room there. netevd writes everything again as soon as it can.',
  },
  NETEVD_INTERNAL_ERROR: {
    meaning: 'netevd has a mistake, and ended with exit code 70 rather than go on.',
    fault: 'netevd',
    remedy:
      'Report it with the lines around it. The service manager starts netevd again; nothing is lost or run twice.',
  },
};

/** The codes of lines by which one can search the journal, too. */
const codesOfMessages: Partial<Readonly<Record<MessageName, RunCode>>> = {
  configRejected: 'NETEVD_CONFIG_REJECTED',
  hookFailed: 'NETEVD_HOOK_FAILED',
  hookTimedOut: 'NETEVD_HOOK_TIMED_OUT',
  hookRefused: 'NETEVD_HOOK_REFUSED',
  syncLost: 'NETEVD_SYNC_LOST',
  sourceLost: 'NETEVD_SOURCE_LOST',
  routingConflict: 'NETEVD_ROUTING_CONFLICT',
  routingContested: 'NETEVD_ROUTING_CONTESTED',
  privilegeMissing: 'NETEVD_PRIVILEGE_MISSING',
  callRefused: 'NETEVD_CALL_REFUSED',
  valueRejected: 'NETEVD_VALUE_REJECTED',
  stateBroken: 'NETEVD_STATE_BROKEN',
  stateUnwritable: 'NETEVD_STATE_UNWRITABLE',
  internalError: 'NETEVD_INTERNAL_ERROR',
};

/** Undefined where the line tells of nothing that went wrong. */
export const errorCodeOf = (message: MessageName | undefined): RunCode | undefined =>
  message === undefined ? undefined : codesOfMessages[message];
