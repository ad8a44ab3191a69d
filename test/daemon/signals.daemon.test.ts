/** Signals, exit codes, and what happens to hooks when the daemon stops. */
import { describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { DaemonUnderTest, executable, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

/** A daemon with one link, whose `carrier.d/10-x` runs. */
async function whileHookRuns(
  site: Site,
  script: string,
  run: (daemon: DaemonUnderTest) => Promise<void>,
  hooks: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  site.hook('carrier', '10-x', `#!/bin/sh\necho $$ >${join(site.root, 'pid')}\n${script}\n`);
  site.hook('carrier', '20-y', `#!/bin/sh\ntouch ${join(site.root, 'second')}\n`);
  await using daemon = await site.start({
    config: { hooks: { directory: site.hooks, on_start: 'never', ...hooks } },
  });
  using cable = new Cable('eth0', 1);
  cable.up();
  cable.plug();
  await waitUntil('the hook', () => existsSync(join(site.root, 'pid')));
  await run(daemon);
}
const isAlive = (pid: string): boolean => statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined;
const pidIn = (site: Site): string => readFileSync(join(site.root, 'pid'), 'utf8').trim();

describe('a daemon that must stop', () => {
  test('it ends with 0 for each signal', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      using site = new Site();
      await using daemon = await site.start();
      daemon.signal(signal);
      expect(await daemon.exited()).toBe(0);
      expect(daemon.lines({ messageId: 'daemonStopping', running_hooks: 0 })).toHaveLength(1);
    }
  });

  test('before it has read the network, it ends with 0 all the same', async () => {
    for (let i = 0; i < 12; i++) {
      using site = new Site();
      await using daemon = new DaemonUnderTest(site, {});
      // Its handlers are there before the lock is.
      await waitUntil('its beginning', () => existsSync(join(site.runtime, 'lock')));
      daemon.signal('SIGTERM');
      expect(await daemon.exited()).toBe(0);
    }
  });

  test('it lets a hook that can end do so, and keeps for the next start what had no turn', async () => {
    using site = new Site();
    const done = join(site.root, 'done');
    await whileHookRuns(
      site,
      `trap 'touch ${done}; exit 0' TERM\nwhile :; do sleep 0.01; done`,
      async (daemon) => {
        expect(await daemon.stop()).toBe(0);
        expect(existsSync(done)).toBe(true);
        expect(daemon.lines({ messageId: 'daemonStopping', running_hooks: 1 })).toHaveLength(1);
        expect(daemon.lines({ script: /10-x$/, outcome: 'stopped' })).toHaveLength(1);
      },
      { kill_grace_sec: 2 },
    );
    expect(existsSync(join(site.root, 'second'))).toBe(false);
    using cable = new Cable('eth0', 1);
    cable.up();
    await cable.carrier('on');
    await using next = await site.start();
    await waitUntil('the second script', () => existsSync(join(site.root, 'second')));
    await next.idle();
    expect(next.lines({ unfinished: 'waiting', count: 1 })).toHaveLength(1);
  });

  test('it waits for a hook that is nearly through, without a signal', async () => {
    using site = new Site();
    const done = join(site.root, 'done');
    await whileHookRuns(site, `trap 'exit 9' TERM\nsleep 0.3; touch ${done}`, async (daemon) => {
      expect(await daemon.stop()).toBe(0);
      expect(existsSync(done)).toBe(true);
      expect(daemon.lines({ script: /10-x$/, exit_code: 0 })).toHaveLength(1);
    });
  });

  test('it kills a hook that does not listen, with all that it has started', async () => {
    using site = new Site();
    const child = join(site.root, 'child');
    const script = `trap '' TERM\nsleep 1000 & echo $! >${child}\nwhile :; do sleep 0.01; done`;
    await whileHookRuns(
      site,
      script,
      async (daemon) => {
        await waitUntil('its child', () => existsSync(child) && readFileSync(child, 'utf8') !== '');
        expect(await daemon.stop()).toBe(0);
        await waitUntil(
          'both to be gone',
          () => !isAlive(pidIn(site)) && !isAlive(readFileSync(child, 'utf8').trim()),
        );
      },
      { kill_grace_sec: 0.2 },
    );
  });

  test('twice, it ends at once, and its hooks with it', async () => {
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      using site = new Site();
      await whileHookRuns(
        site,
        `trap '' TERM\nwhile :; do sleep 0.01; done`,
        async (daemon) => {
          daemon.signal(signal);
          await daemon.logged({ messageId: 'daemonStopping', running_hooks: 1 });
          daemon.signal(signal);
          expect(await daemon.exited()).toBe(code);
          await waitUntil('the hook to be gone', () => !isAlive(pidIn(site)));
        },
        { kill_grace_sec: 1000 },
      );
    }
  });

  test('it takes its rules and routes along only where it is to', async () => {
    for (const [onStop, left] of [
      ['remove', false],
      ['keep', true],
    ] as const) {
      using site = new Site();
      using cable = new Cable('up0', 2);
      ip('link set up0 addrgenmode none');
      cable.up();
      await cable.carrier('on');
      ip('addr add 192.0.2.10/24 dev up0');
      ip('route add default via 192.0.2.1 dev up0');
      const routing = { policy_rules: ['up0'], on_stop: onStop };
      await using daemon = await site.start({ config: { routing } });
      const rules = (): string => ip('rule show');
      await waitUntil('the rules', () => rules().includes('from 192.0.2.10'));
      expect(await daemon.stop()).toBe(0);
      expect(rules().includes('from 192.0.2.10')).toBe(left);
      if (left) ip('rule flush protocol 157');
    }
  });
});

describe('signals that hooks and others may send', () => {
  test('SIGUSR1 and SIGPIPE do nothing', async () => {
    using site = new Site();
    await using daemon = await site.start();
    const listening = (): string => spawnSync('ss', ['-Hltn'], { encoding: 'utf8' }).stdout;
    await daemon.logged({ door: 'tcp' });
    const before = listening();
    for (const signal of ['SIGUSR1', 'SIGPIPE', 'SIGUSR1'] as const) daemon.signal(signal);
    await daemon.idle();
    // Other runtimes open a debugger.
    expect(listening()).toBe(before);
    expect(await daemon.stop()).toBe(0);
  });

  test('SIGUSR2 brings all that it knows, as a file and in a line', async () => {
    using site = new Site();
    await using daemon = await site.start();
    daemon.signal('SIGUSR2');
    const file = join(site.runtime, 'diagnostics.json');
    await daemon.logged({ component: 'diagnostics', path: file });
    const said = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(said).toMatchObject({
      queue: { waiting: 0, running: 0 },
      kernel: { freshness: 'current', invalidations: {} },
      network: { links: [{ name: 'lo', index: 1 }] },
      identity: { name: 'root' },
    });
    expect(readFileSync(file, 'utf8')).toContain('\n  "network": {\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test('SIGUSR2 where the file cannot be written brings the line, and why', async () => {
    using site = new Site();
    await using daemon = await site.start();
    const elsewhere = `${site.runtime}-elsewhere`;
    renameSync(site.runtime, elsewhere);
    daemon.signal('SIGUSR2');
    await daemon.logged({ component: 'diagnostics', errno: 'ENOENT' });
    renameSync(elsewhere, site.runtime);
  });

  test.each(['mkfifo "$0"', 'mkdir -p "$0/full"', 'ln -s /dev/full "$0"'])(
    'SIGUSR2 is answered although a hook did this in the place of its file: %s',
    async (plant) => {
      using site = new Site();
      await using daemon = await site.start();
      for (const name of ['diagnostics.json', 'diagnostics.json.new'])
        Bun.spawnSync(['sh', '-c', plant, join(site.runtime, name)]);
      daemon.signal('SIGUSR2');
      await daemon.logged({ component: 'diagnostics', path: join(site.runtime, 'diagnostics.json') });
    },
  );

  test('SIGHUP right at the beginning is remembered', async () => {
    using site = new Site();
    await using daemon = new DaemonUnderTest(site, {});
    await waitUntil('its beginning', () => existsSync(join(site.runtime, 'lock')));
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configReloaded' });
    expect(await daemon.stop()).toBe(0);
  });
});

describe('a log without a reader', () => {
  /** Starts it behind a shell that does something with its standard error. */
  const behind = (site: Site, redirection: string): DaemonUnderTest =>
    new DaemonUnderTest(site, { wrapper: ['sh', '-c', `exec "$@" ${redirection}`, 'sh'] });

  test('because standard error is closed costs nothing', async () => {
    using site = new Site();
    site.record('carrier');
    await using daemon = behind(site, '2>&-');
    using cable = new Cable('eth0', 3);
    cable.up();
    await cable.carrier('on');
    await waitUntil('the hook', () => site.told().includes('eth0 carrier'));
    expect(await daemon.stop()).toBe(0);
  });

  test('because the pipe is full or its reader gone costs lines alone', async () => {
    using site = new Site();
    site.record('carrier', 'no-carrier');
    site.configure({
      system: { user: 'root', log_format: 'json', log_level: 'trace', runtime_directory: site.runtime },
    });
    const daemon = spawn(executable, ['-c', site.configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    // No one reads from the pipe.
    daemon.stderr.pause();
    using cable = new Cable('eth0', 4);
    cable.up();
    for (let i = 0; i < 150; i++) {
      cable.plug();
      cable.unplug();
      await new Promise(setImmediate);
    }
    await cable.carrier('on');
    await waitUntil('the last event', () => site.told().at(-1) === 'eth0 carrier');
    daemon.stderr.destroy();
    await cable.carrier('off');
    await waitUntil('an event without a reader', () => site.told().at(-1) === 'eth0 no-carrier');
    const code = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    expect(await code).toBe(0);
  }, 60_000);
});

describe('the exit code', () => {
  const run = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): { code: number | null; text: string } => {
    const { status, stderr } = spawnSync(executable, args, {
      encoding: 'utf8',
      timeout: 20_000,
      env: { PATH: process.env['PATH'], ...env },
    });
    return { code: status, text: stderr };
  };

  test('2 where the command line is wrong', () => {
    for (const args of [['--colour'], ['strat'], ['-c']]) {
      expect(run(args)).toMatchObject({ code: 2, text: expect.stringContaining('netevd --help') });
    }
  });

  test('78 where the configuration is broken, and nothing has been started', () => {
    using site = new Site();
    site.record('carrier', 'routable');
    site.configure({ hooks: { directory: site.hooks, timeout_sec: 'long' }, routing: { table_base: 'x' } });
    const { code, text } = run(['-c', site.configFile]);
    expect(code).toBe(78);
    expect(text).toContain('hooks.timeout_sec');
    expect(text).toContain('routing.table_base');
    expect(readdirSync(site.runtime)).toEqual([]);
    expect(site.recorded()).toEqual([]);
  });

  test('78 where the environment is', () => {
    using site = new Site();
    expect(run(['-c', site.configFile], { NETEVD_API_PORT: 'ninety' })).toMatchObject({
      code: 78,
      text: expect.stringContaining('NETEVD_API_PORT'),
    });
    expect(readdirSync(site.runtime)).toEqual([]);
  });

  test('1 where another one runs with the same state', async () => {
    using site = new Site();
    await using daemon = await site.start();
    expect(run(['-c', site.configFile])).toMatchObject({
      code: 1,
      text: expect.stringContaining('NETEVD_START_LOCKED'),
    });
    expect(await daemon.stop()).toBe(0);
  });

  test('1 if the runtime directory cannot be made, with the fix', () => {
    using site = new Site();
    writeFileSync(join(site.root, 'file'), '');
    const system = { user: 'root', log_format: 'json', runtime_directory: join(site.root, 'file/netevd') };
    site.configure({ system });
    expect(run(['-c', site.configFile])).toMatchObject({
      code: 1,
      text: expect.stringMatching(/system\.runtime_directory.*NETEVD_START_RUNTIME_DIRECTORY/),
    });
  });

  test('1 if the user does not exist', () => {
    using site = new Site();
    site.configure({ system: { user: 'nobody-here', log_format: 'json', runtime_directory: site.runtime } });
    expect(run(['-c', site.configFile])).toMatchObject({ code: 1, text: expect.stringContaining('useradd') });
  });

  test('70 where netevd itself is wrong, and the reason is written', () => {
    for (const [what, bug] of [
      ['an error that nobody expects', "throw new Error('planted')"],
      ['a promise that nobody waits for', "void Promise.reject(new Error('planted'))"],
    ] as const) {
      using site = new Site();
      const preload = join(site.root, 'planted.js');
      const lock = JSON.stringify(join(site.runtime, 'lock'));
      // As soon as it has begun.
      const plant = `const timer = setInterval(() => { if (!existsSync(${lock})) return; clearInterval(timer); ${bug}; }, 1);`;
      writeFileSync(preload, `import { existsSync } from 'node:fs';\n${plant}\n`);
      const command = ['--preload', preload, '/netevd/src/main.ts', '-c', site.configFile];
      const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 20_000 });
      expect([what, status, status === 70 ? '' : stderr]).toEqual([what, 70, '']);
      expect(stderr).toMatch(/NETEVD_INTERNAL_ERROR.*Error: planted/);
    }
  }, 60_000);
});
