/** The command line against the built daemon: what it shows of a real network, through a restart, and after the end. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InterfacesAnswer, NetevdRecord, Status } from '../../src/client/types.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type DaemonUnderTest, executable, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

setDefaultTimeout(60_000);

/** Without the API there is no socket to ask. */
const hasApi = existsSync(join(import.meta.dir, '../../src/api/router.ts'));

describe.skipIf(!hasApi)('the command line and the daemon', () => {
  let site: Site;
  let daemon: DaemonUnderTest;
  let cable: Cable;

  interface Ran {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }
  const netevd = (...args: readonly string[]): Ran =>
    spawnSync(executable, ['-c', site.configFile, ...args], { encoding: 'utf8' });
  const json = <T>(...args: readonly string[]): T => {
    const { status, stdout, stderr } = netevd(...args, '-o', 'json');
    expect([args, status, stderr]).toEqual([args, 0, '']);
    return JSON.parse(stdout) as T;
  };
  const link = (name: string): InterfacesAnswer['interfaces'][number] | undefined =>
    json<InterfacesAnswer>('list', 'interfaces').interfaces.find((one) => one.name === name);

  beforeAll(async () => {
    site = new Site();
    site.hook('routable', '10-say', '#!/bin/sh\necho "hello $LINK"\nexit 3\n');
    daemon = await site.start({ config: { events: { database: join(site.root, 'events.db') } } });
    cable = new Cable('eth0', 1);
    cable.up();
    cable.plug();
    ip('addr add 192.0.2.10/24 dev eth0');
    ip('route add default via 192.0.2.1 dev eth0');
    await waitUntil('the link to be routable', () => link('eth0')?.state === 'routable');
    await waitUntil('the hook to have failed', () => json<Status>('status').hooks.failed_24h > 0);
  });

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    cable[Symbol.dispose]();
    site[Symbol.dispose]();
  });

  test('shows what the kernel has', () => {
    expect(link('eth0')?.gateway).toBe('192.0.2.1');
    expect(link('eth0')?.addresses.map(({ ip: address }) => address)).toContain('192.0.2.10');
    expect(netevd('list', 'interfaces').stdout).toContain('192.0.2.10/24');
    expect(netevd('list', 'routes').stdout).toMatch(/^default +192\.0\.2\.1 +eth0 /m);
    expect(netevd('list', 'rules').stdout).toContain('from all lookup main');
    expect(netevd('show', 'interface', 'eth0').stdout).toContain('192.0.2.10/24');
    expect(netevd('show', 'route', 'default').stdout).toContain('192.0.2.1');
    expect(netevd('show', 'rule', '32766').status).toBe(0);
    expect(netevd('show', 'interface', 'eth9').status).toBe(1);
  });

  test('shows the failed hook, its run with its output, and that there is a problem', () => {
    expect(netevd('status', '--check').status).toBe(1);
    const runs = netevd('events', '-o', 'json', '-n', '100')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as NetevdRecord)
      .filter(({ kind }) => kind === 'hook_run');
    expect(runs).not.toEqual([]);
    expect(netevd('show', 'run', String(runs[0]?.seq)).stdout).toContain('  hello eth0\n');
    expect(netevd('list', 'scripts').stdout).toMatch(/^routable +10-say +runs .*exit 3/m);
  });

  test('judges hooks as the daemon does, and completes its links', () => {
    expect(json<{ judged_by: string }>('hooks').judged_by).toBe('daemon');
    expect(netevd('complete', '--', 'show', 'interface', 'et').stdout).toStartWith('eth0\t');
  });

  test('follows events through a restart of the daemon, and each record comes once', async () => {
    const child = spawn(executable, ['-c', site.configFile, 'events', '-f', '-n', '1', '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const records = recordsOf(child);
    await waitUntil('the last record', () => records().length > 0);
    cable.unplug();
    await waitUntil('the carrier lost', () => records().some(({ event }) => event === 'no-carrier'));
    await daemon.stop();
    daemon = await site.start();
    cable.plug();
    await waitUntil('the carrier back', () => {
      const events = records().map(({ event }) => event);
      return events.lastIndexOf('carrier') > events.indexOf('no-carrier');
    });
    child.kill('SIGINT');
    await waitUntil('the end', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
    const ids = records().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('reloads, and lists every error of a broken configuration', () => {
    expect(json<{ changed: readonly string[] }>('reload').changed).toEqual([]);
    site.configure({ hooks: { timeout_sec: 7 }, events: { database: join(site.root, 'events.db') } });
    expect(json<{ changed: readonly string[] }>('reload').changed).toContain('hooks');
    writeFileSync(
      site.configFile,
      `${'hooks: { timeout_sec: soon, debounce_ms: now }\n'}system: { runtime_directory: ${site.runtime} }\n`,
    );
    const { status, stderr } = netevd('reload');
    expect(status).toBe(78);
    expect(stderr).toContain('hooks.timeout_sec');
    expect(stderr).toContain('hooks.debounce_ms');
    site.configure({ events: { database: join(site.root, 'events.db') } });
    expect(netevd('reload').status).toBe(0);
  });

  test('exits with 3 once the daemon is stopped, and when it was killed', async () => {
    await daemon.stop();
    for (const args of [['status'], ['list', 'routes'], ['events', '-f'], ['reload']]) {
      expect([args, netevd(...args).status]).toEqual([args, 3]);
    }
    expect(netevd('hooks').status).toBe(0);
    daemon = await site.start();
    await waitUntil('the socket', () => netevd('status').status === 0);
    await daemon.kill();
    const { status, stdout } = netevd('status', '-o', 'json');
    expect([status, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([
      3,
      'NETEVD_CLIENT_STALE_SOCKET',
    ]);
  });
});

/** The records that a following command has printed. */
function recordsOf(child: ChildProcess): () => readonly NetevdRecord[] {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as NetevdRecord);
}
