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

describe('what netevd takes of a configuration', () => {
  test('is all of it where nothing is wrong', () => {
    const { value, dropped, isLegacy } = kept('system: {log_level: debug}\nrouting: {policy_rules: "a b"}');
    expect(value).toEqual({ system: { log_level: 'debug' }, routing: { policy_rules: ['a', 'b'] } });
    expect(dropped).toEqual([]);
    expect(isLegacy).toBe(false);
  });

  test('comes in the new spelling', () => {
    const { value, isLegacy } = kept('system: {Generator: dhclient}\nnetwork: {Links: eth0, UseDns: true}');
    expect(isLegacy).toBe(true);
    expect(value).toEqual({
      system: { backend: 'dhclient' },
      monitoring: { interfaces: ['eth0'] },
      backends: { dhclient: { use_dns: true } },
    });
  });

  test('is without unknown keys, each of which is told', () => {
    const text = 'system: {log_level: info}\nebpf: {drops: true}\napi:\n  adress: x\nnetwork: {lnks: a}';
    expect(codes(text)).toEqual([
      ['NETEVD_CONFIG_UNKNOWN_KEY', 2, 'ebpf'],
      ['NETEVD_CONFIG_UNKNOWN_KEY', 4, 'api.adress'],
      ['NETEVD_CONFIG_UNKNOWN_KEY', 5, 'network.lnks'],
    ]);
    expect(kept(text).value).toEqual({ system: { log_level: 'info' } });
  });

  test('is without values that it does not take', () => {
    expect(codes('system: {log_level: loud}\napi: {port: 9090}')).toEqual([
      ['NETEVD_CONFIG_VALUE', 1, 'system.log_level'],
    ]);
    expect(kept('system: {log_level: loud}\napi: {port: 9090}').value).toEqual({ api: { port: 9090 } });
  });

  test('is without values that contradict others', () => {
    const { value, dropped } = kept('api: {bind_address: 0.0.0.0, port: 9090}');
    expect(dropped.map(({ code }) => code)).toEqual(['NETEVD_CONFIG_COMBINATION']);
    expect(value).toEqual({ api: { port: 9090 } });
  });

  test('is nothing where there is nothing', () => {
    for (const text of ['', '# words', 'system:', 'network: {}']) expect(kept(text).yaml).toBe('');
  });

  test('cannot be told of what is not YAML', () => {
    expect(salvageConfig('a: [', 'f').ok).toBe(false);
    expect(salvageConfig('\u0000', 'f').ok).toBe(false);
  });

  test('is always taken, whatever it is of', () => {
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
