/**
 * Policy routing as an operator has it: the built daemon, the configuration of the README, `ip` and nothing
 * else.
 */
import { afterEach, describe, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NETEVD_PROTOCOL } from '../../src/core/model/routing-identity.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { executable, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

/** Index 1003 and so table 1203; eth0 has the default route of the machine. */
function twoLinks(): Disposable {
  const stack = new DisposableStack();
  for (const [name, index, address] of [
    ['eth0', 2, '192.168.1.10/24'],
    ['eth1', 3, '192.168.1.100/24'],
  ] as const) {
    const cable = stack.use(new Cable(name, index));
    cable.up();
    cable.plug();
    ip(`address add ${address} dev ${name}`);
  }
  ip('route add default via 192.168.1.1 dev eth0');
  return stack;
}

const rules = (): string[] =>
  ip('rule show')
    .split('\n')
    .filter((line) => line.includes(`proto ${NETEVD_PROTOCOL}`))
    .map((line) => line.replaceAll(/\s+/g, ' ').replace(` proto ${NETEVD_PROTOCOL}`, '').trim());
/** Fails where the table does not exist. */
const table = (): string[] => {
  const all = ip('route show table all').split('\n');
  return all
    .filter((line) => line.includes('table 1203'))
    .map((line) => line.replace(/ table 1203 proto \d+/, '').trim());
};
const wholeRules = [
  '30000: from 192.168.1.100 lookup 1203 suppress_prefixlength 7',
  '30001: from 192.168.1.100 lookup main suppress_prefixlength 7',
  '30002: from 192.168.1.100 lookup 1203',
  '30003: from all to 192.168.1.100 lookup 1203',
];
const isWhole = (): boolean => rules().length === 4 && table().length === 2;
const way = (): string => ip('route get 203.0.113.9 from 192.168.1.100').replaceAll(/\s+/g, ' ');

afterEach(() => {
  try {
    execFileSync('ip', ['rule', 'flush', 'proto', String(NETEVD_PROTOCOL)]);
  } catch {
    // Nothing to flush.
  }
});

describe('example 2 of the README', () => {
  test('as it is written: the reply leaves by eth1, before it left by eth0', async () => {
    using site = new Site();
    using _links = twoLinks();
    ip('route add default via 192.168.1.1 dev eth1 metric 200');
    expect(way()).toContain('via 192.168.1.1 dev eth0');
    await using daemon = await site.start({
      config: { system: { generator: 'systemd-networkd' }, network: { routing_policy_rules: 'eth1' } },
    });
    await waitUntil('policy routing', isWhole);
    expect(rules()).toEqual(wholeRules);
    expect(table()).toEqual(['default via 192.168.1.1 dev eth1', '192.168.1.0/24 dev eth1 scope link']);
    expect(way()).toContain('via 192.168.1.1 dev eth1 table 1203');
    expect(daemon.messages.join('\n')).toContain('routing.policy_rules');
  });

  test('an address that comes before its gateway is repaired', async () => {
    using site = new Site();
    using _links = twoLinks();
    await using _daemon = await site.start({ config: { routing: { policy_rules: ['eth1'] } } });
    await waitUntil('the rules', () => rules().length === 4);
    expect(way()).toContain('dev eth0');
    ip('route add default via 192.168.1.1 dev eth1 metric 200');
    await waitUntil('the default route', () => way().includes('dev eth1 table 1203'));
  });
});

describe('what the daemon leaves', () => {
  const config = { routing: { policy_rules: ['eth1'] } };
  const prepare = (): { site: Site; links: Disposable } => {
    const links = twoLinks();
    ip('route add default via 192.168.1.1 dev eth1 metric 200');
    return { site: new Site(), links };
  };

  test('is everything, by default and after kill -9; the next one changes nothing', async () => {
    const { site, links } = prepare();
    using _site = site;
    using _links = links;
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      await using daemon = await site.start({ config });
      await waitUntil('policy routing', isWhole);
      daemon.signal(signal);
      await daemon.exited();
      expect(rules()).toEqual(wholeRules);
    }
  });

  test('is nothing, with on_stop: remove', async () => {
    const { site, links } = prepare();
    using _site = site;
    using _links = links;
    await using daemon = await site.start({ config: { routing: { ...config.routing, on_stop: 'remove' } } });
    await waitUntil('policy routing', isWhole);
    daemon.signal('SIGTERM');
    expect(await daemon.exited()).toBe(0);
    expect([...rules(), ...table()]).toEqual([]);
  });

  test('is nothing of a link that a new configuration does not name', async () => {
    const { site, links } = prepare();
    using _site = site;
    using _links = links;
    await using daemon = await site.start({ config });
    await waitUntil('policy routing', isWhole);
    site.configure({ routing: { policy_rules: [] } });
    daemon.signal('SIGHUP');
    await waitUntil('all gone', () => rules().length + table().length === 0);
  });

  test('is a name of the table, for ip', async () => {
    const { site, links } = prepare();
    using _site = site;
    using _links = links;
    await using _daemon = await site.start({ config });
    const names = join(site.runtime, 'rt_tables.conf');
    await waitUntil('the file', () => existsSync(names));
    expect(readFileSync(names, 'utf8')).toContain('1203\tnetevd-eth1\n');
  });
});

test('a dry run logs what it would do, and changes nothing', async () => {
  using site = new Site();
  using _links = twoLinks();
  await using daemon = await site.start({
    config: { routing: { policy_rules: ['eth1'] } },
    args: ['--dry-run'],
  });
  const command = 'ip -4 rule add priority 30003 from all to 192.168.1.100 lookup 1203 protocol netevd';
  await daemon.logged({ component: 'dry-run', command });
  expect(rules()).toEqual([]);
});

test('netevd routing shows it, with no daemon', () => {
  using site = new Site();
  using _links = twoLinks();
  site.configure({ routing: { policy_rules: ['eth1'] } });
  const shown = execFileSync(executable, ['routing', '-c', site.configFile], { encoding: 'utf8' });
  expect(shown).toContain('eth1 (index 1003), table 1203: missing');
  const explained = execFileSync(executable, ['routing', 'explain', '192.168.1.100', '203.0.113.9'], {
    encoding: 'utf8',
  });
  expect(explained).toContain('→ by eth0, via 192.168.1.1');
});
