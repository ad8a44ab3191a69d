/** The daemon under the real systemd, by the unit file that is shipped: start, reload, watchdog, crash, stop, journal. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { messageIds } from '../../src/observe/log/message-ids.ts';
import { Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const packaging = `${project}/packaging`;
const told = '/run/netevd/told';
const hook = `#!/bin/sh\necho "$NETEVD_SEQ $LINK $EVENT \${NETEVD_INITIAL:-0}" >>${told}\n`;

describeLab('the service', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'unit' });
    await lab.ok(['systemd-sysusers', `${packaging}/sysusers.d/netevd.conf`]);
    await lab.ok(['systemd-tmpfiles', '--create', `${packaging}/tmpfiles.d/netevd.conf`]);
    await lab.ok(['ln', '-s', `${project}/build/netevd`, '/usr/bin/netevd']);
    await lab.write(
      '/etc/systemd/system/netevd.service',
      await lab.read(`${packaging}/systemd/netevd.service`),
    );
    // The same, but quicker.
    await lab.write(
      '/etc/systemd/system/netevd.service.d/quick.conf',
      '[Service]\nWatchdogSec=2\nTimeoutAbortSec=2\nRestartSec=100ms\n',
    );
    await lab.ok(['systemctl', 'daemon-reload']);
    for (const directory of ['carrier', 'no-carrier'])
      await lab.write(`/etc/netevd/${directory}.d/10-tell`, hook, 0o755);
    await lab.links.add('un1', 1, 'static');
  }, 120_000);
  beforeEach(async () => {
    await lab.ok(['systemctl', 'stop', 'netevd']);
    await lab.run(['systemctl', 'reset-failed', 'netevd']);
    await lab.ok(['rm', '-rf', '/run/netevd', '/etc/netevd/carrier.d/50-long']);
    await lab.write('/etc/netevd/netevd.yaml', 'monitoring: { interfaces: [un1] }\n');
    await lab.links.carrier('un1', 'on');
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const show = async (property: string): Promise<string> =>
    (await lab.ok(['systemctl', 'show', '--value', `--property=${property}`, 'netevd'])).trim();
  const start = async (): Promise<string> => {
    await lab.ok(['systemctl', 'start', 'netevd']);
    return await show('MainPID');
  };
  /** How many lines of that kind the journal has. */
  const journalled = async (kind: keyof typeof messageIds): Promise<number> => {
    const match = ['--unit=netevd', `MESSAGE_ID=${messageIds[kind]}`];
    const { stdout } = await lab.run(['journalctl', '--output=cat', ...match]);
    return stdout.split('\n').filter(Boolean).length;
  };
  /** `link event`, and `initial` for a start event. */
  const events = async (): Promise<string[]> => {
    const { stdout } = await lab.run(['cat', told]);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ').slice(1).join(' ').replace(/ 1$/, ' initial').replace(/ 0$/, ''));
  };
  const untilTold = async (expected: readonly string[]): Promise<void> => {
    await lab.until(
      `to be told ${expected.join(', ')}`,
      async () => (await events()).length >= expected.length,
    );
    expect(await events()).toEqual([...expected]);
  };

  test('the unit is started when the network has been read', async () => {
    await start();
    expect(await Promise.all(['ActiveState', 'Type', 'StatusText'].map(show))).toEqual([
      'active',
      'notify',
      expect.stringMatching(/^watching 1 of \d+ links$/),
    ]);
    await untilTold(['un1 carrier initial']);
  });

  test('has one capability, on one thread, and its hooks have none', async () => {
    await lab.write(
      '/etc/netevd/carrier.d/50-long',
      '#!/bin/sh\nexec cat /proc/self/status >/run/netevd/hook-status\n',
      0o755,
    );
    const pid = await start();
    await untilTold(['un1 carrier initial']);
    const uid = (await lab.ok(['id', '-u', 'netevd'])).trim();
    const threads = (
      await lab.ok(['sh', '-c', `grep -hE '^(Uid|Cap(Inh|Prm|Amb)|NoNewPrivs)' /proc/${pid}/task/*/status`])
    ).split('\n');
    const values = (name: string): Set<string> =>
      new Set(threads.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length).trim()));
    expect(values('Uid:')).toEqual(new Set([Array(4).fill(uid).join('\t')]));
    expect(values('CapPrm:')).toEqual(new Set(['0000000000001000', '0000000000000000']));
    expect([values('CapInh:'), values('CapAmb:')]).toEqual([
      new Set(['0000000000000000']),
      new Set(['0000000000000000']),
    ]);
    expect(values('NoNewPrivs:')).toEqual(new Set(['1']));
    await lab.until(
      'the hook',
      async () => (await lab.run(['test', '-s', '/run/netevd/hook-status'])).code === 0,
    );
    const status = await lab.read('/run/netevd/hook-status');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
      expect(status).toContain(`${set}:\t0000000000000000`);
    expect(status).toContain('NoNewPrivs:\t1');
  });

  test('reads its configuration again when it is reloaded', async () => {
    await start();
    await lab.write('/etc/netevd/netevd.yaml', 'monitoring: { interfaces: [un1, un2] }\n');
    await lab.ok(['systemctl', 'reload', 'netevd']);
    await lab.until('the reload', async () => (await journalled('configReloaded')) > 0);
    await lab.write('/etc/netevd/netevd.yaml', 'monitoring: [\n');
    expect((await lab.run(['systemctl', 'reload', 'netevd'])).code).not.toBe(0);
    expect(await Promise.all(['ReloadResult', 'ActiveState'].map(show))).toEqual(['exit-code', 'active']);
    expect(await lab.journal('netevd')).toMatch(/netevd\.yaml:1:\d+: error: /);
  });

  test('writes fields into the journal by which one can search', async () => {
    await start();
    await lab.links.carrier('un1', 'off');
    await untilTold(['un1 carrier initial', 'un1 no-carrier']);
    const found = async (): Promise<Record<string, string>[]> =>
      (
        await lab.run(['journalctl', '--output=json', '--unit=netevd', 'INTERFACE=un1', 'EVENT=no-carrier'])
      ).stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, string>);
    await lab.until('the lines', async () => (await found()).length >= 2);
    const [state, run] = await found();
    expect(state).toMatchObject({
      MESSAGE: expect.stringContaining('un1'),
      STATE: 'no-carrier',
      BACKEND: 'kernel',
      SEQ: expect.stringMatching(/^\d+$/),
      PRIORITY: '6',
      SYSLOG_IDENTIFIER: 'netevd',
      MESSAGE_ID: messageIds.linkChanged,
    });
    expect(run).toMatchObject({
      SCRIPT: '/etc/netevd/no-carrier.d/10-tell',
      EXIT_CODE: '0',
      SEQ: state?.['SEQ'],
    });
  });

  test('that hangs is ended by the watchdog and started again, and has lost nothing', async () => {
    const pid = await start();
    await untilTold(['un1 carrier initial']);
    await lab.ok(['kill', '-STOP', pid]);
    await lab.links.carrier('un1', 'off');
    await lab.until(
      'the restart',
      async () => (await show('NRestarts')) === '1' && (await show('ActiveState')) === 'active',
    );
    expect(await lab.journal('netevd')).toContain('Watchdog timeout');
    expect(await show('MainPID')).not.toBe(pid);
    await untilTold(['un1 carrier initial', 'un1 no-carrier initial']);
  }, 120_000);

  test('a killed daemon is restarted, and runs hooks for the difference once', async () => {
    const pid = await start();
    await untilTold(['un1 carrier initial']);
    await lab.ok(['sh', '-c', `kill -STOP ${pid}; ip link set un1 down; kill -KILL ${pid}`]);
    await lab.until(
      'the restart',
      async () => (await show('NRestarts')) === '1' && (await show('ActiveState')) === 'active',
    );
    await lab.links.carrier('un1', 'off');
    await lab.ok(['ip', 'link', 'set', 'un1', 'up']);
    await untilTold(['un1 carrier initial', 'un1 no-carrier']);
  }, 120_000);

  test('is not started again with a configuration that is broken', async () => {
    await lab.write('/etc/netevd/netevd.yaml', 'hooks: { timeout_sec: long }\n');
    expect((await lab.run(['systemctl', 'start', 'netevd'])).code).not.toBe(0);
    expect(await Promise.all(['ExecMainStatus', 'NRestarts', 'ActiveState'].map(show))).toEqual([
      '78',
      '0',
      'failed',
    ]);
    expect(await lab.journal('netevd')).toContain('hooks.timeout_sec');
  });

  test('that stops lets hooks come to their end, and keeps its state', async () => {
    const script = `#!/bin/sh\ntouch /run/netevd/began\ntrap 'sleep 0.3; touch /run/netevd/through; exit 0' TERM\nwhile :; do sleep 0.05; done\n`;
    await lab.write('/etc/netevd/carrier.d/50-long', script, 0o755);
    await lab.write(
      '/etc/netevd/netevd.yaml',
      'monitoring: { interfaces: [un1] }\nhooks: { kill_grace_sec: 3 }\n',
    );
    await start();
    await lab.until('the hook', async () => (await lab.run(['test', '-e', '/run/netevd/began'])).code === 0);
    await lab.ok(['systemctl', 'stop', 'netevd']);
    expect(await Promise.all(['Result', 'ExecMainStatus', 'ActiveState'].map(show))).toEqual([
      'success',
      '0',
      'inactive',
    ]);
    await lab.ok(['test', '-e', '/run/netevd/through']);
    await lab.ok(['test', '-s', '/run/netevd/journal']);
    await start();
    await untilTold(['un1 carrier initial']);
  }, 120_000);
});
