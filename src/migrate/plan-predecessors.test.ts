import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../config/index.ts';
import { sampleSource } from '../testing/migration-input.ts';
import type { SourceName, SourcePlan } from './plan.ts';
import { isThere, planSource } from './plan-source.ts';

const into = { configFile: '/etc/netevd/netevd.yaml', hookDirectory: '/etc/netevd' };
const fixture = (path: string): string =>
  readFileSync(join(import.meta.dir, '../../test/fixtures/migrate', path), 'utf8');

function plan(
  source: SourceName,
  name: string,
  text: string,
  scripts: Readonly<Record<string, string>> = {},
  base = `/old/${source}`,
): SourcePlan {
  return planSource(sampleSource(source, base, scripts, { name, text }), into);
}
const written = ({ configuration }: SourcePlan): unknown =>
  configuration === undefined
    ? undefined
    : (parse(new TextDecoder().decode(configuration.content)) as unknown);

describe('netevd for Rust', () => {
  test('the schema of the documentation is converted', () => {
    const moved = plan('netevd-rust', 'netevd.yaml', fixture('netevd-rust/first-documented.yaml'));
    expect(written(moved)).toEqual({
      system: { log_level: 'info', backend: 'systemd-networkd' },
      monitoring: { interfaces: ['eth0', 'eth1'] },
      routing: { policy_rules: ['eth1'] },
      backends: {
        systemd_networkd: { emit_json: true },
        dhclient: { use_dns: false, use_domain: false, use_hostname: false },
      },
    });
    expect(moved.unknownKeys).toEqual([]);
    expect(moved.problems).toEqual([]);
  });

  test('the keys of the first release are converted', () => {
    const moved = plan('netevd-rust', 'netevd.yaml', fixture('netevd-rust/first-accepted.yaml'));
    expect(written(moved)).toEqual({
      system: { log_level: 'debug', backend: 'dhclient' },
      monitoring: { interfaces: ['eth0'] },
      routing: { policy_rules: [] },
      backends: {
        systemd_networkd: { emit_json: false },
        dhclient: { use_dns: true, use_domain: true, use_hostname: true },
      },
    });
  });

  test('the present schema is converted, without keys and values that netevd does not accept', () => {
    const moved = plan('netevd-rust', 'netevd.yaml', fixture('netevd-rust/netevd.yaml'));
    expect(moved.unknownKeys).toEqual([
      {
        file: '/old/netevd-rust/netevd.yaml',
        line: 8,
        key: 'monitoring.match_pattern',
        nearest: 'match_patterns',
      },
      { file: '/old/netevd-rust/netevd.yaml', line: 21, key: 'api.address', nearest: 'bind_address' },
      { file: '/old/netevd-rust/netevd.yaml', line: 25, key: 'ebpf' },
    ]);
    const values = moved.findings.filter(({ kind }) => kind === 'value');
    expect(values.map(({ line }) => line)).toEqual([2, 0]);
    expect(written(moved)).toEqual({
      system: { backend: 'systemd-networkd' },
      monitoring: { interfaces: ['eth0', 'eth1'] },
      routing: { policy_rules: ['eth1'] },
      backends: { systemd_networkd: { emit_json: true }, dhclient: { use_dns: false } },
      api: { enabled: true },
      metrics: { enabled: true, port: 9091 },
    });
  });

  test('one invalid filter removes all filters, and is reported', () => {
    const moved = plan('netevd-rust', 'netevd.yaml', fixture('netevd-rust/filters.yaml'));
    expect(written(moved)).toEqual({ system: { backend: 'NetworkManager' } });
    expect(moved.findings.filter(({ kind }) => kind === 'value')).toHaveLength(1);
    expect(moved.unknownKeys.map(({ key, line }) => [key, line])).toEqual([
      ['filters[1].match_rule.interfce', 9],
    ]);
  });

  test('invalid YAML is a problem with a line, and scripts are migrated', () => {
    const moved = plan('netevd-rust', 'netevd.yaml', 'system:\n\tx: 1\n', { 'routable.d/a': '#!/bin/sh\n:' });
    expect(moved.problems.map(({ code, line }) => [code, line])).toEqual([['NETEVD_MIGRATE_INPUT', 2]]);
    expect(moved.configuration).toBeUndefined();
    expect(moved.scripts[0]?.how).toBe('copied');
  });

  test("scripts in netevd's own directories are examined and not copied", () => {
    const scripts = {
      'routable.d/10-json': fixture('netevd-rust/routable.d/10-json'),
      'drops.d/x': fixture('netevd-rust/drops.d/10-drop'),
    };
    const moved = plan('netevd-rust', 'netevd.yaml', '', scripts, '/etc/netevd');
    expect(moved.scripts.flatMap(({ files }) => files)).toEqual([]);
    expect(
      moved.scripts.flatMap(({ findings }) => findings.map(({ kind, line }) => `${kind} ${line}`)),
    ).toEqual(['json-key 2', 'json-key 2', 'privilege 3', 'variable 2']);
    expect(moved.findings.map(({ kind, file }) => [kind, file])).toEqual([['event', '/etc/netevd/drops.d']]);
  });

  test('settings that the Rust program ignored are reported', () => {
    const filters = 'filters: [{match_rule: {interface: eth0}, action: execute, scripts: [a]}]';
    const notes = (text: string) =>
      plan('netevd-rust', 'netevd.yaml', text).findings.map((each) => each.text.split(':')[0]);
    expect(notes(`monitoring: {interfaces: [eth0]}\nrouting: {policy_rules: [eth1]}\n${filters}`)).toEqual([
      'monitoring.interfaces',
      'routing.policy_rules',
      'filters',
    ]);
    expect(notes('monitoring: {interfaces: []}')).toEqual([]);
  });

  const detected: readonly (readonly [string, boolean])[] = [
    ['', false],
    ['system: {log_level: info}', false],
    ['system: {generator: dhclient}', true],
    ['network: {Links: eth0}', true],
    ['ebpf: {drops: true}', true],
    ['a: [', false],
  ];
  test.each(detected)('%j in /etc/netevd is of the Rust program: %p', (text, expected) => {
    expect(isThere(sampleSource('netevd-rust', '/etc/netevd', {}, { name: 'netevd.yaml', text }))).toBe(
      expected,
    );
  });
});

describe('network-broker', () => {
  const toml = fixture('network-broker/network-broker.toml');

  test('the configuration becomes one that netevd accepts', () => {
    const moved = plan('network-broker', 'network-broker.toml', toml);
    const text = new TextDecoder().decode(moved.configuration?.content);
    expect(parseConfig(text, { file: '', env: {} }).ok).toBe(true);
    expect(moved.configuration).toMatchObject({ path: '/etc/netevd/netevd.yaml', mode: 0o644 });
    expect(moved.unknownKeys).toHaveLength(3);
  });

  test('wrappers provide the lease of networkd, or the lists of dhclient', () => {
    const script = '#!/bin/sh\necho $DNS $DHCP_LEASE';
    const wrapperOf = (text: string): string => {
      const moved = plan('network-broker', 'network-broker.toml', text, { 'routable.d/a': script });
      const file = moved.scripts[0]?.files.find(({ role }) => role === 'wrapper');
      return new TextDecoder().decode(file?.content);
    };
    expect(wrapperOf(toml)).toContain('/run/systemd/netif/leases/$LINKINDEX');
    expect(wrapperOf('[System]\nGenerator = "dhclient"')).toContain('commas $DHCP_DNS\nexport DNS="$text"');
  });

  test('scripts of states without an event of netevd are left', () => {
    const moved = plan('network-broker', 'network-broker.toml', '', {
      'nowhere.d/a': '#!/bin/sh\n:',
      'manager.d/b': '#!/bin/sh\n:',
    });
    expect(moved.scripts.map(({ how }) => how)).toEqual(['left', 'copied']);
    expect(moved.findings.map(({ kind }) => kind)).toEqual(['event']);
  });

  test('invalid TOML is a problem, and scripts are migrated', () => {
    const moved = plan('network-broker', 'network-broker.toml', fixture('network-broker/broken.toml'), {
      'routable.d/a': '#!/bin/sh\n:',
    });
    expect(moved.problems).toMatchObject([{ code: 'NETEVD_MIGRATE_INPUT', line: 2 }]);
    expect(moved.scripts[0]?.how).toBe('copied');
  });
});
