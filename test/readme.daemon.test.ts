/** Follows README.md line by line, in a private root where netevd is installed. */
import { beforeAll, expect, test } from 'bun:test';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { executable, Site } from './daemon/daemon-under-test.ts';
import { Cable, ip } from './daemon/links.ts';
import { assertPrivate } from './namespace/private.ts';

const root = join(import.meta.dir, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const programs = '/tmp/bin';

const blocks = (language: string): string[] =>
  Array.from(
    readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')),
    ([, text = '']) => text,
  );

/** The block that has this in it. */
function block(language: string, part: string): string {
  const found = blocks(language).find((text) => text.includes(part));
  if (found === undefined) throw new Error(`README.md has no ${language} block with ${part}`);
  return found;
}

function shell(script: string): SpawnSyncReturns<string> {
  const env = { PATH: `${programs}:${process.env['PATH']}`, HOME: '/root' };
  return spawnSync('sh', ['-eu', '-c', script], { encoding: 'utf8', env, timeout: 20_000 });
}

/** The daemon of the installed configuration, until it is disposed of. */
async function runningDaemon(): Promise<AsyncDisposable> {
  const daemon = Bun.spawn([executable], { stdout: 'ignore', stderr: 'ignore' });
  const stop = async (): Promise<void> => {
    daemon.kill();
    await daemon.exited;
  };
  for (let tries = 0; shell('netevd status').status !== 0; tries++) {
    if (tries === 50) {
      await stop();
      throw new Error('netevd does not answer');
    }
    await Bun.sleep(100);
  }
  return { [Symbol.asyncDispose]: stop };
}

beforeAll(() => {
  assertPrivate();
  mkdirSync(programs);
  symlinkSync(executable, join(programs, 'netevd'));
  mkdirSync('/etc/netevd/routable.d', { recursive: true });
  writeFileSync('/etc/netevd/netevd.yaml', 'system: {user: root}\n');
});

test('every target of make that it names is there', () => {
  const targets = new Set(Array.from(readme.matchAll(/\bmake ([a-z]+)/g), ([, name = '']) => name));
  expect(targets.size).toBeGreaterThan(2);
  const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
  for (const target of targets) expect(makefile).toMatch(new RegExp(`^${target}:`, 'm'));
});

test('every page that it links to is there', () => {
  const pages = Array.from(readme.matchAll(/\]\(([^)#:]+)\)/g), ([, path = '']) => path);
  expect(pages.length).toBeGreaterThan(8);
  expect(pages.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the first hook would run, runs when it is tried, and runs when a link becomes routable', async () => {
  // The test is root, and its private root has no sudo.
  expect(shell(block('sh', '/etc/netevd/routable.d/10-log').replaceAll('sudo ', ''))).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(shell('netevd hooks').stdout).toMatch(/10-log/);
  const tried = shell('netevd test 10-log');
  expect({ status: tried.status, output: tried.stdout + tried.stderr }).toMatchObject({ status: 0 });
  using site = new Site();
  await using daemon = await site.start({ config: { hooks: { directory: '/etc/netevd' } } });
  using cable = new Cable('eth0', 1);
  cable.up();
  cable.plug();
  ip('addr add 192.0.2.10/24 dev eth0');
  await daemon.logged({ interface: 'eth0', script: /routable\.d\/10-log$/, exit_code: 0 });
  expect(await daemon.stop()).toBe(0);
});

test('the configuration is a good one', () => {
  writeFileSync('/tmp/readme.yaml', block('yaml', 'policy_rules'));
  expect(shell('netevd validate -c /tmp/readme.yaml')).toMatchObject({ status: 0 });
});

test('the commands that show something work', async () => {
  const lines = block('sh', 'netevd routing explain').split('\n');
  const commands = lines
    .map((line) => line.replace(/ *#.*/, ''))
    .filter((line) => /^netevd [a-z]/.test(line));
  expect(commands.length).toBeGreaterThan(3);
  await using _daemon = await runningDaemon();
  for (const line of commands) {
    // Following would not end.
    const command = line.replace('SCRIPT', '10-log').replace(/ -f$/, '');
    const { status, stderr, stdout } = shell(command);
    // 1 is an answer: that no route leads there, or that a hook would not run.
    expect([command, status === 0 || status === 1, `${stdout}${stderr}` !== '']).toEqual([
      command,
      true,
      true,
    ]);
    expect([command, stderr.includes('there is no command')]).toEqual([command, false]);
  }
});

test('a dry run logs what it would do', async () => {
  using site = new Site();
  site.hook('carrier', '10-x', `#!/bin/sh\ntouch ${site.root}/was-run\n`);
  await using daemon = await site.start({ args: ['--dry-run'] });
  using cable = new Cable('eth1', 2);
  cable.up();
  cable.plug();
  await daemon.logged({ component: 'dry-run', event: 'carrier' });
  expect(await daemon.stop()).toBe(0);
  expect(existsSync(join(site.root, 'was-run'))).toBe(false);
});
