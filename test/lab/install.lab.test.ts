/** The Debian package and the tarball on a real system: installed, at work as a service, upgraded, removed. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const root = join(import.meta.dir, '../..');
const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const printed = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', cwd: root }).trim();
const build = (target: string): void =>
  void execFileSync('make', ['-s', '-C', root, target], { stdio: ['ignore', 'ignore', 'pipe'] });
const architecture = (): string => printed('dpkg', '--print-architecture');

const told = '/run/netevd/told';
const note = `#!/bin/sh\necho "$LINK $EVENT" >>${told}\n`;
const policyRouting = 'hooks: {timeout_sec: 7}\nrouting: {policy_rules: [un1]}\n';
const long = { deadlineMs: 60_000 };

/** Every path of the system but what systemd, dpkg and the link programs write as they run. */
const everything = async (lab: Lab): Promise<ReadonlySet<string>> => {
  const found = await lab.ok([
    'find',
    ...['/etc', '/usr', '/var', '/run', '/root'],
    '-xdev',
    ...[
      '-not',
      '-path',
      '/var/lib/dpkg/*',
      '-not',
      '-path',
      '/var/log/journal/*',
      '-not',
      '-path',
      '/var/cache/*',
    ],
    ...['-not', '-path', '/var/log/*.log', '-not', '-path', '/run/systemd/*', '-not', '-path', '/run/log/*'],
    ...['-not', '-path', '/run/labnet*', '-not', '-path', '/run/netns*', '-not', '-path', '/run/user*'],
    ...['-not', '-path', '/var/lib/NetworkManager/*', '-not', '-path', '/run/NetworkManager/*'],
  ]);
  return new Set(found.split('\n'));
};

/** What netevd made: its rules and routes, by its protocol number. */
const rules = async (lab: Lab): Promise<string> => {
  const shown = await lab.ok(['sh', '-c', 'ip -N rule; ip -N route show table all']);
  return shown
    .split('\n')
    .filter((line) => /\bproto(col)? 157\b/.test(line))
    .join('\n');
};
const property = async (lab: Lab, name: string): Promise<string> =>
  (await lab.ok(['systemctl', 'show', '--value', `--property=${name}`, 'netevd'])).trim();
const hookRuns = async (lab: Lab): Promise<string[]> =>
  (await lab.run(['cat', told])).stdout.split('\n').filter(Boolean);

async function expectAtWork(lab: Lab, link: string, n: number): Promise<void> {
  await lab.write('/etc/netevd/carrier.d/10-note', note, 0o755);
  await lab.links.add(link, n, 'static');
  const isTold = async (): Promise<boolean> => (await hookRuns(lab)).includes(`${link} carrier`);
  await lab.until('the hook to run', isTold);
  const status = await lab.read(`/proc/${await property(lab, 'MainPID')}/status`);
  const uid = (await lab.ok(['id', '-u', 'netevd'])).trim();
  expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'));
}

/** The Debian package again, as a later version that has another configuration file, sample and service file. */
function makeUpPackage(from: string, made: string): string {
  const file = join(root, 'build', `netevd_${made}.deb`);
  const script = `
    set -e
    work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
    dpkg-deb -R "$1" "$work/p"
    sed -i "s/^Version: .*/Version: $2/" "$work/p/DEBIAN/control"
    for file in usr/share/netevd/netevd.yaml usr/share/doc/netevd/examples/netevd.yaml usr/lib/systemd/system/netevd.service; do
      echo "# of $2" >>"$work/p/$file"
    done
    (cd "$work/p" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/p" "$3" >/dev/null`;
  execFileSync('sh', ['-c', script, 'sh', from, made, file]);
  return `${project}/build/netevd_${made}.deb`;
}

describeLab('the Debian package', () => {
  let lab: Lab;
  let before: ReadonlySet<string>;
  let file = '';
  let next = '';
  /** Like an unattended upgrade, without answers. */
  const install = async (deb: string): Promise<void> =>
    void (await lab.ok(['sh', '-c', 'exec dpkg --install "$0" </dev/null', deb], long));
  const versionInstalled = async (): Promise<readonly (string | undefined)[]> => {
    const text = await lab.ok(['dpkg', '--status', 'netevd']);
    return ['Version', 'Status'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]);
  };

  beforeAll(async () => {
    build('deb');
    const name = `netevd_${version}_${architecture()}.deb`;
    file = `${project}/dist/${name}`;
    next = makeUpPackage(join(root, 'dist', name), '99.1');
    lab = await Lab.boot({ name: 'deb' });
    before = await everything(lab);
  }, 180_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test('installs without a warning, and the service runs hooks at once', async () => {
    const { code, stderr } = await lab.run(['dpkg', '--install', file], long);
    expect([code, /warning/i.test(stderr)]).toEqual([0, false]);
    expect((await lab.ok(['systemctl', 'is-enabled', 'netevd'])).trim()).toBe('enabled');
    expect((await lab.ok(['systemctl', 'is-active', 'netevd'])).trim()).toBe('active');
    expect((await lab.ok(['netevd', '--version'])).trim()).toBe(version);
    await lab.ok(['netevd', 'validate']);
    await expectAtWork(lab, 'un1', 1);
    // The lab's dpkg leaves out documentation, of all packages.
    const verified = (await lab.ok(['dpkg', '--verify', 'netevd'])).split('\n');
    expect(verified.filter((line) => !/^(missing +\/usr\/share\/(doc|man)\/.*)?$/.test(line))).toEqual([]);
  }, 120_000);

  test('has a unit that systemd finds no fault with, and rates under 2.0', async () => {
    const verified = await lab.run(['systemd-analyze', 'verify', 'netevd.service']);
    expect([verified.code, verified.stderr]).toEqual([0, '']);
    await lab.ok(['systemd-analyze', 'security', '--threshold=19', 'netevd.service']);
  });

  test('a reload with a broken configuration fails with the reason, and the daemon continues', async () => {
    await lab.write('/etc/netevd/netevd.yaml', 'hooks: {timeout_sec: long}\n');
    expect((await lab.run(['systemctl', 'reload', 'netevd'])).code).not.toBe(0);
    expect(await lab.journal('netevd')).toContain('hooks.timeout_sec');
    expect(await property(lab, 'ActiveState')).toBe('active');
    await lab.write('/etc/netevd/netevd.yaml', policyRouting);
    await lab.ok(['systemctl', 'reload', 'netevd']);
    await lab.until('the rules', async () => (await rules(lab)).includes('from 10.77.1.2'));
  });

  test('keeps configuration, rules and state over an unattended upgrade, and starts the new program', async () => {
    const [pid, kept, runs] = [await property(lab, 'MainPID'), await rules(lab), await hookRuns(lab)];
    await install(next);
    expect(await versionInstalled()).toEqual(['99.1', 'install ok installed']);
    expect(await property(lab, 'MainPID')).not.toBe(pid);
    expect(await property(lab, 'ActiveState')).toBe('active');
    expect(await lab.read('/etc/netevd/netevd.yaml')).toBe(policyRouting);
    expect(await rules(lab)).toBe(kept);
    expect(await hookRuns(lab)).toEqual(runs);
    expect(await lab.run(['find', '/etc', '-name', '*.dpkg-*'])).toMatchObject({ stdout: '' });
  }, 90_000);

  test('does not bring back a configuration that was removed, and goes back to the version before', async () => {
    await lab.ok(['rm', '/etc/netevd/netevd.yaml']);
    await install(file);
    expect(await versionInstalled()).toEqual([version, 'install ok installed']);
    expect((await lab.run(['test', '-e', '/etc/netevd/netevd.yaml'])).code).not.toBe(0);
    expect(await property(lab, 'ActiveState')).toBe('active');
  }, 90_000);

  test('is not started by an upgrade where the operator has disabled it', async () => {
    await lab.write('/etc/netevd/netevd.yaml', policyRouting);
    await lab.ok(['systemctl', 'restart', 'netevd']);
    await lab.until('the rules', async () => (await rules(lab)).includes('from 10.77.1.2'));
    await lab.ok(['systemctl', 'disable', '--now', 'netevd']);
    expect(await rules(lab)).toContain('from 10.77.1.2');
    await install(next);
    expect((await lab.run(['systemctl', 'is-enabled', 'netevd'])).stdout.trim()).toBe('disabled');
    expect((await lab.run(['systemctl', 'is-active', 'netevd'])).stdout.trim()).not.toBe('active');
  }, 120_000);

  test('takes its rules and routes back when it is removed, and keeps the configuration', async () => {
    const foreign = ['from', '192.0.2.9', 'lookup', '77'];
    await lab.ok(['ip', 'rule', 'add', ...foreign]);
    await lab.ok(['dpkg', '--remove', 'netevd']);
    expect(await rules(lab)).toBe('');
    expect(await lab.ok(['ip', 'rule'])).toContain(foreign.join(' '));
    expect(await lab.read('/etc/netevd/netevd.yaml')).toBe(policyRouting);
  });

  test('leaves nothing after a purge but the hooks of the operator', async () => {
    await lab.ok(['dpkg', '--purge', 'netevd']);
    expect((await everything(lab)).difference(before)).toEqual(
      new Set(['/etc/netevd', '/etc/netevd/carrier.d', '/etc/netevd/carrier.d/10-note']),
    );
    expect((await lab.run(['id', 'netevd'])).code).not.toBe(0);
    expect((await lab.run(['systemctl', 'cat', 'netevd'])).code).not.toBe(0);
    expect(await lab.ok(['journalctl', '--dump-catalog'])).not.toContain('Defined-By: netevd');
  });
});

describeLab('the tarball', () => {
  let lab: Lab;
  let before: ReadonlySet<string>;
  const folder = `/root/netevd-${version}-linux-${architecture()}`;
  const archive = `${project}/dist/netevd-${version}-linux-${architecture()}.tar.gz`;
  beforeAll(async () => {
    build('dist');
    lab = await Lab.boot({ name: 'dist' });
    before = await everything(lab);
  }, 180_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test('installs by the lines that people know, and runs the first hook', async () => {
    const lines = [
      `cd /root && cp ${archive} .`,
      `tar xzf netevd-*-linux-${architecture()}.tar.gz && cd netevd-*-linux-${architecture()}`,
      './install.sh </dev/null',
    ];
    const said = await lab.ok(['sh', '-ec', lines.join('\n')], long);
    expect(said).toContain('systemctl enable --now netevd\n');
    expect((await lab.run(['systemctl', 'is-active', 'netevd'])).stdout.trim()).toBe('inactive');
    await lab.ok(['test', '-s', '/usr/share/doc/netevd/third-party-licenses.md']);
    await lab.ok(['systemctl', 'enable', '--now', 'netevd']);
    await expectAtWork(lab, 'un2', 2);
  }, 120_000);

  test('keeps configuration over a second installation, and starts the new program', async () => {
    await lab.write('/etc/netevd/netevd.yaml', 'routing: {policy_rules: [un2]}\n');
    const pid = await property(lab, 'MainPID');
    await lab.ok([`${folder}/install.sh`], long);
    expect(await lab.read('/etc/netevd/netevd.yaml')).toBe('routing: {policy_rules: [un2]}\n');
    expect(await property(lab, 'MainPID')).not.toBe(pid);
    await lab.until('the rules', async () => (await rules(lab)).includes('from 10.77.2.2'));
  }, 90_000);

  test('has example hooks that work in the sandbox of the service', async () => {
    const hooks = readdirSync(join(root, 'examples/hooks'));
    expect(hooks).toContain('00-tell');
    for (const hook of ['00-tell', '10-log-addresses'])
      await lab.ok([
        'install',
        '-m755',
        `/usr/share/doc/netevd/examples/hooks/${hook}`,
        `/etc/netevd/routable.d/${hook}`,
      ]);
    const denied = '#!/bin/sh\ntouch /var/lib/other/file 2>/dev/null || echo refused >/run/netevd/denied\n';
    await lab.write('/etc/netevd/routable.d/90-writes', denied, 0o755);
    await lab.ok(['install', '-d', '-o', 'netevd', '/var/lib/other']);
    await lab.links.add('un3', 3, 'static');
    const events = async (): Promise<string> => (await lab.run(['cat', '/run/netevd/events.txt'])).stdout;
    await lab.until('00-tell', async () => (await events()).includes('un3 routable'));
    const logged = async (): Promise<boolean> =>
      (await lab.ok(['journalctl', '-t', 'netevd-hook', '-o', 'cat'])).includes('un3 is routable: 10.77.3.2');
    await lab.until('10-log-addresses', logged);
    const refused = async (): Promise<string> => (await lab.run(['cat', '/run/netevd/denied'])).stdout;
    await lab.until('the hook that may not write there', async () => (await refused()) === 'refused\n');
  }, 60_000);

  test('lets hooks do what an edited example drop-in allows', async () => {
    const example = await lab.read('/usr/share/doc/netevd/examples/systemd/hooks-need-more.conf');
    const allowed = example.replace(/^#ReadWritePaths=.*$/m, 'ReadWritePaths=/var/lib/other');
    expect(allowed).not.toBe(example);
    await lab.write('/etc/systemd/system/netevd.service.d/hooks-need-more.conf', allowed);
    await lab.ok(['systemctl', 'daemon-reload']);
    await lab.ok(['systemctl', 'restart', 'netevd']);
    await lab.links.add('un4', 4, 'static');
    const written = async (): Promise<boolean> =>
      (await lab.run(['test', '-e', '/var/lib/other/file'])).code === 0;
    await lab.until('the file', written);
    await lab.ok(['rm', '-r', '/etc/systemd/system/netevd.service.d', '/var/lib/other']);
    await lab.ok(['systemctl', 'daemon-reload']);
  }, 60_000);

  test('runs with the capabilities of the DaemonSet alone, as in a container', async () => {
    await lab.ok(['systemctl', 'stop', 'netevd']);
    await lab.ok(['sh', '-c', 'rm -rf /run/netevd; ip rule flush protocol 157']);
    const text = readFileSync(join(root, 'packaging/container/daemonset.yaml'), 'utf8');
    const sets = parseAllDocuments(text).flatMap((document) => {
      const node = document.getIn([
        'spec',
        'template',
        'spec',
        'containers',
        0,
        'securityContext',
        'capabilities',
        'add',
      ]);
      return node === undefined ? [] : [(node as { toJSON(): string[] }).toJSON()];
    });
    expect(sets).toHaveLength(1);
    const bounding = ['-all', ...(sets[0] ?? []).map((name) => `+${name.toLowerCase()}`)].join(',');
    const status = '#!/bin/sh\nexec grep -E "^(Uid|CapBnd|CapEff)" /proc/self/status >/run/netevd/status\n';
    await lab.write('/etc/netevd/carrier.d/20-status', status, 0o755);
    const confined = ['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${bounding}`];
    await using _daemon = await lab.spawn([...confined, 'netevd']);
    await lab.until('the rules', async () => (await rules(lab)).includes('from 10.77.2.2'));
    const seen = async (): Promise<string> => (await lab.run(['cat', '/run/netevd/status'])).stdout;
    await lab.until('the hook', async () => (await seen()) !== '');
    const uid = (await lab.ok(['id', '-u', 'netevd'])).trim();
    const none = '0'.repeat(16);
    expect(await seen()).toBe(`Uid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${none}\nCapBnd:\t${none}\n`);
  }, 60_000);

  test('is removed by uninstall.sh --purge: files, directories, rules and user', async () => {
    await lab.ok(['systemctl', 'start', 'netevd']);
    await lab.ok(['sh', '-c', 'rm /etc/netevd/routable.d/* /etc/netevd/carrier.d/*']);
    await lab.ok([`${folder}/uninstall.sh`, '--purge']);
    await lab.ok(['sh', '-c', 'rm -r /root/netevd-*']);
    expect((await everything(lab)).difference(before)).toEqual(new Set());
    expect(await rules(lab)).toBe('');
    expect((await lab.run(['id', 'netevd'])).code).not.toBe(0);
    expect((await lab.run(['systemctl', 'cat', 'netevd'])).code).not.toBe(0);
  });

  test('works below another prefix, with commands that can be typed as they are printed', async () => {
    const work = 'cd /root && tar xzf "$0" && cd netevd-*/ && PREFIX=/opt/elsewhere ./install.sh </dev/null';
    const said = await lab.ok(['sh', '-ec', work, archive], long);
    const commands = [...said.matchAll(/(?:check it|see which run|start it) *:? +(\S.*)$/gm)].map(
      ([, words]) => words,
    );
    expect(commands).toHaveLength(3);
    for (const command of commands) await lab.ok(['sh', '-ec', command ?? 'false'], long);
    expect((await lab.ok(['systemctl', 'is-active', 'netevd'])).trim()).toBe('active');
    await lab.ok([
      'sh',
      '-ec',
      'cd /root/netevd-*/ && PREFIX=/opt/elsewhere ./uninstall.sh --purge; rm -r /root/netevd-*',
    ]);
    expect((await everything(lab)).difference(before)).toEqual(new Set());
    expect((await lab.run(['test', '-e', '/opt/elsewhere'])).code).not.toBe(0);
  }, 90_000);
});
