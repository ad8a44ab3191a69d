import { describe, expect, test } from 'bun:test';
import { classifyResolverError, type ResolverErrorKind, retryDelay } from './error-kind.ts';

describe('classifyResolverError and retryDelay', () => {
  const rows: [error: string, text: string, errorKind: ResolverErrorKind][] = [
    ['org.freedesktop.resolve1.LinkBusy', 'Link nd0 is managed.', 'managed'],
    ['org.freedesktop.network1.UnmanagedInterface', 'Interface un0 is not managed', 'unmanaged'],
    ['org.freedesktop.resolve1.NoSuchLink', 'Link 99 not known', 'no-such-link'],
    ['org.freedesktop.DBus.Error.InteractiveAuthorizationRequired', 'Interactive …', 'denied'],
    ['org.freedesktop.DBus.Error.AccessDenied', 'Permission denied', 'no-polkit'],
    ['org.freedesktop.systemd1.UnitMasked', 'Unit polkit.service is masked.', 'no-polkit'],
    [
      'org.freedesktop.systemd1.UnitMasked',
      'Unit dbus-org.freedesktop.resolve1.service is masked.',
      'absent',
    ],
    ['org.freedesktop.DBus.Error.ServiceUnknown', 'not provided by any .service files', 'absent'],
    ['org.freedesktop.DBus.Error.Spawn.ChildExited', 'exited with status 1', 'absent'],
    ['org.freedesktop.DBus.Error.InvalidArgs', 'Invalid hostname', 'invalid'],
    ['netevd.TimedOut', 'no answer within 10 s', 'unanswered'],
    ['org.example.Whatever', 'text', 'failed'],
  ];
  test.each(rows)('error %s (%s) is classified', (error, text, errorKind) => {
    expect(classifyResolverError(error, text)).toBe(errorKind);
  });

  test('the kind of an error decides about the delay', () => {
    const delays = (errorKind: ResolverErrorKind): (number | undefined)[] =>
      [1, 2, 3, 20].map((attempts) => retryDelay(errorKind, attempts) as number | undefined);
    expect(delays('unanswered')).toEqual([100, 200, 400, 60_000]);
    expect(delays('absent')).toEqual([1000, 2000, 4000, 60_000]);
    expect(delays('denied')).toEqual([60_000, 60_000, 60_000, 60_000]);
    expect(delays('invalid')).toEqual([undefined, undefined, undefined, undefined]);
  });
});
