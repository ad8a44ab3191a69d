import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../load.ts';
import { rewriteLegacy } from './rewrite.ts';

const rewritten = (text: string): string => {
  const result = rewriteLegacy(text, 'f');
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.yaml;
};

describe('rewriteLegacy', () => {
  test('uses the present keys, and lists instead of space-separated strings', () => {
    const old =
      'system:\n  generator: dhclient\nnetwork:\n  links: "eth0 wl*"\n  emit_json: false\n  use_dns: true\n';
    expect(rewritten(old)).toBe(
      [
        'system:',
        '  backend: dhclient',
        'monitoring:',
        '  interfaces:',
        '    - eth0',
        '    - wl*',
        'backends:',
        '  systemd_networkd:',
        '    emit_json: false',
        '  dhclient:',
        '    use_dns: true',
        '',
      ].join('\n'),
    );
  });

  test('keeps present keys', () => {
    expect(rewritten('hooks: {timeout_sec: 5}\nnetwork: {links: eth0}\n')).toBe(
      'hooks:\n  timeout_sec: 5\nmonitoring:\n  interfaces:\n    - eth0\n',
    );
  });

  test('keeps the meaning of every configuration of the document', () => {
    const document = readFileSync(join(import.meta.dir, '../../../test/fixtures/seeds/S0.md'), 'utf8');
    for (const [, block = ''] of document.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)) {
      const before = parseConfig(block, { file: 'f', env: {} });
      const after = parseConfig(rewritten(block), { file: 'f', env: {} });
      expect(before.ok && after.ok).toBe(true);
      expect(after.warnings).toEqual([]);
      expect(after.ok && after.config).toEqual((before.ok && before.config) as never);
    }
  });

  test('reports whether any key was moved', () => {
    const result = rewriteLegacy('hooks: {timeout_sec: 5}', 'f');
    expect(result.ok && result.changed).toBe(false);
    expect(rewritten('')).toBe('');
    const old = rewriteLegacy('network: {links: a}', 'f');
    expect(old.ok && old.changed).toBe(true);
  });

  const bad: readonly (readonly [string, string])[] = [
    ['a: [', 'found an opening [, expected its closing ]'],
    ['a: 1\na: 2', 'found the key again, expected each key once (first on line 1)'],
    [
      'network: {linkz: a}',
      'unknown key, expected one of links, routing_policy_rules, emit_json, use_dns, use_domain, use_hostname',
    ],
    ['\u0000', 'found the character U+0000, expected printable text'],
  ];
  test.each(bad)('refuses %p', (text, message) => {
    const result = rewriteLegacy(text, 'f');
    expect(result.ok ? '' : result.problems[0]?.message).toBe(message);
  });
});
