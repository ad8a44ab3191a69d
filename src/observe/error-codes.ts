/**
 * Stable codes for what goes wrong: `error_code` of a log line, and the end of the message of a start that was refused. One
 * entry each; docs/errors.md is made from this table. The codes of configuration errors are in `configCodes`.
 */
import type { MessageName } from '../ports/logger.ts';

export interface ErrorCodeEntry {
  readonly code: string;
  /** What happened. */
  readonly meaning: string;
  /** Who can fix it. */
  readonly fault: 'operator' | 'machine' | 'network' | 'netevd';
  /** How to fix it. */
  readonly remedy: string;
}

/** In the order of docs/errors.md. `NETEVD_START_…`: the daemon did not start. */
export const errorCodes = [
  {
    code: 'NETEVD_START_NATIVE',
    meaning: 'netevd.node is not beside the program, or others can write to it.',
    fault: 'operator',
    remedy:
      'Reinstall. The program, netevd.node and every directory above them must belong to root and be writable by root only.',
  },
  {
    code: 'NETEVD_START_USER',
    meaning: 'The user in `system.user` does not exist.',
    fault: 'operator',
    remedy: 'Create the user as the message says, or set `system.user`.',
  },
  {
    code: 'NETEVD_START_PRIVILEGES',
    meaning: 'netevd could not drop its privileges, or could not verify that it did.',
    fault: 'machine',
    remedy: 'Start netevd as `system.user` instead of root. In a container, allow it to become another user.',
  },
  {
    code: 'NETEVD_START_CONFIG_OWNER',
    meaning: 'netevd was started as root or with a capability, and others can change its configuration.',
    fault: 'operator',
    remedy: 'Give the file and the directories above it to root, and remove write permission for others.',
  },
  {
    code: 'NETEVD_START_ENVIRONMENT',
    meaning: 'An environment variable would change what the runtime does. Commands refuse it, too.',
    fault: 'operator',
    remedy: 'Unset the variable for netevd.',
  },
  {
    code: 'NETEVD_START_RUNTIME_DIRECTORY',
    meaning: 'The runtime directory cannot be created or written to, or is not safe.',
    fault: 'operator',
    remedy:
      'Create it for the user that runs netevd, writable by that user only, or set `system.runtime_directory`.',
  },
  {
    code: 'NETEVD_START_LOCKED',
    meaning: 'Another netevd uses the same runtime directory.',
    fault: 'operator',
    remedy: 'Stop the other one first, or set `system.runtime_directory`.',
  },
  {
    code: 'NETEVD_START_RUNNER',
    meaning:
      'The runner of privileged hooks was not started as root, or others can change its runtime directory.',
    fault: 'operator',
    remedy: 'Enable `netevd-runner.socket`; its unit starts the runner as it must be.',
  },
  {
    code: 'NETEVD_START_SYSTEM',
    meaning: 'The system refused something that netevd cannot start without: a socket, a thread, /proc.',
    fault: 'machine',
    remedy: 'Check the error that the message names. Often a limit of the service is too low.',
  },
  {
    code: 'NETEVD_CONFIG_REJECTED',
    meaning: 'A reload found errors in the configuration. The current configuration stays in effect.',
    fault: 'operator',
    remedy: 'Fix the errors that the lines before name (`netevd validate` lists them again), then reload.',
  },
  {
    code: 'NETEVD_HOOK_FAILED',
    meaning: 'A hook ended with a non-zero exit code or by a signal, or could not be started.',
    fault: 'operator',
    remedy: 'The next lines have the end of its output. `netevd test SCRIPT` runs it by hand.',
  },
  {
    code: 'NETEVD_HOOK_DELAYED',
    meaning:
      'The machine has too few processes, files or memory left to start a hook. It waits, and no run is lost.',
    fault: 'machine',
    remedy: 'Find what uses them up. The line names the errno. netevd retries by itself for ten minutes.',
  },
  {
    code: 'NETEVD_HOOK_TIMED_OUT',
    meaning: 'A hook ran longer than `hooks.timeout_sec`. netevd ended it.',
    fault: 'operator',
    remedy: 'Make it faster, start the slow part as a unit, or raise the timeout.',
  },
  {
    code: 'NETEVD_HOOK_REFUSED',
    meaning: 'netevd does not run a file in a hook directory, because others can change it.',
    fault: 'operator',
    remedy: 'The line names the fix. `netevd hooks` lists all refused files.',
  },
  {
    code: 'NETEVD_SYNC_LOST',
    meaning:
      'Messages of a source were lost or could not be decoded. netevd reads everything again and reports the differences.',
    fault: 'machine',
    remedy: 'None needed. If it is frequent, raise `net.core.rmem_max` or grant CAP_NET_ADMIN.',
  },
  {
    code: 'NETEVD_SOURCE_LOST',
    meaning:
      'The system bus or a network manager is not available. Its last state is kept, and netevd reconnects.',
    fault: 'machine',
    remedy: 'Start what is missing. netevd finds it by itself.',
  },
  {
    code: 'NETEVD_ROUTING_CONFLICT',
    meaning:
      'A rule, table or route of another program keeps policy routing from working. netevd does not touch it.',
    fault: 'operator',
    remedy: 'Remove it, or give the link another table or priority.',
  },
  {
    code: 'NETEVD_ROUTING_CONTESTED',
    meaning: 'Another program keeps deleting rules or routes of netevd.',
    fault: 'operator',
    remedy: 'Configure that program to keep foreign rules. The line names the setting for networkd.',
  },
  {
    code: 'NETEVD_PRIVILEGE_MISSING',
    meaning: 'Something in the configuration needs a privilege that netevd does not have. That part is off.',
    fault: 'operator',
    remedy: 'Start netevd by the shipped unit or as root, or remove the setting.',
  },
  {
    code: 'NETEVD_CALL_REFUSED',
    meaning: 'systemd-resolved, systemd-hostnamed or systemd-networkd refused a call.',
    fault: 'operator',
    remedy: 'Install the shipped polkit rule. The line names the call.',
  },
  {
    code: 'NETEVD_VALUE_REJECTED',
    meaning: 'A value from a server, a manager or a peer is not valid for its type. netevd leaves it out.',
    fault: 'network',
    remedy: 'Correct it at its origin.',
  },
  {
    code: 'NETEVD_STATE_BROKEN',
    meaning: 'The journal of the previous run cannot be used. netevd starts as after a boot.',
    fault: 'machine',
    remedy: 'None needed. The file is kept as `journal.broken`.',
  },
  {
    code: 'NETEVD_STATE_UNWRITABLE',
    meaning: 'The runtime directory is not writable. A crash now can make hooks run twice or not at all.',
    fault: 'machine',
    remedy: 'Free space in it, or fix its permissions. netevd retries by itself.',
  },
  {
    code: 'NETEVD_HISTORY_UNWRITABLE',
    meaning: 'The event history cannot be opened or written; records are kept in memory only.',
    fault: 'operator',
    remedy:
      'Create the directory of `events.database` for the user that runs netevd, or set another path. netevd retries every minute.',
  },
  {
    code: 'NETEVD_HISTORY_FULL',
    meaning: 'The disk of the event history is full; new records are kept in memory only.',
    fault: 'machine',
    remedy: 'Free space on it, or lower `events.max_size_mb`. netevd retries every minute.',
  },
  {
    code: 'NETEVD_HISTORY_BUSY',
    meaning: 'Another program has held the event history for too long; new records are kept in memory only.',
    fault: 'operator',
    remedy: 'Find the program with `fuser FILE` and end it. netevd retries every minute.',
  },
  {
    code: 'NETEVD_HISTORY_DAMAGED',
    meaning: 'The event history is damaged; it was set aside, and a new one and a new epoch begin.',
    fault: 'machine',
    remedy: 'Check the disk. `sqlite3 FILE .recover` reads what is left of the file that the message names.',
  },
  {
    code: 'NETEVD_HISTORY_NEWER',
    meaning:
      'The event history was made by a newer netevd; it is left alone and records are kept in memory only.',
    fault: 'operator',
    remedy: 'Install that version again, or move the file away.',
  },
  {
    code: 'NETEVD_AUDIT_UNWRITABLE',
    meaning:
      'The audit log cannot be opened, written, rotated or pruned; lines wait, and lost ones are counted.',
    fault: 'operator',
    remedy:
      'Create the directory of `audit.path` for the user that runs netevd, or free space in it. netevd retries every minute.',
  },
  {
    code: 'NETEVD_API_LISTEN',
    meaning: 'A socket or port of the API cannot be opened, or its token or certificate cannot be used.',
    fault: 'operator',
    remedy:
      'The line names the path or port and the error. Free it, or change the `api` section. netevd retries every 10 s, and reads files again on a reload.',
  },
  {
    code: 'NETEVD_API_FLOOD',
    meaning:
      'Connections over TCP have used up nearly all file descriptors. netevd stops listening on TCP for 10 s.',
    fault: 'network',
    remedy:
      'Find the client with `ss -tnp`. Raise `LimitNOFILE` of the unit if clients need that many connections.',
  },
  {
    code: 'NETEVD_API_REQUEST',
    meaning: 'A request is malformed: its path, a header or its body.',
    fault: 'operator',
    remedy: 'The message names the part. `/openapi.json` describes every request.',
  },
  {
    code: 'NETEVD_API_QUERY',
    meaning: 'A query key is unknown, stands twice, is missing, or has a value of the wrong form.',
    fault: 'operator',
    remedy: 'The message names the key, the expected form and the nearest key.',
  },
  {
    code: 'NETEVD_API_UNAUTHORIZED',
    meaning: 'The request needs the token of `api.token_file`, or has another one.',
    fault: 'operator',
    remedy: 'Send `Authorization: Bearer TOKEN`, or use a socket.',
  },
  {
    code: 'NETEVD_API_FORBIDDEN',
    meaning: 'This listener does not allow the request.',
    fault: 'operator',
    remedy: 'Change something through the control socket, as root. Over TCP, set `api.token_file`.',
  },
  {
    code: 'NETEVD_API_HOST',
    meaning: 'The header `Host` names another machine, as after DNS rebinding.',
    fault: 'operator',
    remedy: 'Use `localhost` or the address that netevd listens on.',
  },
  {
    code: 'NETEVD_API_ORIGIN',
    meaning: 'A web page of another origin made the request.',
    fault: 'operator',
    remedy: 'Use the dashboard of netevd itself, or a proxy that serves both from one origin.',
  },
  {
    code: 'NETEVD_API_NOT_FOUND',
    meaning: 'There is no such path, link or run.',
    fault: 'operator',
    remedy: 'The message names what is missing and the nearest path.',
  },
  {
    code: 'NETEVD_API_METHOD',
    meaning: 'The path does not take this method.',
    fault: 'operator',
    remedy: 'The header `Allow` lists the methods.',
  },
  {
    code: 'NETEVD_API_BODY',
    meaning: 'The body of the request is longer than 64 KiB.',
    fault: 'operator',
    remedy: 'Send less. `netevd validate FILE` checks a configuration of any size.',
  },
  {
    code: 'NETEVD_API_MEDIA_TYPE',
    meaning: 'The body has another media type than the endpoint takes.',
    fault: 'operator',
    remedy: 'Send the `Content-Type` that the message names.',
  },
  {
    code: 'NETEVD_API_BUSY',
    meaning:
      'Changes and validations come too fast: more than 20 at once, or one each second; or too many timelines are asked for.',
    fault: 'operator',
    remedy: 'Wait for as long as `Retry-After` says.',
  },
  {
    code: 'NETEVD_API_STREAM_LIMIT',
    meaning: 'The stream has 200 readers already.',
    fault: 'operator',
    remedy: 'Close some. `GET /api/v1/status` has their number.',
  },
  {
    code: 'NETEVD_INTERNAL_ERROR',
    meaning: 'netevd has a bug and ended with exit code 70.',
    fault: 'netevd',
    remedy: 'Report it with the lines around it. The service manager restarts netevd; no event is lost.',
  },
  {
    code: 'NETEVD_RECORDING_FORMAT',
    meaning: 'A file is not a recording, or is damaged at the line that the message names.',
    fault: 'operator',
    remedy: 'Record again with `netevd record`. A recording that was cut off at its end can be read.',
  },
  {
    code: 'NETEVD_RECORDING_VERSION',
    meaning: 'A newer netevd wrote the recording.',
    fault: 'operator',
    remedy: 'Replay it with that netevd, or a newer one.',
  },
  {
    code: 'NETEVD_RECORDING_UNWRITABLE',
    meaning: 'The file of a recording cannot be created or written.',
    fault: 'operator',
    remedy: 'Choose a new file in a directory that you can write to; `netevd record` overwrites no file.',
  },
] as const;

export type ErrorCode = (typeof errorCodes)[number]['code'];

/** Why the daemon did not start. */
export type StartCode = Extract<ErrorCode, `NETEVD_START_${string}`>;

/** What went wrong while the daemon ran. */
export type RunCode = Exclude<ErrorCode, StartCode>;

/** The codes of lines that have a message id. */
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

/** Undefined where nothing went wrong. */
export const errorCodeOf = (message: MessageName | undefined): RunCode | undefined =>
  message === undefined ? undefined : codesOfMessages[message];
