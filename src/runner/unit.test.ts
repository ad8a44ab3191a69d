import { describe, expect, test } from 'bun:test';
import type { HookPrivileges } from '../core/hooks/privileges.ts';
import { millis } from '../core/model/ids.ts';
import { type UnitRequest, unitArguments, unitState } from './unit.ts';

const privileges: HookPrivileges = {
  user: undefined,
  capabilities: [],
  writable: [],
  timeout: undefined,
  sandbox: 'strict',
};
const request = (over: Partial<UnitRequest> = {}): readonly string[] =>
  unitArguments({
    unit: 'netevd-hook-routable-7-0123456789abcdef.service',
    description: 'netevd hook routable.d/10-x',
    path: '/etc/netevd/routable.d/10-x',
    privileges,
    user: 'netevd',
    timeout: millis(30_000),
    killGrace: millis(5000),
    variables: ['PATH', 'LINK'],
    ...over,
  });
const property = (words: readonly string[], name: string): string | undefined =>
  words.find((word) => word.startsWith(`--property=${name}=`))?.slice(`--property=${name}=`.length);

describe('unitArguments', () => {
  test('ends with the path alone: a hook has no arguments', () => {
    expect(request().slice(-2)).toEqual(['--', '/etc/netevd/routable.d/10-x']);
  });

  test('grants nothing by default', () => {
    const words = request();
    expect(property(words, 'User')).toBe('netevd');
    expect(property(words, 'CapabilityBoundingSet')).toBe('');
    expect(property(words, 'AmbientCapabilities')).toBe('');
    expect(property(words, 'NoNewPrivileges')).toBe('yes');
    expect(property(words, 'ProtectSystem')).toBe('strict');
  });

  test('grants the capabilities that are named, and no others', () => {
    const words = request({ privileges: { ...privileges, capabilities: ['CAP_NET_ADMIN', 'CAP_NET_RAW'] } });
    expect(property(words, 'CapabilityBoundingSet')).toBe('CAP_NET_ADMIN CAP_NET_RAW');
    expect(property(words, 'AmbientCapabilities')).toBe('CAP_NET_ADMIN CAP_NET_RAW');
  });

  test('hands on the named variables, and removes those of the service manager', () => {
    const words = request({ variables: ['PATH', 'LANG'] });
    expect(words.filter((word) => word.startsWith('--setenv='))).toEqual(['--setenv=PATH', '--setenv=LANG']);
    const removed = property(words, 'UnsetEnvironment')?.split(' ') ?? [];
    expect(removed).toContain('INVOCATION_ID');
    expect(removed).not.toContain('LANG');
  });

  test.each([
    [30_000, '30000ms'],
    [0, 'infinity'],
  ])('a time-out of %d ms is %s', (timeout, text) => {
    expect(property(request({ timeout: millis(timeout) }), 'RuntimeMaxSec')).toBe(text);
  });

  test('keeps writable what is named', () => {
    const words = request({ privileges: { ...privileges, writable: ['/etc/resolv.conf.d', '/run/x'] } });
    expect(property(words, 'ReadWritePaths')).toBe('/etc/resolv.conf.d /run/x');
    expect(property(words, 'ProtectKernelTunables')).toBe('yes');
  });

  test('leaves /proc/sys writable where a path below it is named', () => {
    const words = request({ privileges: { ...privileges, writable: ['/proc/sys/net'] } });
    expect(property(words, 'ProtectKernelTunables')).toBeUndefined();
  });

  test('has no sandbox where root wants none, but still no_new_privs', () => {
    const words = request({ privileges: { ...privileges, sandbox: 'none' } });
    expect(words.filter((word) => word.includes('Protect'))).toEqual([]);
    expect(property(words, 'NoNewPrivileges')).toBe('yes');
  });
});

const shown = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries({
    LoadState: 'loaded',
    ActiveState: 'failed',
    Result: 'exit-code',
    ExecMainPID: 42,
    ExecMainCode: 1,
    ExecMainStatus: 0,
    ActiveEnterTimestampMonotonic: 7,
    ...values,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

describe('unitState', () => {
  test.each([
    ['exit 3', { ExecMainStatus: 3 }, { kind: 'exited', code: 3 }],
    ['exit 203 of its own', { ExecMainStatus: 203 }, { kind: 'exited', code: 203 }],
    [
      'a signal',
      { Result: 'signal', ExecMainCode: 2, ExecMainStatus: 11 },
      { kind: 'signalled', signal: 'SIGSEGV' },
    ],
    [
      'a core',
      { Result: 'core-dump', ExecMainCode: 3, ExecMainStatus: 6 },
      { kind: 'signalled', signal: 'SIGABRT' },
    ],
    [
      'SIGTERM at the time-out',
      { Result: 'timeout', ExecMainCode: 2, ExecMainStatus: 15 },
      { kind: 'timed-out', after: millis(1000), killed: false, abandoned: false },
    ],
    [
      'SIGKILL after the time-out',
      { Result: 'timeout', ExecMainCode: 2, ExecMainStatus: 9 },
      { kind: 'timed-out', after: millis(1000), killed: true, abandoned: false },
    ],
  ] as const)('%s', (_, values, outcome) => {
    expect(unitState(shown(values), millis(1000))).toEqual({ kind: 'failed', outcome });
  });

  test.each([
    ['a missing interpreter', { ExecMainStatus: 203 }],
    ['a missing user', { ExecMainStatus: 217 }],
    ['a missing writable path', { ExecMainStatus: 226 }],
    ['no process', { ExecMainPID: 0, ExecMainCode: 0, Result: 'resources' }],
    ['no process in time', { ExecMainPID: 0, ExecMainCode: 0, Result: 'timeout' }],
  ])('%s is no start', (_, values) => {
    expect(unitState(shown({ ActiveEnterTimestampMonotonic: 0, ...values }), millis(1000))).toMatchObject({
      outcome: { kind: 'not-started' },
    });
  });

  test.each(['active', 'activating', 'deactivating'])('%s has not ended', (ActiveState) => {
    expect(unitState(shown({ ActiveState }), millis(1000))).toEqual({ kind: 'running' });
  });

  test.each([{ LoadState: 'not-found', ActiveState: 'inactive' }, { ActiveState: 'inactive' }])(
    '%o is gone',
    (values) => {
      expect(unitState(shown(values), millis(1000))).toEqual({ kind: 'gone' });
    },
  );
});
