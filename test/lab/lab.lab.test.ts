/** The lab itself: it runs commands and leaves nothing behind. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { BUN_INSIDE, Lab, PROJECT_INSIDE } from './lab.ts';
import { describeLab } from './lab-available.ts';

const DEADLINE_MS = 30_000;

describeLab('the lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'itself', binds: [{ from: '/etc/hostname', to: '/opt/hostname' }] });
  }, 120_000);
  afterAll(async () => await lab[Symbol.asyncDispose]());

  test('passes exit code, output, input, environment and directory of a command', async () => {
    const script = 'read -r line; echo "$line $A $PWD"; echo problem >&2; exit 3';
    const options = { stdin: 'hello\n', env: { A: 'a b' }, cwd: '/etc' };
    expect(await lab.run(['sh', '-c', script], options)).toEqual({
      code: 3,
      stdout: 'hello a b /etc\n',
      stderr: 'problem\n',
    });
  });

  test('kills a command that outlives its deadline', async () => {
    await expect(lab.run(['sleep', '1000'], { deadlineMs: 100 })).rejects.toThrow(
      'still running after 100 ms',
    );
    await waitUntil(
      'the command to be gone from the lab',
      async () => (await lab.run(['pgrep', '-x', 'sleep'])).code === 1,
      DEADLINE_MS,
    );
  });

  test('writes a file with its mode, in a directory that it makes', async () => {
    await lab.write('/etc/netevd/routable.d/10-hook', '#!/bin/sh\n', 0o750);
    expect(await lab.ok(['stat', '-c', '%a %U', '/etc/netevd/routable.d/10-hook'])).toBe('750 root\n');
    expect(await lab.read('/etc/netevd/routable.d/10-hook')).toBe('#!/bin/sh\n');
  });

  test('signals reach a long-running command itself, and its output is collected', async () => {
    const script = 'trap "echo ended; exit 7" TERM; echo ready; while :; do read -t 0.02 -r _; done';
    await using process = await lab.spawn(['bash', '-c', script]);
    await waitUntil('the command to be ready', () => process.stdout.includes('ready'), DEADLINE_MS);
    expect(await lab.ok(['cat', `/proc/${process.pid}/comm`])).toBe('bash\n');
    process.kill();
    expect(await process.exited()).toBe(7);
    expect(process.stdout).toBe('ready\nended\n');
  });

  test('keeps a shell open for many commands', async () => {
    await using shell = await lab.shell();
    expect(await shell.run('cd /tmp; echo one')).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
    expect(await shell.run('pwd; echo problem >&2; exit 4')).toEqual({
      code: 4,
      stdout: '/\n',
      stderr: 'problem\n',
    });
  });

  test('shows the project and bun, read-only, and what else it is asked to', async () => {
    expect(await lab.ok([BUN_INSIDE, '--version'])).toBe(`${Bun.version}\n`);
    const manifest = JSON.parse(await lab.read(`${PROJECT_INSIDE}/package.json`)) as { name: string };
    expect(manifest.name).toBe('netevd');
    expect((await lab.run(['touch', `${PROJECT_INSIDE}/x`])).stderr).toContain('Read-only file system');
    expect((await lab.run(['touch', '/opt/hostname'])).code).toBe(1);
  });

  test('has links of its own, with a DHCP server and a cable', async () => {
    const network = '/proc/self/ns/net';
    expect((await lab.ok(['readlink', network])).trim()).not.toBe(readlinkSync(network));
    await lab.links.add('nd0', 1, 'dhcp');
    const shows = async (word: string): Promise<boolean> =>
      (await lab.ok(['networkctl', 'list', '--no-legend', 'nd0'])).includes(word);
    await lab.until('a lease on nd0', async () => await shows('routable'), DEADLINE_MS);
    expect(await lab.ok(['ip', '-4', '-o', 'addr', 'show', 'nd0'])).toContain('10.77.1.');
    await lab.links.carrier('nd0', 'off');
    await lab.until('the loss of carrier', async () => await shows('no-carrier'), DEADLINE_MS);
    await lab.links.remove('nd0');
  });

  test('a failed wait shows its condition, the error, and the end of the systemd journal', async () => {
    await lab.ok(['logger', 'a line for the journal']);
    const waiting = lab.until(
      'something that never comes',
      () => {
        throw new Error('not yet there');
      },
      50,
    );
    await expect(waiting).rejects.toThrow(
      /something that never comes\nlast error: not yet there\n[\s\S]*a line for the/,
    );
  });
});

describeLab('a lab that ends', () => {
  const bootOther = (): Bun.Subprocess<'ignore', 'pipe', 'inherit'> => {
    const program = `const { Lab } = await import('${import.meta.dir}/lab.ts');
      const lab = await Lab.boot({ name: 'orphan' });
      process.stdout.write(JSON.stringify({ name: lab.name, report: lab.report }) + '\\n');
      setInterval(() => {}, 1000);`;
    return Bun.spawn([process.execPath, '-e', program], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    });
  };

  test('takes its processes, state and cgroup along', async () => {
    const lab = await Lab.boot({ name: 'short' });
    const { pid, cgroup } = traces(lab.name, lab.report);
    expect([existsSync(`/proc/${pid}`), existsSync(cgroup)]).toEqual([true, true]);
    await lab[Symbol.asyncDispose]();
    expect([
      existsSync(`/proc/${pid}`),
      existsSync(cgroup),
      existsSync(`/run/netevd-lab/${lab.name}`),
    ]).toEqual([false, false, false]);
  }, 120_000);

  test('does not outlive a test run that is killed', async () => {
    const run = bootOther();
    const reader = run.stdout.getReader();
    const { value } = await reader.read();
    const { name, report } = JSON.parse(new TextDecoder().decode(value)) as { name: string; report: string };
    const { pid, cgroup } = traces(name, report);
    run.kill('SIGKILL');
    await waitUntil(
      'the lab to go down by itself',
      () => !existsSync(`/proc/${pid}`) && !existsSync(cgroup) && !existsSync(`/run/netevd-lab/${name}`),
      DEADLINE_MS,
    );
  }, 120_000);

  test('a lab that does not boot reports the reason', async () => {
    await expect(Lab.boot({ name: 'broken', binds: [{ from: '/no/such/file' }] })).rejects.toThrow(
      /did not boot[\s\S]*lab: /,
    );
  }, 120_000);
});

/** Host process id and cgroup of a lab, from what it reported. */
function traces(name: string, report: string): { pid: string; cgroup: string } {
  const pid = /host pid (\d+)/.exec(report)?.[1] ?? '';
  return { pid, cgroup: readFileSync(`/run/netevd-lab/${name}/cgroup`, 'utf8').trim() };
}
