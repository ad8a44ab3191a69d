/** The Debian package and the tarball on a real system: installed, at work as a service, upgraded, taken away. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const root = join(import.meta.dir, '../..');
const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const printed = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', cwd: root }).trim();
const note = '#!/bin/sh\necho "$LINK $EVENT" >>/run/netevd/told\n';

/** Everything of ours that is left on the system, the operator's hook aside. */
const unfinished = async (lab: Lab): Promise<string[]> => {
  const found = await lab.ok([
    'find',
    ...['/etc', '/usr', '/var/lib', '/var/log', '/run'],
    '-xdev',
    ...['-iname', '*netevd*'],
    ...['-not', '-path', '/etc/netevd'],
  ]);
  return found.split('\n').filter((path) => path !== '' && !path.startsWith('/var/lib/dpkg/'));
};

async function expectAtWork(lab: Lab, link: string, n: number): Promise<void> {
  await lab.write('/etc/netevd/carrier.d/10-note', note, 0o755);
  await lab.links.add(link, n, 'static');
  await lab.until('the hook to run', async () =>
    (await lab.run(['cat', '/run/netevd/told'])).stdout.includes(`${link} carrier`),
  );
  const [pid] = (await lab.ok(['systemctl', 'show', '--value', '--property=MainPID', 'netevd'])).split('\n');
  const status = await lab.read(`/proc/${pid}/status`);
  const uid = (await lab.ok(['id', '-u', 'netevd'])).trim();
  expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'));
}

describeLab('the Debian package', () => {
  let lab: Lab;
  const file = `${project}/dist/netevd_${version}_${printed('dpkg', '--print-architecture')}.deb`;
  beforeAll(async () => {
    execFileSync('make', ['-s', '-C', root, 'deb'], { stdio: ['ignore', 'ignore', 'pipe'] });
    lab = await Lab.boot({ name: 'deb' });
  }, 180_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test('installs, and the service runs hooks at once', async () => {
    await lab.ok(['dpkg', '--install', file], { deadlineMs: 60_000 });
    expect((await lab.ok(['systemctl', 'is-enabled', 'netevd'])).trim()).toBe('enabled');
    expect((await lab.ok(['systemctl', 'is-active', 'netevd'])).trim()).toBe('active');
    expect((await lab.ok(['netevd', '--version'])).trim()).toBe(version);
    await expectAtWork(lab, 'un1', 1);
    // The lab's dpkg leaves out documentation, of all packages.
    const verified = (await lab.ok(['dpkg', '--verify', 'netevd'])).split('\n');
    expect(verified.filter((line) => !/^(missing +\/usr\/share\/(doc|man)\/.*)?$/.test(line))).toEqual([]);
  }, 120_000);

  test('keeps configuration and hooks over an upgrade, and starts the new program', async () => {
    await lab.write('/etc/netevd/netevd.yaml', 'hooks: {timeout_sec: 7}\n');
    const pid = await lab.ok(['systemctl', 'show', '--value', '--property=MainPID', 'netevd']);
    await lab.ok(['dpkg', '--install', file], { deadlineMs: 60_000 });
    expect(await lab.read('/etc/netevd/netevd.yaml')).toBe('hooks: {timeout_sec: 7}\n');
    expect(await lab.ok(['systemctl', 'show', '--value', '--property=MainPID', 'netevd'])).not.toBe(pid);
    expect((await lab.ok(['systemctl', 'is-active', 'netevd'])).trim()).toBe('active');
  }, 120_000);

  test('is not started again by an upgrade where the operator has disabled it', async () => {
    await lab.ok(['systemctl', 'disable', '--now', 'netevd']);
    await lab.ok(['dpkg', '--install', file], { deadlineMs: 60_000 });
    expect((await lab.run(['systemctl', 'is-enabled', 'netevd'])).stdout.trim()).toBe('disabled');
    expect((await lab.run(['systemctl', 'is-active', 'netevd'])).stdout.trim()).not.toBe('active');
  }, 120_000);

  test('leaves nothing after a purge but the hooks of the operator', async () => {
    await lab.ok(['dpkg', '--remove', 'netevd']);
    expect(await lab.read('/etc/netevd/netevd.yaml')).toContain('timeout_sec: 7');
    await lab.ok(['dpkg', '--purge', 'netevd']);
    expect(await unfinished(lab)).toEqual([]);
    expect((await lab.ok(['find', '/etc/netevd', '-type', 'f'])).trim()).toBe(
      '/etc/netevd/carrier.d/10-note',
    );
    expect((await lab.run(['id', 'netevd'])).code).not.toBe(0);
    expect((await lab.run(['systemctl', 'cat', 'netevd'])).code).not.toBe(0);
  });
});

describeLab('the tarball', () => {
  let lab: Lab;
  const name = `netevd-${version}-linux-${printed('uname', '-m')}`;
  beforeAll(async () => {
    execFileSync('make', ['-s', '-C', root, 'dist'], { stdio: ['ignore', 'ignore', 'pipe'] });
    lab = await Lab.boot({ name: 'dist' });
    await lab.ok(['tar', '-xzf', `${project}/dist/${name}.tar.gz`, '-C', '/root'], { deadlineMs: 60_000 });
  }, 180_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test('installs; the service starts when told to, and runs hooks', async () => {
    const said = await lab.ok([`/root/${name}/install.sh`], { deadlineMs: 60_000 });
    expect(said).toContain('systemctl enable --now netevd');
    expect((await lab.run(['systemctl', 'is-active', 'netevd'])).stdout.trim()).toBe('inactive');
    await lab.ok(['systemctl', 'enable', '--now', 'netevd']);
    await expectAtWork(lab, 'un2', 2);
  }, 120_000);

  test('keeps configuration over a second installation, and starts the new program', async () => {
    await lab.write('/etc/netevd/netevd.yaml', 'hooks: {timeout_sec: 7}\n');
    const pid = await lab.ok(['systemctl', 'show', '--value', '--property=MainPID', 'netevd']);
    await lab.ok([`/root/${name}/install.sh`], { deadlineMs: 60_000 });
    expect(await lab.read('/etc/netevd/netevd.yaml')).toBe('hooks: {timeout_sec: 7}\n');
    expect(await lab.ok(['systemctl', 'show', '--value', '--property=MainPID', 'netevd'])).not.toBe(pid);
  }, 120_000);

  test('is taken away by uninstall.sh, and without a trace with --purge', async () => {
    await lab.ok([`/root/${name}/uninstall.sh`, '--purge']);
    expect(await unfinished(lab)).toEqual([]);
    expect((await lab.ok(['find', '/etc/netevd', '-type', 'f'])).trim()).toBe(
      '/etc/netevd/carrier.d/10-note',
    );
    expect((await lab.run(['id', 'netevd'])).code).not.toBe(0);
  });
});
