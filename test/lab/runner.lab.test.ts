/**
 * Hooks with privileges under the real systemd, by the unit files that are shipped: the documented examples that need
 * more than the daemon's user has, as they stand there, with one line of root's each; and what holds for any hook, also
 * where daemon or runner are killed in the middle.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { seedScripts } from '../kernel/seed-scripts.ts';
import { Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const packaging = `${project}/packaging`;
const deadline = 30_000;
const marks = '/run/marks';

/** The line of root's for each example. */
const grants: Readonly<Record<string, string>> = {
  '01-notify.sh': '{user: root, writable: [/etc/resolv.conf.d]}',
  '03-process-json.sh': 'capabilities: [CAP_NET_ADMIN]',
  '04-vpn-routes.sh': '{user: root, capabilities: [CAP_NET_ADMIN, CAP_NET_RAW]}',
};

interface JournalLine {
  readonly INTERFACE?: string;
  readonly SCRIPT?: string;
  readonly OUTCOME?: string;
}

describeLab('hooks with privileges', () => {
  let lab: Lab;
  /** The link of the test, by which its lines are found. */
  let link = '';

  beforeAll(async () => {
    lab = await Lab.boot({ name: 'runner' });
    await lab.ok(['systemd-sysusers', `${packaging}/sysusers.d/netevd.conf`]);
    await lab.ok(['systemd-tmpfiles', '--create', `${packaging}/tmpfiles.d/netevd.conf`]);
    await lab.ok(['ln', '-s', `${project}/build/netevd`, '/usr/bin/netevd']);
    for (const unit of ['netevd.service', 'netevd-runner.service', 'netevd-runner.socket'])
      await lab.write(`/etc/systemd/system/${unit}`, await lab.read(`${packaging}/systemd/${unit}`));
    const service = '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n';
    await lab.write('/etc/systemd/system/myapp.service', service);
    // A program of the first example that is not in the lab.
    await lab.write('/usr/bin/notify-send', '#!/bin/sh\nlogger -t notify-send -- "$*"\n', 0o755);
    await lab.ok(['install', '--directory', '--mode=755', '/etc/resolv.conf.d']);
    await lab.ok(['install', '--directory', '--mode=1777', marks]);
    await lab.ok(['systemctl', 'daemon-reload']);
  }, 180_000);
  beforeEach(async () => {
    await lab.run(['systemctl', 'stop', 'netevd']);
    // Each test has a link of its own: an old one would run its hooks, too.
    await lab.ok(['sh', '-c', 'for n in 1 2 3 4 5 6 7 8; do labnet del ru$n; done >/dev/null 2>&1; true']);
    await watch('ru*');
    await lab.run(['systemctl', 'reset-failed']);
    await lab.ok([
      'sh',
      '-c',
      `rm -rf /run/netevd /etc/netevd/*.d/[0-9]* /etc/netevd/privileges.d ${marks}/*`,
    ]);
    await lab.ok(['systemctl', 'start', 'netevd-runner.socket']);
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  /** Configures the daemon for these links alone. */
  const watch = async (...links: readonly string[]): Promise<void> =>
    await lab.write(
      '/etc/netevd/netevd.yaml',
      `monitoring: { interfaces: ${JSON.stringify(links)} }\nhooks: { kill_grace_sec: 1 }\n`,
    );
  const logged = async (words: string, unit = 'netevd'): Promise<void> => {
    await lab.until(
      `in the journal: ${words}`,
      async () => (await lab.journal(unit)).includes(words),
      deadline,
    );
  };
  const grant = async (place: string, line: string): Promise<void> =>
    await lab.write(`/etc/netevd/privileges.d/${place}.yaml`, `${line}\n`);
  /** A hook for the carrier of a link, with root's line. */
  const put = async (name: string, body: string, line?: string): Promise<void> => {
    const place = `carrier.d/${name}`;
    await lab.write(`/etc/netevd/${place}`, `#!/bin/sh\n${body}\n`, 0o755);
    if (line !== undefined) await grant(place, line);
  };
  const read = async (name: string): Promise<string> => (await lab.run(['cat', `${marks}/${name}`])).stdout;
  const marked = async (name: string): Promise<string> =>
    await lab.until(`the mark ${name}`, async () => (await read(name)) || undefined, deadline);
  const outcomes = async (script: string): Promise<string[]> => {
    const { stdout } = await lab.run(['journalctl', '--output=json', '--unit=netevd']);
    const lines = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalLine);
    const path = `/etc/netevd/carrier.d/${script}`;
    const ofTest = lines.filter(({ INTERFACE, SCRIPT }) => INTERFACE === link && SCRIPT === path);
    return ofTest.flatMap(({ OUTCOME }) => OUTCOME ?? []);
  };
  const untilOutcome = async (script: string, count = 1): Promise<string[]> =>
    await lab.until(
      `${count} outcomes of ${script}`,
      async () => {
        const found = await outcomes(script);
        return found.length >= count ? found : undefined;
      },
      deadline,
    );
  const addLink = async (n: number): Promise<void> => {
    link = `ru${n}`;
    await lab.links.add(link, n, 'static');
  };

  test('the documented examples 1, 5 and 6 work as they stand there', async () => {
    for (const { document, place, text } of seedScripts()) {
      const line = grants[place.slice(place.lastIndexOf('/') + 1)];
      if (document !== 'S0' || line === undefined) continue;
      await lab.write(`/etc/netevd/${place}`, text, 0o755);
      await grant(place, line);
    }
    await watch('nd1', 'wg0');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await lab.links.add('nd1', 1, 'dhcp');
    await logged('Interface nd1 (');
    const isActive = async (): Promise<boolean> =>
      (await lab.run(['systemctl', 'is-active', 'myapp.service'])).stdout.trim() === 'active';
    await lab.until('myapp.service to be started', isActive, deadline);
    const isWritten = async (): Promise<boolean> =>
      (await lab.run(['cat', '/etc/resolv.conf.d/custom'])).stdout.startsWith('nameserver ');
    await lab.until('the DNS server to be written', isWritten, deadline);
    const network = '[Match]\nName=wg0\n[Network]\nAddress=10.99.0.1/24\n[Link]\nMTUBytes=9000\n';
    await lab.write('/etc/systemd/network/20-vpn.network', network);
    await lab.ok(['networkctl', 'reload']);
    await lab.ok(['ip', 'link', 'add', 'wg0', 'mtu', '9000', 'type', 'ifb']);
    await lab.ok(['ip', 'link', 'set', 'wg0', 'up']);
    const mtu = async (): Promise<boolean> =>
      (await lab.ok(['ip', 'link', 'show', 'wg0'])).includes('mtu 1500');
    await lab.until('the MTU to be 1500', mtu, deadline);
    const rules = async (): Promise<boolean> =>
      (await lab.run(['iptables', '-S', 'FORWARD'])).stdout.includes('-A FORWARD -o wg0 -j ACCEPT');
    await lab.until('the rules of the firewall', rules, deadline);
    const routes = await lab.ok(['ip', 'route', 'show', 'dev', 'wg0']);
    expect(routes).toContain('10.0.0.0/8');
    expect(routes).toContain('172.16.0.0/12');
  }, 120_000);

  test('a hook has what its line grants, and the environment of any hook', async () => {
    const look = (name: string): string =>
      `{ grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/self/status; touch /etc/x 2>&1; } >${marks}/${name}`;
    await put('10-plain', `env | sort >${marks}/plain-env; cat >${marks}/plain-json; ${look('plain')}`);
    const line = `{capabilities: [CAP_NET_RAW], writable: [${marks}]}`;
    await put('20-more', `env | sort >${marks}/more-env; cat >${marks}/more-json; ${look('more')}`, line);
    await put('30-root', look('root'), `{user: root, writable: [${marks}]}`);
    await put('40-after', `echo after >${marks}/after`);
    await lab.write(
      '/etc/systemd/system/netevd.service.d/marks.conf',
      `[Service]\nReadWritePaths=${marks}\n`,
    );
    await lab.ok(['systemctl', 'daemon-reload']);
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(2);
    await marked('after');
    // Its home is the root directory: what lies in the daemon's home was put there without privileges.
    const plain = (await read('plain-env')).replace(/^HOME=.*$/m, 'HOME=/');
    expect(await read('more-env')).toBe(plain);
    expect(await read('more-json')).toBe(await read('plain-json'));
    const uid = (await lab.ok(['id', '-u', 'netevd'])).trim();
    expect(await read('more')).toContain(`Uid:\t${uid}\t`);
    expect(await read('more')).toContain(
      'CapEff:\t0000000000002000\nCapBnd:\t0000000000002000\nNoNewPrivs:\t1',
    );
    expect(await read('root')).toContain('Uid:\t0\t');
    expect(await read('root')).toContain('CapEff:\t0000000000000000');
    expect(await read('root')).toContain('Read-only file system');
  }, 120_000);

  test('outcome, output and time-out are those of any hook', async () => {
    await put('10-fails', 'echo "no route" >&2; exit 3', 'user: root');
    await put('20-crashes', 'kill -SEGV $$', 'user: root');
    await put('30-hangs', 'sleep 600 & sleep 600', '{user: root, timeout_sec: 1}');
    await put('40-broken', 'true', 'capabilities: [NET_ADMIN]');
    await put('50-no-interpreter', 'true', 'user: root');
    await lab.write('/etc/netevd/carrier.d/50-no-interpreter', '#!/nonexistent\n', 0o755);
    await put('60-fine', 'echo fine', 'user: root');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(3);
    await untilOutcome('60-fine');
    const found = await Promise.all(
      ['10-fails', '20-crashes', '30-hangs', '40-broken', '50-no-interpreter', '60-fine'].map(outcomes),
    );
    expect(found).toEqual([
      ['exited'],
      ['signalled'],
      ['timed-out'],
      ['refused'],
      ['not-started'],
      ['exited'],
    ]);
    expect(await lab.journal('netevd')).toContain('no route');
    expect((await lab.run(['pgrep', '-f', 'sleep 600'])).stdout).toBe('');
    expect(
      await lab.ok(['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'netevd-hook-*']),
    ).toBe('');
  }, 120_000);

  const slow = `echo run >>${marks}/slow; sleep 3; echo end >>${marks}/slow; echo told`;

  test('a killed daemon: the hook runs once, in its order, and the next daemon reports its output', async () => {
    await put('10-slow', slow, 'user: root\nsandbox: none');
    await put('20-next', `cat ${marks}/slow >${marks}/next`, 'user: root\nsandbox: none');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(4);
    await marked('slow');
    await lab.ok(['systemctl', 'kill', '--signal=KILL', 'netevd']);
    expect(await marked('next')).toBe('run\nend\n');
    await untilOutcome('20-next');
    expect(await outcomes('10-slow')).toEqual(['exited']);
    expect(await lab.journal('netevd')).toContain('told');
  }, 120_000);

  test('a stopped daemon does not end the hook, and the next one reports it', async () => {
    await put('10-slow', slow, 'user: root\nsandbox: none');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(5);
    await marked('slow');
    await lab.ok(['systemctl', 'restart', 'netevd']);
    expect(await untilOutcome('10-slow')).toEqual(['exited']);
    expect(await read('slow')).toBe('run\nend\n');
  }, 120_000);

  test('a killed runner: the hook runs once, and what follows waits for its end', async () => {
    // Without output, which a dead runner cannot take.
    await put(
      '10-slow',
      `echo run >>${marks}/slow; sleep 3; echo end >>${marks}/slow`,
      'user: root\nsandbox: none',
    );
    await put('20-next', `cat ${marks}/slow >${marks}/next`, 'user: root\nsandbox: none');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(6);
    await marked('slow');
    await lab.ok(['systemctl', 'kill', '--signal=KILL', 'netevd-runner']);
    expect(await marked('next')).toBe('run\nend\n');
    await untilOutcome('20-next');
    expect(await outcomes('10-slow')).toEqual(['unseen']);
  }, 120_000);

  test('without the socket a hook that needs privileges is refused, and others run', async () => {
    await lab.ok(['systemctl', 'stop', 'netevd-runner.socket', 'netevd-runner.service']);
    await put('10-more', `echo ran >${marks}/more`, 'user: root\nsandbox: none');
    await put('20-plain', 'true');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(7);
    await untilOutcome('20-plain');
    expect([await outcomes('10-more'), await read('more')]).toEqual([['refused'], '']);
    expect(await lab.journal('netevd')).toContain('systemctl enable --now netevd-runner.socket');
  }, 120_000);

  test('the units are in order, and the runner is exposed little', async () => {
    const verified = await lab.run([
      'systemd-analyze',
      'verify',
      'netevd-runner.service',
      'netevd-runner.socket',
    ]);
    expect([verified.code, verified.stderr]).toEqual([0, '']);
    const security = await lab.ok(['systemd-analyze', 'security', '--no-pager', 'netevd-runner.service']);
    const exposure = /Overall exposure level for \S+ ([\d.]+)/.exec(security.replace(':', ''))?.[1];
    expect(Number(exposure)).toBeLessThan(2);
  }, 60_000);

  test('the runner is gone when it is idle, and comes back when it is needed', async () => {
    await put('10-more', `echo ran >>${marks}/more`, 'user: root\nsandbox: none');
    await lab.ok(['systemctl', 'start', 'netevd']);
    await addLink(8);
    await marked('more');
    const isGone = async (): Promise<boolean> =>
      (await lab.run(['systemctl', 'is-active', 'netevd-runner.service'])).stdout.trim() === 'inactive';
    await lab.until('the runner to end', isGone, 60_000);
    await lab.links.carrier('ru8', 'off');
    await lab.links.carrier('ru8', 'on');
    await lab.until('the second run', async () => (await read('more')) === 'ran\nran\n', deadline);
  }, 180_000);
});
