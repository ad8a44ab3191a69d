/** What an answer means that is none, by its D-Bus error name, and when to try again. */
import { type Millis, millis } from '../model/ids.ts';

export type Meaning =
  /** systemd-networkd manages the link: resolved takes nothing for it. */
  | 'managed'
  /** networkd does not manage the link. */
  | 'unmanaged'
  /** It has not heard of the link yet, or the link is gone. */
  | 'no-such-link'
  /** polkit has no rule that allows it. */
  | 'denied'
  /** There is nobody who could allow it: polkit is not installed, or does not run. */
  | 'no-polkit'
  /** The service does not run and cannot be started. */
  | 'absent'
  /** The bus or the service went away, or did not answer in time: it may have been done all the same. */
  | 'unanswered'
  /** The value is not one that the service takes: trying again is no use. */
  | 'invalid'
  | 'failed';

/** org.freedesktop.resolve1(5), org.freedesktop.network1(5), systemd's bus-common-errors.h, D-Bus Specification. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  // networkd answers with the name of resolved's error, too.
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

/** What an error of D-Bus says about the call: its name decides, its text only where the name says two things. */
export function meaningOf(error: string, text: string): Meaning {
  const meaning =
    meanings.get(error) ?? (error.startsWith('org.freedesktop.DBus.Error.Spawn.') ? 'absent' : 'failed');
  // "Unit polkit.service is masked": the service is there, and cannot ask.
  return meaning === 'absent' && /polkit/i.test(text) ? 'no-polkit' : meaning;
}

const minute = 60_000;

/** How long to wait after failure number `attempts`; undefined: until something is different. */
export function retryDelay(meaning: Meaning, attempts: number): Millis | undefined {
  switch (meaning) {
    case 'invalid':
      return undefined;
    // The operator may install the rule: nothing says when.
    case 'denied':
    case 'no-polkit':
      return millis(minute);
    case 'managed':
    case 'unmanaged':
    case 'absent':
      return backOff(1000, attempts);
    default:
      return backOff(100, attempts);
  }
}

const backOff = (first: number, attempts: number): Millis =>
  millis(Math.min(minute, first * 2 ** (attempts - 1)));
