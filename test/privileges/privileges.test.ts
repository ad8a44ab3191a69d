import { describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { netAdmin, type PrivilegeReport } from '../../src/platform/privileges.ts';

const probe = join(import.meta.dirname, 'probe.ts');
const nobody = 65534;
const isRoot = process.geteuid?.() === 0;
/** Real root, who may change the user; a user namespace's root usually may not. */
const mayChangeUser = isRoot && spawnSync('setpriv', ['--reuid=65534', 'true']).status === 0;

interface Thread {
  readonly thread: number;
  readonly name: string;
  readonly uids: number[];
  readonly gids: number[];
  readonly groups: number[];
  readonly effective: string;
  readonly permitted: string;
  readonly inheritable: string;
  readonly bounding: string;
  readonly ambient: string;
  readonly noNewPrivileges: boolean;
}

interface Result {
  readonly report: PrivilegeReport;
  readonly threads: Thread[];
  readonly later: Thread[];
  readonly uid: number;
  readonly backToRoot: string;
  readonly shadow: string;
  readonly setLink: number;
  readonly forced: boolean;
  readonly hook: string;
  readonly hookMaySetLink: string;
  readonly hookReadsStdin: string;
  readonly hookReadsUs: string;
}

function run(wrapper: readonly string[], args: readonly (string | number)[]): Result {
  // The loopback of the new namespace, up: the probe talks HTTP with itself.
  const command = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...wrapper, process.execPath, probe];
  const child = spawnSync('unshare', ['-n', ...command, ...args.map(String)], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (child.status !== 0)
    throw new Error(`probe ended with ${child.status ?? child.signal}: ${child.stderr}`);
  return JSON.parse(child.stdout) as Result;
}

const capabilities = netAdmin.toString(16);
const none = '0';
/** The end state of SPEC 10 for one thread, `permitted` aside. */
const endState = (groups: number[], bounding: string, id: number): Partial<Thread> => ({
  uids: [id, id, id, id],
  gids: [id, id, id, id],
  groups,
  inheritable: none,
  bounding,
  ambient: none,
  noNewPrivileges: true,
});

function expectEndState(
  { threads, later }: Result,
  kept: string,
  groups: number[],
  bounding = none,
  id = nobody,
): void {
  expect(threads.length).toBeGreaterThan(4);
  expect(later.length).toBeGreaterThan(threads.length);
  expect(threads[0]).toMatchObject({ permitted: kept, effective: kept });
  for (const thread of [...threads, ...later]) {
    expect(thread).toMatchObject(endState(groups, bounding, id));
    // A thread that the runtime starts later inherits from the main one; ours, and the earlier ones, have
    // none.
    const ours = thread.name.startsWith('netevd:');
    expect(ours ? [none] : [none, kept]).toContain(thread.permitted);
  }
  expect(threads.filter(({ permitted }) => permitted === none).length).toBeGreaterThan(kept === none ? 4 : 3);
}

const hookStatus = (groups: string, bounding: string): string =>
  [
    `Uid:\t${nobody}\t${nobody}\t${nobody}\t${nobody}`,
    `Gid:\t${nobody}\t${nobody}\t${nobody}\t${nobody}`,
    `Groups:\t${groups}`,
    'CapInh:\t0000000000000000',
    'CapPrm:\t0000000000000000',
    'CapEff:\t0000000000000000',
    `CapBnd:\t${bounding.padStart(16, '0')}`,
    'CapAmb:\t0000000000000000',
    'NoNewPrivs:\t1',
  ].join('\n');
const trimmed = (lines: string): string => lines.replace(/[ \t]+$/gm, '').trimEnd();

describe.skipIf(!mayChangeUser)('started as root', () => {
  const result = mayChangeUser ? run([], ['drop', nobody, nobody, 65534, 100]) : ({} as Result);

  test('every thread, also a later one, ends as nobody with CAP_NET_ADMIN at most', () => {
    expectEndState(result, capabilities, [100, 65534]);
    expect(result.report).toEqual({ kept: netAdmin, shortcomings: [] });
  });

  test('the way back is closed, and secrets are out of reach', () => {
    expect([result.uid, result.backToRoot, result.shadow]).toEqual([nobody, 'EPERM', 'EACCES']);
  });

  test('the network can still be changed', () => {
    expect([result.setLink, result.forced]).toEqual([0, true]);
  });

  test('a hook has the identity, and no capability', () => {
    expect(trimmed(result.hook)).toBe(hookStatus('100 65534', none));
    expect(result.hookMaySetLink).toBe('no\n');
  });

  test('a hook can open its streams by name', () => {
    expect(result.hookReadsStdin).toBe('eventok\n');
  });

  test("a hook cannot read the daemon's memory, environment or files", () => {
    expect(result.hookReadsUs).toBe('0\n');
  });
});

describe.skipIf(!mayChangeUser)('started as root, to stay root', () => {
  const result = mayChangeUser ? run(['setpriv', '--clear-groups', '--'], ['confine', 0, 0]) : ({} as Result);

  test('every thread has CAP_NET_ADMIN at most', () => {
    expectEndState(result, capabilities, [], none, 0);
    expect(result.report).toEqual({ kept: netAdmin, shortcomings: [] });
    expect(result.setLink).toBe(0);
  });

  test('a hook is root without any capability, and cannot read the daemon', () => {
    expect(trimmed(result.hook)).toBe(trimmed(hookStatus('', none)).replaceAll(String(nobody), '0'));
    expect([result.hookMaySetLink, result.hookReadsUs]).toEqual(['no\n', '0\n']);
  });
});

describe.skipIf(!mayChangeUser)('started as root without CAP_NET_ADMIN, as in a container', () => {
  test('ends as nobody without capabilities, and reports what it could not keep', () => {
    const result = run(['setpriv', '--bounding-set=-net_admin', '--'], ['drop', nobody, nobody, 65534]);
    expectEndState(result, none, [65534]);
    expect(result.report).toEqual({ kept: 0, shortcomings: [] });
    expect(result.setLink).toBe(-1);
  });

  test('without CAP_SETPCAP too, keeps a bounding set without effect, and reports it', () => {
    const result = run(['setpriv', '--bounding-set=-setpcap', '--'], ['drop', nobody, nobody, 65534]);
    const [{ bounding } = { bounding: '' }] = result.threads;
    expectEndState(result, capabilities, [65534], bounding);
    expect(bounding).not.toBe(none);
    expect(result.report.shortcomings).toEqual([expect.stringContaining('CAP_SETPCAP')]);
  });

  test('without CAP_SETPCAP, staying root, hands nothing of its bounding set to a hook', () => {
    const container = ['setpriv', '--clear-groups', '--bounding-set=-all,+net_admin', '--'];
    const result = run(container, ['confine', 0, 0]);
    expect(result.threads[0]).toMatchObject({ permitted: capabilities, bounding: capabilities });
    const expected = trimmed(hookStatus('', capabilities)).replaceAll(String(nobody), '0');
    expect(trimmed(result.hook)).toBe(expected);
    expect(result.hookMaySetLink).toBe('no\n');
  });
});

const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
const ambient = (names: readonly string[]): string[] => [
  'setpriv',
  ...asNobody,
  `--inh-caps=${names.map((name) => `+${name}`).join(',')}`,
  `--ambient-caps=${names.map((name) => `+${name}`).join(',')}`,
  `--bounding-set=-all,${names.map((name) => `+${name}`).join(',')}`,
  '--',
];

describe.skipIf(!mayChangeUser)('started by systemd with ambient capabilities', () => {
  test('CAP_NET_ADMIN alone: all is given up but that, on one thread; the bounding set stays', () => {
    const result = run(ambient(['net_admin']), ['trim', nobody, nobody]);
    expectEndState(result, capabilities, [], capabilities);
    expect(result.report).toEqual({ kept: netAdmin, shortcomings: [] });
    expect(trimmed(result.hook)).toBe(trimmed(hookStatus('', capabilities)));
    expect([result.setLink, result.hookMaySetLink, result.hookReadsUs]).toEqual([0, 'no\n', '0\n']);
  });

  test('with CAP_SETPCAP as well: the bounding set is emptied too', () => {
    const result = run(ambient(['net_admin', 'setpcap']), ['trim', nobody, nobody]);
    expectEndState(result, capabilities, []);
    expect(result.report).toEqual({ kept: netAdmin, shortcomings: [] });
  });
});

describe.skipIf(!mayChangeUser)('started as nobody', () => {
  test('has nothing to give up, and still cannot be read by its hooks', () => {
    const result = run(['setpriv', ...asNobody, '--bounding-set=-all', '--'], ['trim', nobody, nobody]);
    expectEndState(result, none, []);
    expect([result.setLink, result.hookReadsUs]).toEqual([-1, '0\n']);
  });
});

describe('SIGUSR1, which a hook may send', () => {
  test('opens no debugger: it ends the process, as any signal without a handler does', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")']);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGUSR1');
    const signal = await new Promise((resolve) => child.once('close', (_, name) => resolve(name)));
    expect([signal, errors]).toEqual(['SIGUSR1', '']);
  });
});
