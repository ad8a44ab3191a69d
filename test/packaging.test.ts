/** The shipped files agree with the program. */
import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig, parseConfig } from '../src/config/index.ts';
import { runnerSocket } from '../src/core/hooks/delegation.ts';
import { hookDirectories } from '../src/core/model/event-table.ts';
import { NETEVD_PROTOCOL } from '../src/core/model/routing-identity.ts';
import { messageIds } from '../src/observe/log/message-ids.ts';

const packaging = join(import.meta.dir, '../packaging');
const examples = join(import.meta.dir, '../examples');
const shipped = (name: string): string => readFileSync(join(packaging, name), 'utf8');
const matches = (text: string, pattern: RegExp): string[] =>
  Array.from(text.matchAll(pattern), (match) => match[1] ?? '');

test('tmpfiles.d makes every hook directory that there is', () => {
  const made = matches(shipped('tmpfiles.d/netevd.conf'), /^d \/etc\/netevd\/(\S+)\.d 0755 root root -$/gm);
  expect(made).toHaveLength(hookDirectories.length);
  expect(new Set(made)).toEqual(new Set(hookDirectories));
});

test("nothing of root's is led to where hooks can write", () => {
  const lines = shipped('tmpfiles.d/netevd.conf')
    .split('\n')
    .filter((line) => /^\w/.test(line));
  expect(lines.filter((line) => !line.startsWith('d /etc/netevd') || line.includes('/run/'))).toEqual([]);
});

test('rt_protos.d gives our protocol number its name', () => {
  expect(matches(shipped('iproute2/rt_protos.d/netevd.conf'), /^(\d+)\tnetevd$/gm)).toEqual([
    String(NETEVD_PROTOCOL),
  ]);
});

test('the catalogue has an entry for every message id', () => {
  const explained = matches(shipped('systemd/netevd.catalog'), /^-- ([0-9a-f]{32})$/gm);
  expect(explained).toHaveLength(Object.keys(messageIds).length);
  expect(new Set(explained)).toEqual(new Set(Object.values(messageIds)));
});

test("the catalogue names networkd's settings as the example file has them", () => {
  const settings = matches(
    shipped('../examples/networkd.conf.d/50-netevd.conf'),
    /^(ManageForeign\w+=no)$/gm,
  );
  expect(settings).toHaveLength(2);
  for (const setting of settings) expect(shipped('systemd/netevd.catalog')).toContain(setting);
});

describe('the unit', () => {
  const unit = shipped('systemd/netevd.service');
  const lines = matches(unit, /^(\w+=.*)$/gm);
  const names = new Set(lines.map((line) => line.slice(0, line.indexOf('='))));

  test('grants one capability, and no way to another', () => {
    expect(lines).toContain('AmbientCapabilities=CAP_NET_ADMIN');
    expect(lines).toContain('CapabilityBoundingSet=CAP_NET_ADMIN');
    expect(lines).toContain('NoNewPrivileges=yes');
  });

  test('checks the configuration before it reloads', () => {
    expect(lines.filter((line) => line.startsWith('ExecReload='))).toEqual([
      'ExecReload=/usr/bin/netevd validate',
      'ExecReload=/bin/kill -HUP $MAINPID',
    ]);
  });

  test('the unit does not set what its comments leave out', () => {
    const avoided = [
      'PrivateNetwork',
      'PrivateUsers',
      'IPAddressDeny',
      'MemoryDenyWriteExecute',
      'ProcSubset',
    ];
    for (const name of [...avoided, 'ProtectHostname', 'RootDirectory']) {
      expect([name, names.has(name)]).toEqual([name, false]);
      expect(unit).toMatch(new RegExp(`^#   .*\\b${name}\\b.* {2,}\\S`, 'm'));
    }
  });

  test('has an example that loosens nothing but what it sets', () => {
    const loosened = matches(shipped('../examples/systemd/hooks-need-more.conf'), /^#([A-Z]\w+)=/gm);
    expect(loosened.length).toBeGreaterThan(5);
    const added = ['ReadWritePaths', 'DeviceAllow', 'SupplementaryGroups'];
    expect(loosened.filter((name) => !names.has(name) && !added.includes(name))).toEqual([]);
  });
});

describe('the units of the runner', () => {
  const unit = shipped('systemd/netevd-runner.service');
  const lines = matches(unit, /^(\w+=.*)$/gm);
  const socket = matches(shipped('systemd/netevd-runner.socket'), /^(\w+=.*)$/gm);

  test('grant no capability', () => {
    expect(lines.filter((line) => line.includes('Capabilit'))).toEqual(['CapabilityBoundingSet=']);
    expect(lines).toContain('NoNewPrivileges=yes');
  });

  test('let the group of the daemon alone connect, where the daemon does', () => {
    expect(socket).toContain(`ListenStream=${runnerSocket}`);
    expect(socket).toContain('SocketMode=0660');
    expect(socket).toContain('SocketGroup=netevd');
  });

  test('are off: nothing that is installed starts them', () => {
    expect(shipped('systemd/netevd.service')).not.toContain('netevd-runner');
    for (const file of ['install.sh', 'deb/postinst', 'rpm/netevd.spec', 'aur/netevd.install'])
      expect([file, /(enable|preset|start) [^\n]*netevd-runner/.test(shipped(file))]).toEqual([file, false]);
  });

  test('do not set what the comment says they leave out', () => {
    const names = new Set(lines.map((line) => line.slice(0, line.indexOf('='))));
    for (const name of ['PrivateUsers', 'MemoryDenyWriteExecute', 'ProcSubset', 'RootDirectory']) {
      expect([name, names.has(name)]).toEqual([name, false]);
      expect(unit).toMatch(new RegExp(`^#   .*\\b${name}\\b.* {2,}\\S`, 'm'));
    }
  });
});

test('the short configuration is valid, and sets nothing', () => {
  const parsed = parseConfig(shipped('netevd.yaml'), { file: 'netevd.yaml', env: {} });
  expect(parsed.warnings).toEqual([]);
  expect(parsed.ok && parsed.config).toEqual(defaultConfig());
});

test('the short configuration stays valid with its commented lines turned on', () => {
  const on = shipped('netevd.yaml').replaceAll(/^#(?=[a-z ]{2}[a-z_ ]*:)/gm, '');
  const parsed = parseConfig(on, { file: 'netevd.yaml', env: {} });
  expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  expect(parsed.ok && parsed.config.routing.policyRules).toEqual(['eth1']);
});

test('every package gives the version, address and licence of package.json', () => {
  const manifest: { version: string; license: string; bugs: string; homepage: string } = JSON.parse(
    shipped('../package.json'),
  );
  const repository = manifest.homepage.replace('#readme', '');
  expect(manifest.bugs).toBe(`${repository}/issues`);
  for (const file of ['deb/build.sh', 'rpm/netevd.spec', 'aur/PKGBUILD', 'aur/.SRCINFO', '../SECURITY.md']) {
    expect([file, shipped(file).includes(repository)]).toEqual([file, true]);
    expect([file, shipped(file).includes('@localhost')]).toEqual([file, false]);
  }
  expect(shipped('aur/PKGBUILD')).toContain(`\npkgver=${manifest.version}\n`);
  expect(shipped('aur/.SRCINFO')).toContain(`\tpkgver = ${manifest.version}\n`);
  for (const file of ['rpm/netevd.spec', 'aur/PKGBUILD', 'deb/copyright', 'container/Dockerfile'])
    expect([file, shipped(file).includes(manifest.license)]).toEqual([file, true]);
});

describe('an example hook', () => {
  for (const name of readdirSync(join(examples, 'hooks'))) {
    const path = join(examples, 'hooks', name);
    test(`${name} would be run: name, mode, syntax`, () => {
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
      expect(statSync(path).mode & 0o777).toBe(0o755);
      expect(spawnSync('sh', ['-n', path]).status).toBe(0);
    });
  }
});
