/** What is shipped beside the program says the same as the program. */
import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hookDirectories } from '../src/core/model/event-table.ts';
import { NETEVD_PROTOCOL } from '../src/core/model/routing-identity.ts';
import { messageIds } from '../src/observe/log/message-ids.ts';

const packaging = join(import.meta.dir, '../packaging');
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
  const settings = matches(shipped('examples/networkd.conf.d/50-netevd.conf'), /^(ManageForeign\w+=no)$/gm);
  expect(settings).toHaveLength(2);
  for (const setting of settings) expect(shipped('systemd/netevd.catalog')).toContain(setting);
});

describe('the unit', () => {
  const settings = new Map(
    matches(shipped('systemd/netevd.service'), /^(\w+=.*)$/gm).map((line): [string, string] => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );

  test('grants one capability, and the one that it takes to empty the bounding set', () => {
    for (const set of ['AmbientCapabilities', 'CapabilityBoundingSet'])
      expect(settings.get(set)).toBe('CAP_NET_ADMIN CAP_SETPCAP');
    expect(settings.get('NoNewPrivileges')).toBe('yes');
  });

  test('sets nothing that its own comment says would break hooks', () => {
    const avoided = matches(shipped('systemd/netevd.service'), /^# {3}((?:\w+, )*\w+) {2,}\S/gm).flatMap(
      (names) => names.split(', '),
    );
    expect(avoided.length).toBeGreaterThan(10);
    for (const name of avoided) expect(settings.has(name)).toBe(false);
  });
});

describe('an example hook', () => {
  for (const name of readdirSync(join(packaging, 'examples/hooks'))) {
    const path = join(packaging, 'examples/hooks', name);
    test(`${name} would be run: name, mode, syntax`, () => {
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
      expect(statSync(path).mode & 0o777).toBe(0o755);
      expect(spawnSync('sh', ['-n', path]).status).toBe(0);
    });
  }
});
