import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { parseConfig } from './load.ts';
import { salvageConfig } from './salvage.ts';

function kept(text: string) {
  const salvaged = salvageConfig(text, 'f.yaml');
  if (!salvaged.ok) throw new Error(JSON.stringify(salvaged.problems));
  return { ...salvaged, value: parse(salvaged.yaml) as unknown };
}

const codes = (text: string): readonly (readonly [string, number, string])[] =>
  kept(text).dropped.map(({ code, line, path }) => [code, line, path]);

describe('salvage', () => {
  test('a valid configuration is kept completely', () => {
    const { value, dropped, isLegacy } = kept('system: {log_level: debug}\nrouting: {policy_rules: "a b"}');
    expect(value).toEqual({ system: { log_level: 'debug' }, routing: { policy_rules: ['a', 'b'] } });
    expect(dropped).toEqual([]);
    expect(isLegacy).toBe(false);
  });

  test('the result has the new spelling', () => {
    const { value, isLegacy } = kept('system: {Generator: dhclient}\nnetwork: {Links: eth0, UseDns: true}');
    expect(isLegacy).toBe(true);
    expect(value).toEqual({
      system: { backend: 'dhclient' },
      monitoring: { interfaces: ['eth0'] },
      backends: { dhclient: { use_dns: true } },
    });
  });

  test('unknown keys are left out, and each is reported', () => {
    const text = 'system: {log_level: info}\nebpf: {drops: true}\napi:\n  adress: x\nnetwork: {lnks: a}';
    expect(codes(text)).toEqual([
      ['NETEVD_CONFIG_UNKNOWN_KEY', 2, 'ebpf'],
      ['NETEVD_CONFIG_UNKNOWN_KEY', 4, 'api.adress'],
      ['NETEVD_CONFIG_UNKNOWN_KEY', 5, 'network.lnks'],
    ]);
    expect(kept(text).value).toEqual({ system: { log_level: 'info' } });
  });

  test('invalid values are left out', () => {
    expect(codes('system: {log_level: loud}\napi: {port: 9090}')).toEqual([
      ['NETEVD_CONFIG_VALUE', 1, 'system.log_level'],
    ]);
    expect(kept('system: {log_level: loud}\napi: {port: 9090}').value).toEqual({ api: { port: 9090 } });
  });

  test('contradicting values are left out', () => {
    const { value, dropped } = kept('api: {bind_address: 0.0.0.0, port: 9090}');
    expect(dropped.map(({ code }) => code)).toEqual(['NETEVD_CONFIG_COMBINATION']);
    expect(value).toEqual({ api: { port: 9090 } });
  });

  test('an empty configuration has an empty result', () => {
    for (const text of ['', '# words', 'system:', 'network: {}']) expect(kept(text).yaml).toBe('');
  });

  test('invalid YAML is a problem', () => {
    expect(salvageConfig('a: [', 'f').ok).toBe(false);
    expect(salvageConfig('\u0000', 'f').ok).toBe(false);
  });

  test('the result of any text is a valid configuration', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
    const key = fc.constantFrom(
      'system',
      'log_level',
      'api',
      'bind_address',
      'routing',
      'tables',
      'a.b',
      'filters',
      'network',
      'links',
    );
    const tree = fc.dictionary(
      key,
      fc.oneof(leaf, fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)))),
    );
    fc.assert(
      fc.property(tree, (value) => {
        const salvaged = salvageConfig(JSON.stringify(value), 'f');
        const text = salvaged.ok ? salvaged.yaml : '';
        expect(parseConfig(text, { file: 'f', env: {} }).ok).toBe(true);
      }),
    );
  });
});
