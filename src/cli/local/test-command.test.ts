import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyState } from '../../core/model/empty-state.ts';
import { SystemClock } from '../../platform/clock.ts';
import { loadNative } from '../../platform/native.ts';
import { NativeProcessSpawner } from '../../platform/process-spawner.ts';
import { zombies } from '../../testing/own-resources.ts';
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
interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
function io(env: Readonly<Record<string, string | undefined>> = {}): {
  readonly io: Parameters<typeof runTestCommand>[1];
  said(code: number): Said;
} {
  const out: string[] = [];
  const err: string[] = [];
  const into = (texts: string[]) => ({ write: (text: string) => void texts.push(text) });
  const said = (code: number): Said => ({ code, out: out.join(''), err: err.join('') });
  return { io: { stdout: into(out), stderr: into(err), isTerminal: false, env }, said };
}
const world: TestCommandParts = {
  spawner: new NativeProcessSpawner(loadNative()),
  clock: new SystemClock(),
  cwd: '/',
  lookup: () => null,
  readKernel: () => Promise.resolve(sampleState()),
  become: () => {
    throw new Error('nobody is to become anybody in a test');
  },
  onInterrupt: () => undefined,
};
async function tryOut(
  script: string,
  over: Partial<TestOptions> = {},
  at: Partial<TestCommandParts> = {},
): Promise<Said> {
  const ends = io();
  const options: TestOptions = { script, config, format: 'text', ip: [], ...over };
  return ends.said(await runTestCommand(options, ends.io, { ...world, ...at }));
}
const asJson = async (script: string, over: Partial<TestOptions> = {}): Promise<Record<string, never>> =>
  JSON.parse((await tryOut(script, { ...over, format: 'json' })).out);

describe('netevd test', () => {
  test('runs a script and shows what it was given, what it said and how it ended', async () => {
    put('routable.d/10-x', 'echo "$LINK is $STATE at $ADDRESSES"; echo careful >&2; exit 3');
    const { code, out } = await tryOut('routable.d/10-x');
    expect(code).toBe(1);
    expect(out).toContain(`script  ${base}/routable.d/10-x`);
    expect(out).toContain('event   routable on eth0 (made up; the state before: degraded)');
    expect(out).toContain('  LINK=eth0\n');
    expect(out).toContain('stdout\n  eth0 is routable at 192.168.1.100\n');
    expect(out).toContain('stderr\n  careful\n');
    expect(out).toMatch(/exit 3\b.*\n$/);
  });

  test('is content where the script is', async () => {
    put('routable.d/10-x', 'cat >/dev/null');
    const { code, out, err } = await tryOut('10-x');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/exit 0\b.*\n$/);
  });

  test('as JSON is JSON and nothing else', async () => {
    put('routable.d/10-x', 'grep -o \'"Name":"[^"]*"\'');
    const value = await asJson('10-x');
    expect(value).toMatchObject({
      verdict: 'runs',
      linkIsInvented: false,
      outcome: { kind: 'exited', code: 0 },
      stdout: '"Name":"eth0"\n',
      event: { MTU: 1500 },
    });
  });

  const rows: readonly [what: string, over: Partial<TestOptions>, seen: string][] = [
    ['the event of the script’s own directory', {}, 'address-added eth0 routable [192.168.1.100]'],
    ['another event', { event: 'no-carrier.d' }, 'no-carrier eth0 no-carrier []'],
    ['a link that is not there', { interface: 'wg7' }, 'address-added wg7 routable [192.0.2.10]'],
    [
      'addresses of one’s own',
      { ip: ['10.9.8.7', '2001:db8::5'] },
      'address-added eth0 routable [10.9.8.7 2001:db8::5]',
    ],
    ['routes', { event: 'routes' }, 'new eth0 routable []'],
    ['a link that goes', { event: 'link-removed' }, 'link-removed eth0 missing []'],
    ['the host', { event: 'manager' }, 'manager  routable []'],
    ['a setup state of networkd', { event: 'configuring' }, 'configuring eth0 configuring []'],
    ['a state of NetworkManager', { event: 'activated' }, 'activated eth0 activated []'],
  ];
  test.each(rows)('can tell of %s', async (_what, over, seen) => {
    put('address-added.d/10-x', 'echo "$EVENT $LINK $STATE [$CHANGED_ADDRESSES]"');
    expect((await asJson('10-x', over))['stdout'] as unknown).toBe(`${seen}\n`);
  });

  test('has an event for every directory, and every one starts the script', async () => {
    put('routable.d/10-x', 'test -n "$STATE" -a -n "$BACKEND" && grep -q netevd.event.v1');
    const { hookDirectories } = await import('../../core/model/event-table.ts');
    for (const event of hookDirectories)
      expect([event, (await tryOut('10-x', { event })).code]).toEqual([event, 0]);
  });

  test('says what the daemon would have said of the file, and runs it all the same', async () => {
    put('routable.d/10-x', 'echo ran', 0o775);
    const { code, out } = await tryOut('10-x');
    expect(code).toBe(0);
    expect(out).toContain(
      `the daemon would refuse it: ${base}/routable.d/10-x can be written to by its group (mode 0775)`,
    );
    put('routable.d/20-y', '#!/bin/sh\r\necho\r\n');
    expect((await tryOut('20-y')).out).toContain('but it has Windows line ends');
  });

  test('says why a script did not start', async () => {
    put('routable.d/10-x', 'true', 0o644);
    const { code, out } = await tryOut('10-x');
    expect(code).toBe(1);
    expect(out).toContain('is not executable (mode 0644)');
  });

  test('ends one that takes too long, as the daemon would', async () => {
    put('routable.d/10-x', 'sleep 60');
    expect(await asJson('10-x')).toMatchObject({ outcome: { kind: 'timed-out' } });
  });

  test('ends it when one has had enough', async () => {
    put('routable.d/10-x', 'sleep 60');
    const { out } = await tryOut(
      '10-x',
      { format: 'json' },
      { onInterrupt: (run) => void setTimeout(run, 20) },
    );
    expect(JSON.parse(out)).toMatchObject({ outcome: { kind: 'stopped' } });
  });

  const refusals: readonly [over: Partial<TestOptions>, err: string][] = [
    [{ script: 'gone' }, 'there is no gone, neither here nor in a directory of BASE'],
    [{ script: 'routable.d/gone' }, 'there is no routable.d/gone, neither here nor in BASE'],
    [{ script: 'twice' }, 'there are several of that name: BASE/carrier.d/twice, BASE/routable.d/twice'],
    [{ event: 'routabel' }, "there is no event 'routabel': did you mean routable?"],
    [{ interface: 'a/b' }, "'a/b' cannot be the name of a link"],
    [{ ip: ['10.0.0.1/24'] }, "'10.0.0.1/24' is not an IP address (without a prefix length)"],
  ];
  test.each(refusals)('cannot try %j', async (over, err) => {
    put('routable.d/10-x', 'true');
    put('routable.d/twice', 'true');
    put('carrier.d/twice', 'true');
    const said = await tryOut('10-x', over);
    expect(said).toEqual({ code: 2, out: '', err: `netevd test: ${err.replaceAll('BASE', base)}\n` });
  });

  test('wants a sound configuration', async () => {
    writeFileSync(config, 'hooks:\n  directorry: x\n');
    const { code, err } = await tryOut('10-x');
    expect(code).toBe(78);
    expect(err).toContain('directory');
  });

  test('of a machine without links makes one up', async () => {
    put('routable.d/10-x', 'echo "$LINK $GATEWAY"');
    const { out } = await tryOut('10-x', {}, { readKernel: () => Promise.resolve(emptyState('auto')) });
    expect(out).toContain('a link that was made up');
    expect(out).toContain('  eth0 192.0.2.1\n');
  });
});

test('the kernel can be read without a daemon and without privileges', async () => {
  const state = await readKernelState(loadNative(), new SystemClock());
  expect([...state.links.values()].map(({ name }) => name)).toContain('lo');
  expect(state.kernel.freshness).toBe('current');
});

describe('netevd hooks', () => {
  const look = async (format: 'text' | 'table' | 'json'): Promise<Said> => {
    const ends = io();
    return ends.said(await runHooksCommand({ config, format }, ends.io, () => null));
  };

  test('says of each file whether it runs, and when, or why not', async () => {
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
    expect(out).toMatch(/✘ 20-open +refused: .* \(mode 0777\) \(chmod go-w /);
    expect(out).toMatch(/! 30-crlf +would run, but has Windows line ends/);
    expect(out).toMatch(/– README +is not executable \(mode 0644\) \(chmod 0755 /);
    expect(out).toContain('routabel.d is the directory of no event; did you mean routable.d?');
    expect(out).toContain('empty: carrier.d\n');
    expect(out).toMatch(/not there: no-carrier\.d degraded\.d/);
    expect((await look('table')).out).toMatch(/^DIRECTORY +FILE +VERDICT +WHY\nroutable\.d +10-good +runs/);
  });

  test('says why nothing runs in a whole directory', async () => {
    put('routable.d/10-good', 'true');
    chmodSync(join(base, 'routable.d'), 0o777);
    expect((await look('text')).out).toContain(`chmod go-w ${base}/routable.d`);
  });

  test('as JSON is JSON and nothing else', async () => {
    put('routable.d/10-good', 'true');
    const value = JSON.parse((await look('json')).out);
    expect(value).toMatchObject({ directory: base, filters: 0, strangers: [] });
    const routable = value.directories.find(({ event }: { event: string }) => event === 'routable');
    expect(routable).toMatchObject({
      state: 'ok',
      sources: ['kernel', 'systemd-networkd', 'dhclient'],
      files: [{ name: '10-good', verdict: 'runs' }],
    });
    expect(value.directories).toHaveLength(27);
  });

  test('of a base that is not there says that no directory is', async () => {
    rmSync(base, { recursive: true });
    mkdirSync(base);
    writeFileSync(config, `hooks:\n  directory: ${base}/nothing\n`);
    const { out } = await look('text');
    expect(out).toContain('no hook can run: none of the directories is there');
    expect(out).toContain('not there: carrier.d');
  });
});
