import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseConfig } from '../config/index.ts';
import { parseBrokerConfig } from './broker-config.ts';

const folder = join(import.meta.dir, '../../test/fixtures/migrate/network-broker');
const read = (name: string) => parseBrokerConfig(readFileSync(join(folder, name), 'utf8'), name);

function good(text: string, file = 'network-broker.toml') {
  const parsed = parseBrokerConfig(text, file);
  if (!parsed.ok) throw new Error(parsed.problem.text);
  const config = parseConfig(parsed.yaml, { file, env: {} });
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  return { ...parsed, config: config.config };
}

describe('parseBrokerConfig', () => {
  test('a configuration becomes a file that netevd accepts without a finding', () => {
    const { config } = good(readFileSync(join(folder, 'network-broker.toml'), 'utf8'));
    expect(config.system.logLevel).toBe('warn');
    expect(config.system.logFormat).toBe('json');
    expect(config.system.backend).toBe('systemd-networkd');
    expect(config.monitoring.interfaces).toEqual(['eth0', 'eth1']);
    expect(config.routing.policyRules).toEqual(['eth1']);
    expect(config.backends.systemdNetworkd.emitJson).toBe(true);
    expect(config.backends.dhclient.useDns).toBe(false);
  });

  test('each unknown key is reported with file, line and the nearest known key', () => {
    const parsed = read('network-broker.toml');
    expect(parsed.ok && parsed.unknownKeys).toEqual([
      { file: 'network-broker.toml', line: 6, key: 'System.Colour' },
      { file: 'network-broker.toml', line: 14, key: 'Network.Lnks', nearest: 'Links' },
      { file: 'network-broker.toml', line: 16, key: 'Cloud' },
    ]);
  });

  test('keys may have any case', () => {
    const { config, generator } = good(readFileSync(join(folder, 'dhclient.toml'), 'utf8'));
    expect(generator).toBe('dhclient');
    expect(config.system.logLevel).toBe('error');
    expect(config.system.backend).toBe('dhclient');
    expect(config.backends.dhclient).toMatchObject({ useDns: true, useDomain: false, useHostname: true });
  });

  test('a configuration may be YAML or JSON', () => {
    const yaml = good(readFileSync(join(folder, 'network-broker.yaml'), 'utf8'), 'network-broker.yaml');
    expect(yaml.config.monitoring.interfaces).toEqual(['eth0', 'wlan0']);
    expect(yaml.unknownKeys).toEqual([
      { file: 'network-broker.yaml', line: 6, key: 'Network.Links2', nearest: 'Links' },
    ]);
    expect(good('{"network": {"LINKS": "a b"}}', 'x.json').config.monitoring.interfaces).toEqual(['a', 'b']);
  });

  test('an empty configuration means the defaults of network-broker', () => {
    const { config, generator } = good('');
    expect(generator).toBe('systemd-networkd');
    expect(config.backends.systemdNetworkd.emitJson).toBe(false);
    expect(config.monitoring.interfaces).toEqual([]);
  });

  test('a key in the wrong section is reported with the right section', () => {
    expect(good('[Network]\nLogLevel = "info"').unknownKeys).toEqual([
      { file: 'network-broker.toml', line: 2, key: 'Network.LogLevel', nearest: 'System.LogLevel' },
    ]);
  });

  const generators = [
    ['', 'systemd-networkd', 0],
    ['systemd-networkd', 'systemd-networkd', 0],
    ['dhclient', 'dhclient', 0],
    ['NetworkManager', 'dhclient', 1],
  ] as const;
  test.each(generators)('Generator "%s" is %s', (text, generator, findings) => {
    const parsed = good(`[System]\nGenerator = "${text}"`);
    expect(parsed.generator).toBe(generator);
    expect(parsed.findings).toHaveLength(findings);
  });

  const flags = [
    ['true', true],
    ['"T"', true],
    ['"1"', true],
    ['7', true],
    ['0', false],
    ['"f"', false],
    ['""', false],
  ] as const;
  test.each(flags)('UseDNS = %s is %p', (text, expected) => {
    const parsed = good(`[Network]\nUseDNS = ${text}`);
    expect(parsed.config.backends.dhclient.useDns).toBe(expected);
    expect(parsed.findings).toEqual([]);
  });

  test('an invalid value is left out and reported with its line', () => {
    const { findings, config } = good('[System]\nLogLevel = "loud"\n[Network]\nUseDNS = "maybe"');
    expect(findings.map(({ kind, line }) => ({ kind, line }))).toEqual([
      { kind: 'value', line: 2 },
      { kind: 'value', line: 4 },
    ]);
    expect(config.system.logLevel).toBe('info');
  });

  test('invalid TOML is a problem with a line', () => {
    const parsed = read('broken.toml');
    expect(parsed.ok).toBe(false);
    if (!parsed.ok)
      expect(parsed.problem).toMatchObject({ code: 'NETEVD_MIGRATE_INPUT', file: 'broken.toml', line: 2 });
  });

  test('invalid YAML, or YAML that is not a map, is a problem', () => {
    for (const text of ['a: [', 'just words', '- a', 'a: *b']) {
      const parsed = parseBrokerConfig(text, 'x.yaml');
      expect(parsed.ok ? text : parsed.problem.code).toBe('NETEVD_MIGRATE_INPUT');
    }
  });

  test('any text is accepted without an exception, and the result is valid for netevd', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));
    const key = fc.constantFrom('LogLevel', 'logformat', 'Links', 'EmitJSON', 'UseDNS', 'Generator', 'x');
    const table = fc.dictionary(fc.constantFrom('System', 'network', 'Other'), fc.dictionary(key, value));
    fc.assert(
      fc.property(table, (whole) => {
        const parsed = parseBrokerConfig(JSON.stringify(whole), 'x.json');
        expect(parsed.ok).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseBrokerConfig(text, 'x.toml')));
  });
});
