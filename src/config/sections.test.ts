import { describe, expect, test } from 'bun:test';
import type { Config } from './config.ts';
import type { Feature } from './feature.ts';
import { defaultConfig, parseConfig } from './load.ts';
import { keysThatNeedRestart, sectionsChanged } from './sections.ts';
import { unsupported } from './unsupported.ts';

function config(text: string): Config {
  const parsed = parseConfig(text, { file: 'f', env: {} });
  if (!parsed.ok) throw new Error(text);
  return parsed.config;
}

describe('sectionsChanged', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['', '', []],
    ['hooks: {timeout_sec: 30}', '', []],
    ['hooks: {timeout_sec: 31}', '', ['hooks']],
    ['system: {generator: kernel}', 'system: {backend: kernel}', []],
    ['network: {links: eth0}', 'monitoring: {interfaces: [eth0]}', []],
    ['monitoring: {interfaces: [a, b]}', 'monitoring: {interfaces: [b, a]}', ['monitoring']],
    [
      'routing: {policy_rules: "*", tables: {a: 1, b: 2}}',
      'routing: {policy_rules: "*", tables: {b: 2, a: 1}}',
      [],
    ],
    [
      'routing: {policy_rules: "*", tables: {a: 1}}',
      'routing: {policy_rules: "*", tables: {b: 1}}',
      ['routing'],
    ],
    ['filters: [{match_rule: {}, action: log}]', 'filters: [{match_rule: {}, action: ignore}]', ['filters']],
    ['api: {socket: ""}', 'api: {socket: /run/x}', ['api']],
    ['system: {runtime_directory: /x}', '', ['system', 'api']],
    [
      'events: {memory: 1}\naudit: {enabled: true}\nmetrics: {port: 1}\nbackends: {dhclient: {use_dns: true}}',
      '',
      ['backends', 'metrics', 'audit', 'events'],
    ],
  ];
  test.each(rows)('from %p to %p returns %p', (before, after, sections) => {
    expect(sectionsChanged(config(before), config(after))).toEqual(sections as never);
    expect(sectionsChanged(config(after), config(before))).toEqual(sections as never);
  });
});

test('keysThatNeedRestart names changed keys that take effect at the next start', () => {
  const before = config('system: {user: a, log_level: info}');
  const after = config('system: {user: b, log_level: debug, runtime_directory: /x}');
  expect(keysThatNeedRestart(before, after)).toEqual(['system.user', 'system.runtime_directory']);
  expect(keysThatNeedRestart(before, before)).toEqual([]);
});

describe('unsupported', () => {
  const paths = (text: string, features: readonly Feature[]): readonly string[] =>
    unsupported(config(text), features, 'f').map(({ path }) => path);

  test('ignores a key that has its default', () => {
    expect(unsupported(defaultConfig(), [], 'f')).toEqual([]);
  });

  const rows: readonly (readonly [string, Feature, string])[] = [
    ['routing: {policy_rules: [eth1]}', 'policy-routing', 'routing.policy_rules'],
    [
      'backends: {systemd_networkd: {emit_json: false}}',
      'systemd-networkd',
      'backends.systemd_networkd.emit_json',
    ],
    ['backends: {dhclient: {lease_files: [/x]}}', 'dhclient', 'backends.dhclient.lease_files'],
    ['backends: {dhclient: {use_dns: true}}', 'resolved', 'backends.dhclient.use_dns'],
    ['backends: {dhclient: {use_domain: true}}', 'resolved', 'backends.dhclient.use_domain'],
    ['backends: {dhclient: {use_hostname: true}}', 'hostnamed', 'backends.dhclient.use_hostname'],
    ['api: {port: 8080}', 'api', 'api.port'],
    ['api: {bind_address: "::1"}', 'api', 'api.bind_address'],
    ['api: {token_file: /t}', 'api', 'api.token_file'],
    ['api: {tls: {enabled: true, cert_file: /c, key_file: /k}}', 'tls', 'api.tls.enabled'],
    ['metrics: {port: 9100}', 'metrics', 'metrics.port'],
    ['audit: {enabled: true}', 'audit', 'audit.enabled'],
    ['events: {database: /db}', 'history', 'events.database'],
    ['events: {retention_days: 1}', 'history', 'events.retention_days'],
    ['filters: [{match_rule: {}, action: log}]', 'filters', 'filters'],
    ['system: {backend: NetworkManager}', 'NetworkManager', 'system.backend'],
    ['system: {backend: systemd-networkd}', 'systemd-networkd', 'system.backend'],
    ['system: {backend: dhclient}', 'dhclient', 'system.backend'],
  ];
  test.each(rows)('warns for %p without %s about %s', (text, feature, path) => {
    expect(paths(text, [])).toEqual([path]);
    expect(paths(text, [feature])).toEqual([]);
  });

  test('warns with the name of the part', () => {
    const [problem] = unsupported(config('audit: {enabled: true}'), ['api'], 'netevd.yaml');
    expect(problem).toMatchObject({
      code: 'NETEVD_CONFIG_UNSUPPORTED',
      severity: 'warning',
      file: 'netevd.yaml',
      found: 'audit',
    });
  });
});
