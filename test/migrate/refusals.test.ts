/** What `netevd migrate` does not do, and what it removes on demand. */
import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrateOptions } from '../../src/cli/local/migrate-command.ts';

import { ifIndex, tableId } from '../../src/core/model/ids.ts';
import type { RoutingEffect } from '../../src/core/routing/plan/routing-effect.ts';
import { FakeKernel } from '../../src/testing/fake-kernel.ts';
import { ip } from '../../src/testing/sample-state.ts';
import { machine, migrate, scratch, states, told, tree, write } from './machine.ts';

afterAll(() => rmSync(scratch, { recursive: true }));

describe('netevd migrate never overwrites', () => {
  test('a hook: it is refused, with its wrapped script, and the others are written', async () => {
    const root = machine('networkd-dispatcher');
    write(root, 'etc/netevd/routable.d/50-seen', '#!/bin/sh\necho mine\n', 0o755);
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(1);
    expect(told(result).problems.map(({ code }) => code)).toEqual(['NETEVD_MIGRATE_TARGET']);
    expect(readFileSync(join(root, 'etc/netevd/routable.d/50-seen'), 'utf8')).toBe('#!/bin/sh\necho mine\n');
    expect(existsSync(join(root, 'etc/netevd/migrated/networkd-dispatcher/routable.d/50-seen'))).toBe(false);
    expect(existsSync(join(root, 'etc/netevd/routable.d/60-python'))).toBe(true);
  });

  test('a configuration: the new one goes beside it, and is there already the second time', async () => {
    const root = machine('network-broker');
    write(root, 'etc/netevd/netevd.yaml', 'system: {log_level: debug}\n');
    const first = await migrate(root, { apply: true });
    expect(first.code).toBe(0);
    expect(existsSync(join(root, 'etc/netevd/netevd.yaml.migrated'))).toBe(true);
    expect(readFileSync(join(root, 'etc/netevd/netevd.yaml'), 'utf8')).toBe('system: {log_level: debug}\n');
    expect(states(await migrate(root, { apply: true }))).toEqual(['same']);
  });

  test('a configuration beside another one, either', async () => {
    const root = machine('network-broker');
    write(root, 'etc/netevd/netevd.yaml', '');
    write(root, 'etc/netevd/netevd.yaml.migrated', '# mine\n');
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(1);
    expect(readFileSync(join(root, 'etc/netevd/netevd.yaml.migrated'), 'utf8')).toBe('# mine\n');
  });

  test('a directory where a file would go', async () => {
    const root = machine('network-broker');
    mkdirSync(join(root, 'etc/netevd/routable.d/10-log'), { recursive: true });
    expect(told(await migrate(root, { apply: true })).problems.map(({ code }) => code)).toEqual([
      'NETEVD_MIGRATE_TARGET',
    ]);
  });

  test('what lies where others can write: nothing is written there at all', async () => {
    const root = machine('networkd-dispatcher');
    mkdirSync(join(root, 'etc/netevd'));
    chmodSync(join(root, 'etc/netevd'), 0o777);
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(1);
    expect(new Set(told(result).problems.map(({ code }) => code))).toEqual(
      new Set(['NETEVD_MIGRATE_TARGET']),
    );
    expect(tree(join(root, 'etc/netevd'))).toEqual([]);
  });

  test('a refusal is shown before --apply', async () => {
    const root = machine('networkd-dispatcher');
    write(root, 'etc/netevd/routable.d/50-seen', 'other', 0o755);
    expect((await migrate(root)).code).toBe(1);
  });
});

describe('netevd migrate with what is broken', () => {
  test('a problem has its line, and the rest is done', async () => {
    const root = machine('networkd-dispatcher');
    write(root, 'etc/network-broker/network-broker.toml', '[System]\nLogLevel = \n');
    write(root, 'etc/network-broker/routable.d/10-x', '#!/bin/sh\n:\n', 0o755);
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(1);
    expect(told(result).problems).toMatchObject([{ code: 'NETEVD_MIGRATE_INPUT', line: 2 }]);
    expect(existsSync(join(root, 'etc/netevd/routable.d/10-x'))).toBe(true);
    expect(existsSync(join(root, 'etc/netevd/netevd.yaml'))).toBe(false);
  });

  test('a file where directories ought to be is one problem for each that cannot be written', async () => {
    const root = machine('ifupdown');
    write(root, 'etc/netevd', 'a file');
    const result = await migrate(root, { apply: true });
    expect(result.code).toBe(1);
    expect(new Set(told(result).problems.map(({ code }) => code))).toEqual(
      new Set(['NETEVD_MIGRATE_TARGET']),
    );
  });

  test('a source that is named and not there', async () => {
    const result = await migrate(machine(), { sources: ['ifupdown'] });
    expect(result.code).toBe(1);
    expect(told(result).problems.map(({ code }) => code)).toEqual(['NETEVD_MIGRATE_INPUT']);
  });

  test('two configurations for one', async () => {
    const root = machine('network-broker');
    write(root, 'etc/netevd/netevd.yaml', 'network: {links: eth0}\n');
    const both = await migrate(root, { apply: true });
    expect(both.code).toBe(1);
    expect(told(both).problems.map(({ code }) => code)).toEqual(['NETEVD_MIGRATE_TARGET']);
    expect(readFileSync(join(root, 'etc/netevd/netevd.yaml.migrated'), 'utf8')).toContain('log_format: json');
    expect((await migrate(root, { sources: ['network-broker'] })).code).toBe(0);
  });

  const wrong: readonly (readonly [string, Partial<MigrateOptions>])[] = [
    ['a source that there is not', { sources: ['networkdispatcher'] }],
    ['--from without a source', { from: '/etc' }],
    ['--from with two', { from: '/etc', sources: ['ifupdown', 'NetworkManager'] }],
    ['a file for a source of scripts', { from: '/etc/one', sources: ['ifupdown'] }],
  ];
  test.each(wrong)('%s is an error of usage', async (_, options) => {
    const root = machine();
    write(root, 'etc/one', '');
    const result = await migrate(root, options);
    expect(result.code).toBe(2);
    expect(result.out).toBe('');
    expect(result.err).not.toBe('');
  });
});

describe('rules and tables of a predecessor', () => {
  function left(): FakeKernel {
    const kernel = new FakeKernel();
    const index = kernel.addLink('eth1', { index: ifIndex(3) });
    for (const [way, priority] of [
      ['source', 32765],
      ['destination', 32764],
    ] as const) {
      const effect: RoutingEffect = {
        kind: 'addRule',
        rule: {
          family: 4,
          priority,
          [way]: { address: ip('192.0.2.5'), length: 32 },
          table: tableId(1000 + index),
          action: 1,
          protocol: 0,
          tos: 0,
          flags: 0,
        },
      };
      expect(kernel.apply(effect)).toEqual({ kind: 'done' });
    }
    return kernel;
  }

  const rows: readonly (readonly [string, Partial<MigrateOptions>, string, number])[] = [
    ['are found', {}, 'found', 2],
    ['are not removed by --apply alone', { apply: true }, 'found', 2],
    ['are not removed by --remove-stale-routing alone', { removeStaleRouting: true }, 'planned', 2],
    ['are removed by both', { apply: true, removeStaleRouting: true }, 'removed', 0],
  ];
  test.each(rows)('%s', async (_, options, state, rest) => {
    const kernel = left();
    const result = await migrate(machine(), options, kernel);
    expect(result.code).toBe(0);
    expect(told(result).stale_routing.map((line) => line.state)).toEqual([state, state]);
    expect(kernel.rules.filter(({ table }) => table === 1003)).toHaveLength(rest);
  });

  test('are not looked for where the program that is named made none', async () => {
    const result = await migrate(machine('ifupdown'), { sources: ['ifupdown'] }, left());
    expect(told(result).stale_routing).toEqual([]);
  });
});
