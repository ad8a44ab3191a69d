import { describe, expect, test } from 'bun:test';
import { sampleScript, sampleSource } from '../testing/migration-input.ts';
import type { InputFile } from './input.ts';
import { sourcePlaces } from './places.ts';
import type { SourceName, SourcePlan } from './plan.ts';
import { isThere, planSource } from './plan-source.ts';

const into = { configFile: '/etc/netevd/netevd.yaml', hookDirectory: '/etc/netevd' };
const plan = (source: SourceName, scripts: Readonly<Record<string, string | InputFile>>): SourcePlan =>
  planSource(sampleSource(source, sourcePlaces[source].base, scripts), into);
const hooks = ({ scripts }: SourcePlan): readonly string[] =>
  scripts.flatMap(({ files }) =>
    files.filter(({ role }) => role !== 'original').map(({ path }) => path.slice('/etc/netevd/'.length)),
  );
const text = ({ scripts }: SourcePlan, path: string): string =>
  new TextDecoder().decode(
    scripts.flatMap(({ files }) => files).find((file) => file.path === `/etc/netevd/${path}`)?.content,
  );

describe('networkd-dispatcher', () => {
  test('scripts of known directories become hooks', () => {
    const moved = plan('networkd-dispatcher', {
      'routable.d/10-a': '#!/bin/sh\n:',
      'configured.d/b': '#!/bin/sh\necho $IFACE',
    });
    expect(hooks(moved)).toEqual(['routable.d/10-a', 'configured.d/b']);
    expect(moved.next).toEqual(['systemctl disable --now networkd-dispatcher']);
  });

  test('scripts of other directories are left, and the nearest event is reported', () => {
    const moved = plan('networkd-dispatcher', { 'routeable.d/a': '#!/bin/sh\n:' });
    expect(hooks(moved)).toEqual([]);
    expect(moved.findings).toMatchObject([
      {
        kind: 'event',
        file: '/etc/networkd-dispatcher/routeable.d',
        remedy: 'routable.d may be the right one',
      },
    ]);
    expect(moved.next).toEqual([]);
  });
});

describe('NetworkManager', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['[ "$2" = up ]', ['activated']],
    ['[ "$2" = down ]', ['disconnected', 'unavailable', 'failed']],
    ['case $2 in up|down) ;; esac', ['activated', 'disconnected', 'unavailable', 'failed']],
    ['[ "$2" = connectivity-change ]', ['manager']],
    ['[ "$2" = dhcp4-change ]', []],
    ['[ "$2" = vpn-up ]', []],
    ['logger "$1"', ['activated', 'disconnected', 'unavailable', 'failed', 'manager']],
  ];
  test.each(rows)('%s', (line, directories) => {
    const moved = plan('NetworkManager', { '50-x': `#!/bin/sh\n${line}` });
    expect(hooks(moved)).toEqual(directories.map((name) => `${name}.d/50-x`));
  });

  test('an action without an event of netevd is reported at its line in the script', () => {
    const moved = plan('NetworkManager', { '50-x': '#!/bin/sh\ncase $2 in\nup) ;;\nvpn-up) ;;\nesac' });
    expect(moved.scripts[0]?.findings).toMatchObject([{ kind: 'event', line: 4 }]);
    expect(moved.next).toEqual([]);
  });

  test('the wrapper calls the script with link and action', () => {
    const moved = plan('NetworkManager', { '50-x': '#!/bin/sh\necho $1 $2' });
    const last = (path: string): string | undefined => text(moved, path).trimEnd().split('\n').at(-1);
    expect(last('activated.d/50-x')).toBe('exec /etc/netevd/migrated/NetworkManager/50-x "$LINK" up');
    expect(last('failed.d/50-x')).toBe('exec /etc/netevd/migrated/NetworkManager/50-x "$LINK" down');
    expect(last('manager.d/50-x')).toBe(
      'exec /etc/netevd/migrated/NetworkManager/50-x none connectivity-change',
    );
    expect(moved.next).toEqual(['chmod -x /etc/NetworkManager/dispatcher.d/50-x']);
  });

  test('scripts that must run before a connection is up stay with NetworkManager', () => {
    const moved = plan('NetworkManager', { 'pre-up.d/a': '#!/bin/sh\n:', 'pre-down.d/b': '#!/bin/sh\n:' });
    expect(hooks(moved)).toEqual(['deactivating.d/b']);
    expect(moved.scripts.map(({ how }) => how)).toEqual(['left', 'wrapped']);
    expect(moved.scripts[0]?.findings.map(({ kind }) => kind)).toEqual(['event']);
  });

  test('scripts of no-wait.d are reached through a symbolic link only', () => {
    const link = sampleScript(`${sourcePlaces.NetworkManager.base}/a`, '#!/bin/sh\n[ $2 = up ]', {
      target: 'no-wait.d/a',
    });
    const moved = plan('NetworkManager', {
      a: link,
      'no-wait.d/a': '#!/bin/sh\n[ $2 = up ]',
      'no-wait.d/b': '#!/bin/sh\n:',
    });
    expect(hooks(moved)).toEqual(['activated.d/a']);
    expect(
      moved.scripts.map(({ script, how }) => [script.slice(sourcePlaces.NetworkManager.base.length), how]),
    ).toEqual([
      ['/a', 'wrapped'],
      ['/no-wait.d/b', 'left'],
    ]);
  });
});

describe('ifupdown', () => {
  test('each of the four directories becomes a hook, also for equal file names', () => {
    const scripts = Object.fromEntries(
      ['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'].map((name) => [
        `${name}/x`,
        '#!/bin/sh\necho $PHASE',
      ]),
    );
    const moved = plan('ifupdown', scripts);
    expect(hooks(moved)).toEqual(['link-added.d/x', 'configured.d/x', 'off.d/x', 'off.d/x']);
    expect(text(moved, 'configured.d/x')).toContain('export MODE=start PHASE=post-up\n');
  });

  test('scripts of packages are left', () => {
    const ofPackage = sampleScript('/etc/network/if-up.d/openssh-server', '#!/bin/sh\n:', {
      package: 'openssh-server',
    });
    expect(plan('ifupdown', { 'if-up.d/openssh-server': ofPackage }).scripts[0]?.how).toBe('left');
  });
});

test('a source exists if it has files', () => {
  expect(isThere(sampleSource('ifupdown', '/etc/network', {}))).toBe(false);
  expect(isThere(sampleSource('ifupdown', '/etc/network', { 'if-up.d/a': '' }))).toBe(true);
});
