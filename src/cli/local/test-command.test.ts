import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyState } from '../../core/model/empty-state.ts';
import { hookDirectories } from '../../core/model/event-table.ts';
import { SystemClock } from '../../platform/clock.ts';
import { loadNative } from '../../platform/native.ts';
import { NativeProcessSpawner } from '../../platform/process-spawner.ts';
import { zombies } from '../../testing/own-resources.ts';
import { sampleDetails } from '../../testing/sample-answers.ts';
import { sampleState } from '../../testing/sample-state.ts';
import { runHooksCommand } from './hooks-command.ts';
import { readKernelState } from './kernel-state.ts';
import { runTestCommand, type TestCommandParts, type TestOptions } from './test-command.ts';

let base = '';
let config = '';
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-cli-')));
  config = join(base, 'netevd.yaml');
  writeFileSync(config, `hooks:\n  directory: ${base}\n  timeout_sec: 1\n  kill_grace_sec: 0.2\n`);
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
  expect(zombies()).toEqual([]);
});

function put(path: string, body: string, mode = 0o755): string {
  const file = join(base, path);
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o755 });
  writeFileSync(file, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
  chmodSync(file, mode);
  return file;
}
interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
function io(env: Readonly<Record<string, string | undefined>> = {}): {
  readonly io: Parameters<typeof runTestCommand>[1];
  printed(code: number): Printed;
} {
  const out: string[] = [];
  const err: string[] = [];
  const into = (texts: string[]) => ({ write: (text: string) => void texts.push(text) });
  const printed = (code: number): Printed => ({ code, out: out.join(''), err: err.join('') });
  return { io: { stdout: into(out), stderr: into(err), isTerminal: false, env }, printed };
}
const away = {
  kind: 'unreachable',
  status: null,
  error: { code: 'ENOENT', message: 'm', details: null },
} as const;
const parts: TestCommandParts = {
  daemon: { link: () => Promise.resolve({ ok: false, problem: away }) },
  unitUser: undefined,
  spawner: new NativeProcessSpawner(loadNative()),
  clock: new SystemClock(),
  cwd: '/',
  lookup: () => null,
  readKernel: () => Promise.resolve(sampleState()),
  become: () => {
    throw new Error('a test must not become another user');
  },
  onInterrupt: () => undefined,
};
async function tryOut(
  script: string,
  over: Partial<TestOptions> = {},
  at: Partial<TestCommandParts> = {},
): Promise<Printed> {
  const ends = io();
  const options: TestOptions = { script, config, format: 'text', ip: [], ...over };
  return ends.printed(await runTestCommand(options, ends.io, { ...parts, ...at }));
}
const asJson = async (script: string, over: Partial<TestOptions> = {}): Promise<Record<string, never>> =>
  JSON.parse((await tryOut(script, { ...over, format: 'json' })).out);

describe('netevd test', () => {
  test('shows the input, the output and the end of a script', async () => {
    put('routable.d/10-x', 'echo "$LINK is $STATE at $ADDRESSES"; echo careful >&2; exit 3');
    const { code, out } = await tryOut('routable.d/10-x');
    expect(code).toBe(1);
    expect(out).toContain(`script  ${base}/routable.d/10-x`);
    expect(out).toContain('event   routable on eth0, previous state degraded');
    expect(out).toContain('  LINK=eth0\n');
    expect(out).toContain('stdout\n  eth0 is routable at 192.168.1.100\n');
    expect(out).toContain('stderr\n  careful\n');
    expect((await asJson('10-x'))['outcome'] as unknown).toEqual({ kind: 'exited', code: 3 });
  });

  test('exits with 0 if the script does', async () => {
    put('routable.d/10-x', 'cat >/dev/null');
    const { code, err } = await tryOut('10-x');
    expect([code, err]).toEqual([0, '']);
  });

  test('prints JSON only for --format json', async () => {
    put('routable.d/10-x', 'grep -o \'"Name":"[^"]*"\'');
    const value = await asJson('10-x');
    expect(value).toMatchObject({
      verdict: 'runs',
      sampleLink: false,
      outcome: { kind: 'exited', code: 0 },
      stdout: '"Name":"eth0"\n',
      event: { MTU: 1500 },
    });
  });

  const rows: readonly [what: string, over: Partial<TestOptions>, seen: string][] = [
    ['the event of the script’s own directory', {}, 'address-added eth0 routable [192.168.1.100]'],
    ['another event', { event: 'no-carrier.d' }, 'no-carrier eth0 no-carrier []'],
    ['a link that does not exist', { interface: 'wg7' }, 'address-added wg7 routable [192.0.2.10]'],
    [
      'given addresses',
      { ip: ['10.9.8.7', '2001:db8::5'] },
      'address-added eth0 routable [10.9.8.7 2001:db8::5]',
    ],
    ['routes', { event: 'routes' }, 'new eth0 routable []'],
    ['a link that is removed', { event: 'link-removed' }, 'link-removed eth0 missing []'],
    ['the host', { event: 'manager' }, 'manager  routable []'],
    ['a setup state of networkd', { event: 'configuring' }, 'configuring eth0 configuring []'],
    ['a state of NetworkManager', { event: 'activated' }, 'activated eth0 activated []'],
  ];
  test.each(rows)('makes an event for %s', async (_what, over, seen) => {
    put('address-added.d/10-x', 'echo "$EVENT $LINK $STATE [$CHANGED_ADDRESSES]"');
    expect((await asJson('10-x', over))['stdout'] as unknown).toBe(`${seen}\n`);
  });

  test('makes an event for every directory that starts the script', async () => {
    put('routable.d/10-x', 'test -n "$STATE" -a -n "$BACKEND" && grep -q netevd.event.v1');
    const { hookDirectories } = await import('../../core/model/event-table.ts');
    for (const event of hookDirectories)
      expect([event, (await tryOut('10-x', { event })).code]).toEqual([event, 0]);
  });

  test('shows the verdict of the daemon and runs the script anyway', async () => {
    put('routable.d/10-x', 'echo ran', 0o775);
    const { code, out } = await tryOut('10-x');
    expect(code).toBe(0);
    expect(out).toContain('ran');
    expect(await asJson('10-x')).toMatchObject({ verdict: 'refused', code: 'writable' });
    put('routable.d/20-y', '#!/bin/sh\r\necho\r\n');
    expect((await asJson('20-y'))['hint'] as unknown).toMatch(/Windows/);
  });

  test('shows why a script did not start', async () => {
    put('routable.d/10-x', 'true', 0o644);
    expect((await tryOut('10-x')).code).toBe(1);
    expect(await asJson('10-x')).toMatchObject({
      outcome: { kind: 'not-started', code: 'EACCES' },
      verdict: 'skipped',
      code: 'not-executable',
    });
  });

  test('ends a script at its timeout', async () => {
    put('routable.d/10-x', 'sleep 60');
    expect((await asJson('10-x'))['outcome'] as unknown).toMatchObject({ kind: 'timed-out', after: 1000 });
  });

  test('ends the script on an interrupt', async () => {
    put('routable.d/10-x', 'sleep 60');
    const parts = { onInterrupt: (run: () => void) => void setTimeout(run, 20) };
    const { out } = await tryOut('10-x', { format: 'json' }, parts);
    expect(JSON.parse(out).outcome).toMatchObject({ kind: 'stopped' });
  });

  const refusals: readonly [over: Partial<TestOptions>, err: string][] = [
    [{ script: 'gone' }, 'gone: not found here or in a directory of BASE'],
    [{ script: 'routable.d/gone' }, 'routable.d/gone: not found here or in BASE'],
    [{ script: 'twice' }, 'twice: several files have this name: BASE/carrier.d/twice, BASE/routable.d/twice'],
    [{ event: 'routabel' }, "unknown event 'routabel'; did you mean routable?"],
    [{ interface: 'a/b' }, "'a/b' is not a valid link name"],
    [{ ip: ['10.0.0.1/24'] }, "'10.0.0.1/24' is not an IP address without a prefix length"],
  ];
  test.each(refusals)('exits with 2 for %j', async (over, err) => {
    put('routable.d/10-x', 'true');
    put('routable.d/twice', 'true');
    put('carrier.d/twice', 'true');
    const printed = await tryOut('10-x', over);
    expect(printed).toEqual({ code: 2, out: '', err: `netevd test: ${err.replaceAll('BASE', base)}\n` });
  });

  test('exits with 78 for an invalid configuration', async () => {
    writeFileSync(config, 'hooks:\n  directorry: x\n');
    const { code, err } = await tryOut('10-x');
    expect(code).toBe(78);
    expect(err).toContain('directory');
  });

  test('uses a sample link on a machine without links', async () => {
    put('routable.d/10-x', 'echo "$LINK $GATEWAY"');
    const { out } = await tryOut('10-x', {}, { readKernel: () => Promise.resolve(emptyState('auto')) });
    expect(out).toContain('(sample link)');
    expect(out).toContain('  eth0 192.0.2.1\n');
  });
});

test('readKernelState needs neither a daemon nor a privilege', async () => {
  const state = await readKernelState(loadNative(), new SystemClock());
  expect([...state.links.values()].map(({ name }) => name)).toContain('lo');
  expect(state.kernel.freshness).toBe('current');
});

describe('netevd test beside the daemon', () => {
  const withDaemon = (owner: string, setup: string): Partial<TestCommandParts> => ({
    daemon: {
      link: (name) => Promise.resolve({ ok: true, value: { ...sampleDetails, name, owner, setup } }),
    },
  });
  const show = 'echo "$BACKEND dns=$DNS domains=$DOMAINS admin=$AdministrativeState"';

  test('gives the script what networkd has told the daemon', async () => {
    put('routable.d/10-x', show);
    const { out } = await tryOut('10-x', {}, withDaemon('systemd-networkd', 'configured'));
    expect(out).toContain(
      'systemd-networkd dns=203.0.113.1 2001:db8::53 domains=example.net admin=configured\n',
    );
  });

  test('gives it what NetworkManager has told, and for a manager’s own event too', async () => {
    put('activated.d/10-x', show);
    const { out } = await tryOut('10-x', {}, withDaemon('NetworkManager', 'activated'));
    expect(out).toContain('NetworkManager dns=203.0.113.1 2001:db8::53 domains=example.net');
    put('configured.d/20-x', show);
    const configured = await tryOut('20-x', {}, withDaemon('systemd-networkd', 'configuring'));
    expect(configured.out).toContain('dns=203.0.113.1 2001:db8::53');
  });

  test('gives it what a lease has told', async () => {
    put('routable.d/10-x', show);
    expect((await tryOut('10-x', {}, withDaemon('dhclient', 'bound'))).out).toContain(
      'dhclient dns=203.0.113.1',
    );
  });

  test('leaves a link that does not exist as it is', async () => {
    put('routable.d/10-x', show);
    const { out } = await tryOut('10-x', { interface: 'wg7' }, withDaemon('systemd-networkd', 'configured'));
    expect(out).toContain('kernel dns= domains=');
  });
});

describe('netevd hooks', () => {
  const look = async (format: 'text' | 'table' | 'json'): Promise<Printed> => {
    const ends = io();
    return ends.printed(
      await runHooksCommand({ config, format }, ends.io, {
        daemon: { hooks: () => Promise.resolve({ ok: false, problem: away }) },
        lookup: () => null,
        unitUser: undefined,
      }),
    );
  };

  test('shows for each file when it runs, or why not', async () => {
    put('routable.d/10-good', 'true');
    put('routable.d/20-open', 'true', 0o777);
    put('routable.d/30-crlf', '#!/bin/sh\r\n');
    put('routable.d/README', 'text', 0o644);
    put('routabel.d/10-lost', 'true');
    mkdirSync(join(base, 'carrier.d'), { mode: 0o755 });
    const { code, out } = await look('text');
    expect(code).toBe(0);
    expect(out).toContain('routable.d  when ');
    expect(out).toMatch(/✔ 10-good +runs\n/);
    expect(out).toMatch(/✘ 20-open +refused: .*; fix: chmod go-w /);
    expect(out).toMatch(/! 30-crlf +cannot start: it has Windows line ends/);
    expect(out).toMatch(/– README +.*; fix: chmod 0755 /);
    expect(out).toContain('did you mean routable.d?');
    expect(out).toContain('empty: carrier.d\n');
    expect(out).toMatch(/absent: no-carrier\.d degraded\.d/);
    expect((await look('table')).out).toMatch(
      /^DIRECTORY +FILE +VERDICT +FILTERS +REASON\nroutable\.d +10-good +runs +-\n/,
    );
  });

  test('shows why no file in a directory runs', async () => {
    put('routable.d/10-good', 'true');
    chmodSync(join(base, 'routable.d'), 0o777);
    expect((await look('text')).out).toContain(`refused: ${base}/routable.d `);
  });

  test('prints JSON only for --format json', async () => {
    put('routable.d/10-good', 'true');
    const value = JSON.parse((await look('json')).out);
    expect(value).toMatchObject({ directory: base, judged_by: 'command', unknown_directories: [] });
    const routable = value.directories.find(({ event }: { event: string }) => event === 'routable');
    expect(routable).toMatchObject({
      state: 'ok',
      sources: ['kernel', 'systemd-networkd', 'dhclient'],
      files: [{ name: '10-good', verdict: 'runs' }],
    });
    expect(value.directories).toHaveLength(hookDirectories.length);
  });

  test('reports that no directory exists', async () => {
    rmSync(base, { recursive: true });
    mkdirSync(base);
    writeFileSync(config, `hooks:\n  directory: ${base}/nothing\n`);
    const { out } = await look('text');
    expect(out).toContain('no hook can run');
    expect(out).toContain('absent: carrier.d');
  });
});
