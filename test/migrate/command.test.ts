/** What `netevd migrate` does and shows. */
import { afterAll, describe, expect, test } from 'bun:test';
import { cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrateOptions } from '../../src/cli/local/migrate-command.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { CommandIo, OutputFormat } from '../../src/cli/render/output.ts';

import { all, fixtures, machine, migrate, scratch, states, told, tree, write } from './machine.ts';

afterAll(() => rmSync(scratch, { recursive: true }));

describe('netevd migrate', () => {
  test('the command finds existing files, shows its plan, and changes nothing', async () => {
    const root = machine(...all);
    const before = tree(root);
    const result = await migrate(root);
    expect(result.code).toBe(0);
    expect(told(result).sources.map(({ source }) => source)).toEqual([...all]);
    expect(told(result).applied).toBe(false);
    expect(states(result)).toEqual(['new']);
    expect(tree(root)).toEqual(before);
  });

  test('without files the plan is empty', async () => {
    const result = await migrate(machine());
    expect(result.code).toBe(0);
    expect(told(result).sources).toEqual([]);
  });

  test('--apply writes the plan, with modes, and changes nothing else', async () => {
    const root = machine(...all);
    const before = tree(root);
    const planned = told(await migrate(root)).sources.flatMap(({ files }) => files.map(({ path }) => path));
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(0);
    expect(states(result)).toEqual(['written']);
    for (const path of planned) {
      const mode = path.endsWith('.yaml') ? 0o644 : 0o755;
      expect(statSync(path).mode & 0o7777).toBe(mode);
    }
    const after = tree(root);
    expect(after.filter((line) => before.includes(line))).toEqual([...before]);
    expect(after).toHaveLength(before.length + new Set(planned).size);
  });

  test('changes nothing the second time', async () => {
    const root = machine(...all);
    await migrate(root, { apply: true });
    const before = tree(root);
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(0);
    expect(states(result)).toEqual(['same']);
    expect(tree(root)).toEqual(before);
  });

  test('looks at the sources that are named, in any case', async () => {
    const root = machine(...all);
    const result = await migrate(root, { sources: ['networkmanager', 'ifupdown'] });
    expect(told(result).sources.map(({ source }) => source)).toEqual(['NetworkManager', 'ifupdown']);
  });

  test('takes the files of a source from elsewhere', async () => {
    const root = machine();
    cpSync(join(fixtures, 'networkd-dispatcher'), join(root, 'backup'), { recursive: true });
    const result = await migrate(root, { sources: ['networkd-dispatcher'], from: '/backup/' });
    expect(result.code).toBe(0);
    expect(told(result).sources[0]?.scripts.length).toBeGreaterThan(3);
  });

  test('takes one configuration', async () => {
    const root = machine();
    write(root, 'old.yaml', readFileSync(join(fixtures, 'netevd-rust/first-accepted.yaml'), 'utf8'));
    const result = await migrate(root, { sources: ['netevd-rust'], from: '/old.yaml', apply: true });
    expect(result.code).toBe(0);
    expect(readFileSync(join(root, 'etc/netevd/netevd.yaml'), 'utf8')).toContain('backend: dhclient');
  });

  test('knows the Rust program by its configuration in /etc/netevd', async () => {
    const root = machine();
    write(root, 'etc/netevd/netevd.yaml', 'system: {generator: dhclient}\n');
    write(root, 'etc/netevd/routable.d/10-x', '#!/bin/sh\necho "$JSON" | jq .ifname\n', 0o755);
    const result = await migrate(root, { apply: true });
    const [rust] = told(result).sources;
    expect(rust?.source).toBe('netevd-rust');
    expect(rust?.scripts.map(({ how }) => how)).toEqual(['in-place']);
    expect(rust?.files.map(({ path, state }) => [path.slice(root.length), state])).toEqual([
      ['/etc/netevd/netevd.yaml.migrated', 'written'],
    ]);
    expect(rust?.next[0]).toStartWith('mv ');
    expect(readFileSync(join(root, 'etc/netevd/netevd.yaml'), 'utf8')).toBe(
      'system: {generator: dhclient}\n',
    );
  });

  test('hooks go to the hook directory of the current configuration', async () => {
    const root = machine('networkd-dispatcher');
    write(root, 'etc/netevd/netevd.yaml', 'hooks: {directory: /srv/hooks}\n');
    await migrate(root, { apply: true });
    expect(existsSync(join(root, 'srv/hooks/routable.d/50-seen'))).toBe(true);
  });

  test('leaves what packages have brought with them', async () => {
    const root = machine('ifupdown');
    write(root, 'var/lib/dpkg/info/wpasupplicant:amd64.list', '/etc/network\n/etc/network/if-up.d/seen\n');
    const [source] = told(await migrate(root)).sources;
    expect(source?.scripts.find(({ script }) => script.endsWith('if-up.d/seen'))?.how).toBe('left');
    expect(source?.scripts.find(({ script }) => script.endsWith('if-down.d/seen'))?.how).toBe('wrapped');
  });
});

describe('what is shown', () => {
  const show = async (format: OutputFormat, over: Partial<MigrateOptions> = {}): Promise<string> => {
    const root = machine(...all);
    return (await migrate(root, { format, ...over })).out.replaceAll(root, '');
  };

  test('fits 80 columns, but for a command that is longer', async () => {
    for (const apply of [false, true]) {
      const long = (await show('text', { apply })).split('\n').filter((line) => line.length > 80);
      expect(long.filter((line) => !/^ {2}(chmod|mv) /.test(line))).toEqual([]);
    }
  });

  test('is JSON and nothing else', async () => {
    expect(JSON.parse(await show('json'))).toMatchObject({ applied: false, problems: [] });
  });

  test('is a row for each file in a table', async () => {
    const rows = (await show('table')).trimEnd().split('\n');
    expect(rows.length).toBeGreaterThan(20);
    expect(rows[0]).toMatch(/^SOURCE +STATE +WHAT +PATH +FROM$/);
  });

  test('drives no terminal by the name of a file', async () => {
    const root = machine();
    write(root, 'etc/network/if-up.d/a\u001b[31mb', '#!/bin/sh\n', 0o755);
    expect((await migrate(root, { format: 'text' })).out).not.toContain('\u001b');
  });
});

describe('the command line', () => {
  const run = async (...words: readonly string[]): Promise<{ code: number; out: string }> => {
    const out: string[] = [];
    const io: CommandIo = {
      stdout: { write: (text) => void out.push(text) },
      stderr: { write: () => undefined },
      isTerminal: false,
      env: {},
    };
    const code = await runProgram(words, io, () => Promise.resolve(70));
    return { code, out: out.join('') };
  };

  test('knows the command, its options and no others', async () => {
    expect((await run('migrate', '--help')).code).toBe(0);
    expect((await run('migrate', 'nonsense')).code).toBe(2);
    expect((await run('migrate', '--nonsense')).code).toBe(2);
    expect((await run('migrate', 'ifupdown', 'NetworkManager', '--from', '/nowhere')).code).toBe(2);
  });

  test('hands on all that it is given', async () => {
    const root = machine('networkd-dispatcher');
    const config = join(root, 'netevd.yaml');
    write(root, 'netevd.yaml', `hooks: {directory: ${join(root, 'hooks')}}\n`);
    const from = join(root, 'etc/networkd-dispatcher');
    const { code, out } = await run(
      'migrate',
      'networkd-dispatcher',
      '--from',
      from,
      '-c',
      config,
      '--apply',
      '-o',
      'json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ applied: true, hook_directory: join(root, 'hooks') });
    expect(existsSync(join(root, 'hooks/routable.d/50-seen'))).toBe(true);
  });
});
