/**
 * The built daemon as real root starts it, and as others do: what every thread has then, and what a hook can
 * do to it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { nativeProgram } from '../../src/testing/native-program.ts';
import { hasSignalScopes } from '../../src/testing/signal-scopes.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { DaemonUnderTest, Site } from '../daemon/daemon-under-test.ts';
import { Cable, ip } from '../daemon/links.ts';
import { assertPrivate } from '../namespace/private.ts';

const user = { name: 'netevd', uid: 990, gid: 990, extra: 991 } as const;
const routingIsOff = { component: 'routing', messageId: 'privilegeMissing' } as const;
const netAdmin = '0000000000001000';
const none = '0000000000000000';

beforeAll(() => {
  assertPrivate();
  appendFileSync('/etc/passwd', `${user.name}:x:${user.uid}:${user.gid}::/:/usr/sbin/nologin\n`);
  appendFileSync('/etc/group', `${user.name}:x:${user.gid}:\nextra:x:${user.extra}:${user.name}\n`);
  writeFileSync('/etc/shadow', 'root:secret:1::::::\n', { mode: 0o640 });
});

interface Status {
  readonly thread: string;
  readonly name: string;
  readonly [field: string]: string;
}

function statusOf(text: string, thread: string): Status {
  const pairs = text
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const fields = Object.fromEntries(pairs) as Record<string, string>;
  return { thread, name: fields['Name'] ?? '', ...fields };
}

/** Every thread as it is now. */
const threadsOf = (pid: number): Status[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      return [statusOf(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'), thread)];
    } catch {
      return []; // It has ended between the two.
    }
  });

interface Wanted {
  readonly uid: number;
  readonly gid: number;
  readonly groups: string;
  readonly permitted: string;
  readonly bounding: string;
}

/** The end state of each thread: one capability at most, nothing to hand on, no way back. */
function expectEndState(pid: number, { uid, gid, groups, permitted, bounding }: Wanted): void {
  const threads = threadsOf(pid);
  expect(threads.length).toBeGreaterThan(3);
  for (const thread of threads) {
    const ids = (id: number): string => Array(4).fill(id).join('\t');
    expect(thread).toMatchObject({
      Uid: ids(uid),
      Gid: ids(gid),
      Groups: groups,
      CapInh: none,
      CapBnd: bounding,
      CapAmb: none,
      NoNewPrivs: '1',
    });
    expect([none, permitted]).toContain(thread['CapPrm'] ?? '');
    expect(thread['CapEff']).toBe(thread['CapPrm']);
  }
  const main = threads.find(({ thread }) => Number(thread) === pid);
  expect(main?.['CapPrm']).toBe(permitted);
}

/** The privileges that a hook reports. */
const spying = (out: string, debuggerProgram: string): string => `#!/bin/sh
exec >${out}.new 2>/dev/null
grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/self/status
for file in environ mem maps auxv stack syscall fd/0 cwd root exe; do
  if head -c 1 "/proc/$PPID/$file" >/dev/null || readlink "/proc/$PPID/$file" >/dev/null; then echo "reads $file"; fi
done
ls "/proc/$PPID/fd" >/dev/null && echo 'lists fd'
for thread in /proc/$PPID/task/*; do ${debuggerProgram} "\${thread##*/}"; done | sort | uniq -c | sed 's/^ *[0-9]* /debugs: /'
ip link set lo down && echo 'changes links'
cat /etc/shadow && echo 'reads shadow'
kill -USR1 "$PPID" && echo 'sends SIGUSR1'
cat /proc/$PPID/net/dev >/dev/null && echo 'sees the network'
mv ${out}.new ${out}
`;

interface Scene {
  readonly site: Site;
  readonly daemon: DaemonUnderTest;
  readonly spied: string;
}

/** A daemon whose link has come, and whose hook has looked around. */
async function scene(
  wrapper: readonly string[],
  owner: { readonly uid: number; readonly gid: number },
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  using site = new Site();
  const out = join(site.root, 'out');
  mkdirSync(out);
  chownSync(out, owner.uid, owner.gid);
  if (wrapper.some((word) => word.startsWith('--reuid'))) chownSync(site.runtime, owner.uid, owner.gid);
  const program = nativeProgram('ptrace-try');
  site.hook('carrier', '10-spy', spying(join(out, 'spied'), program));
  site.configure({
    system: { user: user.name, log_format: 'json', log_level: 'debug', runtime_directory: site.runtime },
    monitoring: { interfaces: ['up0'] },
    routing: { policy_rules: ['up0'], on_stop: 'remove' },
  });
  await using daemon = new DaemonUnderTest(site, { wrapper });
  await daemon.ready();
  using cable = new Cable('up0', 1);
  ip('link set up0 addrgenmode none');
  cable.up();
  await cable.carrier('on');
  ip('addr add 192.0.2.10/24 dev up0');
  ip('route add default via 192.0.2.1 dev up0');
  await waitUntil('the hook', () => existsSync(join(out, 'spied')));
  await run({ site, daemon, spied: readFileSync(join(out, 'spied'), 'utf8') });
  expect(await daemon.stop()).toBe(0);
}

const rules = (): string => ip('rule show');
/** What a hook has, and what it cannot do. */
function expectHarmless(spied: string, { uid, gid, groups, bounding }: Wanted): void {
  expect(spied.split('\n').map((line) => line.trimEnd())).toEqual([
    `Uid:\t${Array(4).fill(uid).join('\t')}`,
    `Gid:\t${Array(4).fill(gid).join('\t')}`,
    `Groups:\t${groups}`.trimEnd(),
    `CapInh:\t${none}`,
    `CapPrm:\t${none}`,
    `CapEff:\t${none}`,
    `CapBnd:\t${bounding}`,
    `CapAmb:\t${none}`,
    'NoNewPrivs:\t1',
    'debugs: EPERM',
    ...(hasSignalScopes() ? [] : ['sends SIGUSR1']),
    'sees the network',
    '',
  ]);
}

const asUser = (uid: number): string[] => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];

describe('started as root', () => {
  const wanted: Wanted = {
    uid: user.uid,
    gid: user.gid,
    groups: `${user.gid} ${user.extra}`,
    permitted: netAdmin,
    bounding: none,
  };

  test('it becomes its user, with one capability, in every thread, also in those that come later', async () => {
    await scene([], user, async ({ daemon, site }) => {
      expectEndState(daemon.pid, wanted);
      await waitUntil('the rules', () => rules().includes('from 192.0.2.10'));
      const before = threadsOf(daemon.pid).length;
      daemon.signal('SIGHUP');
      daemon.signal('SIGUSR2');
      for (let i = 0; i < 20; i++) ip(`addr add 198.51.100.${i + 1}/32 dev up0`);
      await daemon.idle();
      expect(threadsOf(daemon.pid).length).toBeGreaterThanOrEqual(before);
      expectEndState(daemon.pid, wanted);
      expect(daemon.lines({ messageId: 'privilegeMissing' })).toEqual([]);
      expect(readdirSync(site.runtime)).toContain('journal');
    });
    expect(rules()).not.toContain('from 192.0.2.10');
  });

  test('a hook has no capability, can read and debug nothing of the daemon, and sends it no signal, or one without effect', async () => {
    await scene([], user, async ({ spied }) => expectHarmless(spied, wanted));
  });

  test('it maps nothing from /tmp, and leaves nothing there', async () => {
    await scene([], user, async ({ daemon }) => {
      const files = readFileSync(`/proc/${daemon.pid}/maps`, 'utf8')
        .split('\n')
        .flatMap((line) => / (\/.*)$/.exec(line)?.[1] ?? []);
      expect(files).toContain('/netevd/build/netevd.node');
      expect(files.filter((file) => !/^\/(usr|lib|lib64|netevd\/build)\//.test(file))).toEqual([]);
      expect(readdirSync('/tmp')).toEqual([]);
    });
  });

  test('in a container without CAP_NET_ADMIN it runs, and logs what is off and why', async () => {
    const without = ['setpriv', '--bounding-set=-net_admin', '--'];
    await scene(without, user, async ({ daemon, spied }) => {
      expectEndState(daemon.pid, { ...wanted, permitted: none });
      expectHarmless(spied, { ...wanted, permitted: none });
      const [off, ...others] = daemon.lines(routingIsOff);
      expect([off?.message.includes('AmbientCapabilities=CAP_NET_ADMIN'), others]).toEqual([true, []]);
      expect(rules()).not.toContain('from 192.0.2.10');
    });
  });

  test('in a container where it cannot change its user it does not start, and logs the fix', async () => {
    using site = new Site();
    site.configure({ system: { user: user.name, log_format: 'json', runtime_directory: site.runtime } });
    const without = ['setpriv', '--bounding-set=-setuid,-setgid', '--'];
    await using daemon = new DaemonUnderTest(site, { wrapper: without });
    expect(await daemon.exited()).toBe(1);
    expect(daemon.lines({ error_code: 'NETEVD_START_PRIVILEGES', message: /'netevd'/ })).toHaveLength(1);
  });
});

describe('started with ambient capabilities, as systemd does', () => {
  const wanted: Wanted = {
    uid: user.uid,
    gid: user.gid,
    groups: '',
    permitted: netAdmin,
    bounding: netAdmin,
  };
  const ambient = [
    ...asUser(user.uid),
    '--inh-caps=+net_admin',
    '--ambient-caps=+net_admin',
    '--bounding-set=-all,+net_admin',
    '--',
  ];

  test('it ends in the same state, and so do its hooks', async () => {
    await scene(ambient, user, async ({ daemon, spied }) => {
      expectEndState(daemon.pid, wanted);
      expectHarmless(spied, wanted);
      await waitUntil('the rules', () => rules().includes('from 192.0.2.10'));
      expect(daemon.messages.filter((message) => /privilege|bounding/i.test(message))).toEqual([]);
    });
  });
});

describe('started as nobody', () => {
  test('it follows the network and runs hooks, and logs each missing privilege', async () => {
    const nobody = { uid: 65534, gid: 65534 };
    const wanted: Wanted = { ...nobody, groups: '', permitted: none, bounding: none };
    await scene([...asUser(65534), '--bounding-set=-all', '--'], nobody, async ({ daemon, spied }) => {
      expectEndState(daemon.pid, wanted);
      expectHarmless(spied, wanted);
      expect(daemon.lines(routingIsOff)).toHaveLength(1);
      const smallBuffer = { component: 'kernel', messageId: 'privilegeMissing' } as const;
      expect(daemon.lines(smallBuffer)).toHaveLength(1);
      expect(rules()).not.toContain('from 192.0.2.10');
    });
  });
});

describe('the native part', () => {
  const place = '/opt/netevd';
  beforeAll(() => {
    mkdirSync(place, { recursive: true });
    for (const name of ['netevd', 'netevd.node']) {
      copyFileSync(`/netevd/build/${name}`, join(place, name));
      chmodSync(join(place, name), 0o755);
    }
  });
  afterAll(() => rmSync('/opt', { recursive: true }));

  async function refusal(change: () => void, restore: () => void): Promise<string> {
    using site = new Site();
    change();
    try {
      await using daemon = new DaemonUnderTest(site, { program: join(place, 'netevd') });
      expect(await daemon.exited()).toBe(1);
      expect(readdirSync(site.runtime)).toEqual([]);
      return daemon.stderr;
    } finally {
      restore();
    }
  }
  const addon = join(place, 'netevd.node');

  test('is loaded from beside the program', async () => {
    using site = new Site();
    await using daemon = new DaemonUnderTest(site, { program: join(place, 'netevd') });
    await daemon.ready();
    expect(readFileSync(`/proc/${daemon.pid}/maps`, 'utf8')).toContain(addon);
  });

  test('is refused where others can write to it, or to a directory above it', async () => {
    for (const [path, open, usual] of [
      [addon, 0o775, 0o755],
      [addon, 0o757, 0o755],
      [place, 0o777, 0o755],
      ['/opt', 0o777, 0o755],
    ] as const) {
      const said = await refusal(
        () => chmodSync(path, open),
        () => chmodSync(path, usual),
      );
      expect(said).toContain(`native code refused: ${path} `);
    }
  });

  test('is refused if it belongs to another user', async () => {
    const said = await refusal(
      () => chownSync(addon, user.uid, user.gid),
      () => chownSync(addon, 0, 0),
    );
    expect(said).toContain(`native code refused: ${addon} `);
  });

  test('is missed with a remedy', async () => {
    const said = await refusal(
      () => rmSync(addon),
      () => {
        copyFileSync('/netevd/build/netevd.node', addon);
        chmodSync(addon, 0o755);
      },
    );
    expect(said).toContain(`${addon}: netevd.node is missing; fix: `);
  });
});
