/** Classifies the errors of calls by D-Bus error name, and decides when to retry. */
import { type Millis, millis } from '../model/ids.ts';

export type ResolverErrorKind =
  /** systemd-networkd manages the link: resolved accepts no settings for it. */
  | 'managed'
  /** networkd does not manage the link. */
  | 'unmanaged'
  /** The service does not know the link yet, or the link is gone. */
  | 'no-such-link'
  /** polkit has no rule that allows it. */
  | 'denied'
  /** polkit is not installed or does not run. */
  | 'no-polkit'
  /** The service does not run and cannot be started. */
  | 'absent'
  /** The bus or the service stopped or did not answer in time: the call may have been executed. */
  | 'unanswered'
  /** The service rejects the value: a retry is useless. */
  | 'invalid'
  | 'failed';

/**
 * org.freedesktop.resolve1(5), org.freedesktop.network1(5), systemd's bus-common-errors.h, D-Bus
 * Specification.
 */
const errorKinds: ReadonlyMap<string, ResolverErrorKind> = new Map([
  // networkd also answers with the name of resolved's error.
  ['org.freedesktop.resolve1.LinkBusy', 'managed'],
  ['org.freedesktop.network1.LinkBusy', 'managed'],
  ['org.freedesktop.network1.UnmanagedInterface', 'unmanaged'],
  ['org.freedesktop.resolve1.NoSuchLink', 'no-such-link'],
  ['org.freedesktop.network1.NoSuchLink', 'no-such-link'],
  ['org.freedesktop.DBus.Error.InteractiveAuthorizationRequired', 'denied'],
  ['org.freedesktop.DBus.Error.AccessDenied', 'no-polkit'],
  ['org.freedesktop.PolicyKit1.Error.NotAuthorized', 'denied'],
  ['org.freedesktop.DBus.Error.ServiceUnknown', 'absent'],
  ['org.freedesktop.DBus.Error.NameHasNoOwner', 'absent'],
  ['org.freedesktop.systemd1.NoSuchUnit', 'absent'],
  ['org.freedesktop.systemd1.LoadFailed', 'absent'],
  ['org.freedesktop.systemd1.UnitMasked', 'absent'],
  ['org.freedesktop.DBus.Error.UnknownMethod', 'absent'],
  ['org.freedesktop.DBus.Error.UnknownObject', 'absent'],
  ['org.freedesktop.DBus.Error.UnknownInterface', 'absent'],
  ['org.freedesktop.DBus.Error.InvalidArgs', 'invalid'],
  ['org.freedesktop.DBus.Error.NoReply', 'unanswered'],
  ['org.freedesktop.DBus.Error.Timeout', 'unanswered'],
  ['org.freedesktop.DBus.Error.TimedOut', 'unanswered'],
  ['org.freedesktop.DBus.Error.Disconnected', 'unanswered'],
  ['netevd.Disconnected', 'unanswered'],
  ['netevd.TimedOut', 'unanswered'],
]);

/**
 * Classifies a D-Bus error by its name; by its text only where one name has two meanings.
 */
export function classifyResolverError(error: string, text: string): ResolverErrorKind {
  const errorKind =
    errorKinds.get(error) ?? (error.startsWith('org.freedesktop.DBus.Error.Spawn.') ? 'absent' : 'failed');
  // "Unit polkit.service is masked": the service runs but cannot authorize the call.
  return errorKind === 'absent' && /polkit/i.test(text) ? 'no-polkit' : errorKind;
}

const minute = 60_000;

/** Returns the delay after failure number `attempts`; undefined: no retry until another value is wanted. */
export function retryDelay(errorKind: ResolverErrorKind, attempts: number): Millis | undefined {
  switch (errorKind) {
    case 'invalid':
      return undefined;
    // The operator may install the rule at any time, without a notification.
    case 'denied':
    case 'no-polkit':
      return millis(minute);
    case 'managed':
    case 'unmanaged':
    case 'absent':
      return backoff(1000, attempts);
    default:
      return backoff(100, attempts);
  }
}

const backoff = (first: number, attempts: number): Millis =>
  millis(Math.min(minute, first * 2 ** (attempts - 1)));
