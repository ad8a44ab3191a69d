/** The daemon with the real systemd, journald and polkit, and the files that are shipped for them. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { messageIds } from '../../src/observe/log/message-ids.ts';
import { BUN_INSIDE as bun, Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const packaging = `${project}/packaging`;
const probe = `${project}/test/lab/programs/service-probe.ts`;

/** Starts the probe as a transient service; `properties` as of its unit file. */
const service = (unit: string, mode: string, ...properties: string[]): string[] => [
  'systemd-run',
  `--unit=${unit}`,
  ...properties.map((property) => `--property=${property}`),
  bun,
  probe,
  mode,
];

describeLab('the service manager', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'service-manager' });
    await lab.ok(['systemd-sysusers', `${packaging}/sysusers.d/netevd.conf`]);
  }, 120_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const property = async (unit: string, name: string): Promise<string> =>
    (await lab.ok(['systemctl', 'show', '--property', name, '--value', unit])).trim();

  test('journald takes the lines with all their fields, and no line can be forged', async () => {
    await lab.ok([...service('log-probe', 'log', 'User=netevd').toSpliced(1, 0, '--wait')]);
    const text = await lab.ok([
      'journalctl',
      '--all',
      '--output=json',
      'SYSLOG_IDENTIFIER=netevd',
      '_SYSTEMD_UNIT=log-probe.service',
    ]);
    const entries: Record<string, unknown>[] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map((entry) => entry['PRIORITY'])).toEqual(['6', '4', '3']);
    expect(entries[0]).toMatchObject({ MESSAGE: 'format journal', _TRANSPORT: 'journal' });
    expect(entries[1]).toMatchObject({
      MESSAGE:
        'eth0: carrier lost\\n<0>forged\\x1b[2J [script=/etc/netevd/no-carrier.d/10-x output="one\\nPRIORITY=0\\ntwo\\x1b[2J" dns=192.0.2.1,192.0.2.2]',
      INTERFACE: 'eth0',
      EVENT: 'no-carrier',
      STATE: 'no-carrier',
      BACKEND: 'kernel',
      SEQ: '7',
      SCRIPT: '/etc/netevd/no-carrier.d/10-x',
      OUTPUT: 'one\nPRIORITY=0\ntwo\\x1b[2J',
      DNS: ['192.0.2.1', '192.0.2.2'],
      MESSAGE_ID: messageIds.linkChanged,
      CODE_FILE: expect.stringContaining('service-probe.ts'),
      CODE_FUNC: 'writeLines',
      _COMM: expect.anything(),
    });
    // Half a megabyte: more than a datagram, so it went as a memory file.
    expect(String(entries[2]?.['V59'])).toHaveLength(8000);
  });

  test('the catalogue explains what is logged', async () => {
    await lab.ok([
      'install',
      '-Dm644',
      `${packaging}/systemd/netevd.catalog`,
      '/usr/lib/systemd/catalog/netevd.catalog',
    ]);
    await lab.ok(['journalctl', '--update-catalog']);
    const text = await lab.ok([
      'journalctl',
      '--catalog',
      '--no-pager',
      `MESSAGE_ID=${messageIds.linkChanged}`,
    ]);
    expect(text).toContain('Subject: Link eth0 is now no-carrier');
    for (const id of Object.values(messageIds)) {
      expect(await lab.ok(['journalctl', '--dump-catalog', id])).toContain('Defined-By: netevd');
    }
  });

  test('systemd gets that a service is ready, reloads and stops', async () => {
    await lab.ok(service('serve-probe', 'serve', 'Type=notify', 'User=netevd', 'WatchdogSec=5'));
    expect(await property('serve-probe', 'ActiveState')).toBe('active');
    expect(await property('serve-probe', 'StatusText')).toBe('2 links');
    await lab.ok(['systemctl', 'kill', '--signal=HUP', 'serve-probe']);
    await lab.until('the reload', async () => (await property('serve-probe', 'StatusText')) === 'reloaded');
    expect(await property('serve-probe', 'ActiveState')).toBe('active');
    await lab.ok(['systemctl', 'stop', 'serve-probe']);
    expect(await lab.journal('serve-probe')).toContain('Deactivated successfully');
  });

  test('a loop that hangs is ended by the watchdog', async () => {
    await lab.ok(
      service('hang-probe', 'hang', 'Type=notify', 'User=netevd', 'WatchdogSec=1', 'WatchdogSignal=SIGKILL'),
    );
    await lab.until('the watchdog', async () => (await property('hang-probe', 'Result')) === 'watchdog');
  }, 120_000);

  test('the unit is in order, also where cloud-init wants the network before sysinit.target', async () => {
    await lab.ok(['ln', '-s', '/bin/true', '/usr/bin/netevd']);
    await lab.ok([
      'install',
      '-Dm644',
      `${packaging}/systemd/netevd.service`,
      '/etc/systemd/system/netevd.service',
    ]);
    const verified = await lab.run(['systemd-analyze', 'verify', 'netevd.service']);
    expect([verified.code, verified.stderr]).toEqual([0, '']);
    await lab.write(
      '/etc/systemd/system/cloud-init.service',
      '[Unit]\nDefaultDependencies=no\nWants=systemd-networkd.service\nAfter=systemd-networkd.service\nBefore=sysinit.target\n' +
        '[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=sysinit.target\n',
    );
    await lab.ok(['systemctl', 'enable', 'cloud-init', 'netevd', 'systemd-networkd']);
    const cycles = async (): Promise<number> =>
      (await lab.run(['systemd-analyze', 'verify', 'multi-user.target'])).stderr.match(/ordering cycle/g)
        ?.length ?? 0;
    expect(await cycles()).toBe(0);
    // What this guards against: the order that looks right at first.
    await lab.write(
      '/etc/systemd/system/netevd.service.d/early.conf',
      '[Unit]\nBefore=systemd-networkd.service\n',
    );
    await lab.ok(['systemctl', 'daemon-reload']);
    expect(await cycles()).toBeGreaterThan(0);
  });

  test('every hook directory is made, for root alone', async () => {
    await lab.ok(['systemd-tmpfiles', '--create', `${packaging}/tmpfiles.d/netevd.conf`]);
    const listed = await lab.ok(['find', '/etc/netevd', '-type', 'd', '-printf', '%m %u %g\n']);
    expect(new Set(listed.trim().split('\n'))).toEqual(new Set(['755 root root']));
  });

  test('ip rule knows the name of our protocol', async () => {
    await lab.ok([
      'install',
      '-Dm644',
      `${packaging}/iproute2/rt_protos.d/netevd.conf`,
      '/etc/iproute2/rt_protos.d/netevd.conf',
    ]);
    await lab.ok([
      'ip',
      'rule',
      'add',
      'from',
      '192.0.2.1',
      'lookup',
      '200',
      'priority',
      '30999',
      'protocol',
      'netevd',
    ]);
    expect(await lab.ok(['ip', 'rule', 'show', 'priority', '30999'])).toContain('proto netevd');
  });

  test('networkd keeps the rules of other programs with the example, and deletes them without it', async () => {
    const survives = async (link: string, n: number): Promise<boolean> => {
      const rule = ['from', '192.0.2.9', 'lookup', '200', 'priority', '30998', 'protocol', '157'];
      await lab.run(['ip', 'rule', 'add', ...rule]);
      await lab.ok(['systemctl', 'restart', 'systemd-networkd']);
      await lab.links.add(link, n, 'dhcp');
      const configured = async (): Promise<boolean> =>
        (await lab.ok(['networkctl', 'list', '--no-legend', link])).includes('configured');
      await lab.until(`${link} configured`, configured);
      return (await lab.ok(['ip', 'rule', 'show', 'priority', '30998'])) !== '';
    };
    expect(await survives('nd6', 6)).toBe(false);
    const file = '/etc/systemd/networkd.conf.d/50-netevd.conf';
    await lab.ok(['install', '-Dm644', `${project}/examples/networkd.conf.d/50-netevd.conf`, file]);
    expect(await survives('nd7', 7)).toBe(true);
  }, 120_000);

  test('polkit lets the daemon do what it is for, and nothing beside it', async () => {
    await lab.write(
      '/etc/polkit-1/rules.d/50-netevd.rules',
      await lab.read(`${packaging}/polkit/50-netevd.rules`),
    );
    await lab.links.add('nd8', 8, 'dhcp');
    await lab.links.add('un9', 9, 'static');
    /** One method call as the daemon's user: `done`, or what the service said. */
    const call = async (service: string, object: string, ...rest: string[]): Promise<string> => {
      const [path, of] = [`/org/freedesktop/${service}`, `org.freedesktop.${service}`];
      const command = ['busctl', 'call', of, path, `org.freedesktop.${object}`, ...rest];
      const result = await lab.run([
        'setpriv',
        '--reuid=netevd',
        '--regid=netevd',
        '--clear-groups',
        ...command,
      ]);
      return result.code === 0 ? 'done' : result.stderr.trim();
    };
    const resolve = (...rest: string[]): Promise<string> => call('resolve1', 'resolve1.Manager', ...rest);
    const network = (...rest: string[]): Promise<string> => call('network1', 'network1.Manager', ...rest);
    const hostname = (...rest: string[]): Promise<string> => call('hostname1', 'hostname1', ...rest);
    await lab.until(
      'polkit read the rule',
      async () => (await hostname('SetHostname', 'sb', 'x', 'false')) === 'done',
    );
    const dns = ['1', '2', '4', '192', '0', '2', '1'];
    expect({
      dns: await resolve('SetLinkDNS', 'ia(iay)', '1009', ...dns),
      domains: await resolve('SetLinkDomains', 'ia(sb)', '1009', '1', 'x.example', 'false'),
      revert: await resolve('RevertLink', 'i', '1009'),
      networkdDns: await network('SetLinkDNS', 'ia(iay)', '1008', ...dns),
      networkdDomains: await network('SetLinkDomains', 'ia(sb)', '1008', '1', 'x.example', 'false'),
      networkdRevert: await network('RevertLinkDNS', 'i', '1008'),
    }).toEqual({
      dns: 'done',
      domains: 'done',
      revert: 'done',
      networkdDns: 'done',
      networkdDomains: 'done',
      networkdRevert: 'done',
    });
    for (const refused of [
      hostname('SetStaticHostname', 'sb', 'x', 'false'),
      resolve('SetLinkDNSSEC', 'is', '1009', 'no'),
      network('Reload'),
      network('RenewLink', 'i', '1008'),
    ]) {
      expect(await refused).toMatch(/authentication required|Access denied|not authorized/i);
    }
  }, 120_000);
});
