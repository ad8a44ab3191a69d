import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { processorMillis } from '../../testing/processor-time.ts';
import { isGlob, matchAny, parseGlob } from './glob.ts';

const matches = (pattern: string, name: string): boolean => {
  const parsed = parseGlob(pattern);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.glob.matches(name);
};

describe('parseGlob', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['eth0', 'eth0', true],
    ['eth0', 'eth01', false],
    ['eth0', 'ETH0', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['eth*', 'eth', true],
    ['eth*', 'eth0', true],
    ['eth*', 'xeth0', false],
    ['*.100', 'eth0.100', true],
    ['*.100', 'eth0.1001', false],
    ['br-*', 'br-3f2a', true],
    ['br-*', 'br0', false],
    ['e*h*0', 'eth0', true],
    ['e*h*0', 'enp0h10', true],
    ['e*h*0', 'enp0h1', false],
    ['**', 'a', true],
    ['eth?', 'eth0', true],
    ['eth?', 'eth', false],
    ['eth?', 'eth10', false],
    ['eth?', 'eth\u{1f600}', true],
    ['?', '', false],
    ['eth[0-3]', 'eth2', true],
    ['eth[0-3]', 'eth4', false],
    ['eth[!0-3]', 'eth4', true],
    ['eth[!0-3]', 'eth0', false],
    ['eth[^0]', 'eth1', true],
    ['eth[]]', 'eth]', true],
    ['eth[!]]', 'eth0', true],
    ['eth[!]]', 'eth]', false],
    ['eth[-a]', 'eth-', true],
    ['eth[a-]', 'eth-', true],
    ['eth[*]', 'eth*', true],
    ['eth[*]', 'eth0', false],
    ['[a-z]*[0-9]', 'wlan0', true],
    ['[a-z]*[0-9]', 'wlan', false],
    ['wg.0', 'wgx0', false],
    ['a+b', 'aab', false],
    ['a\\*', 'a\\x', true],
  ];
  test.each(rows)('glob %p on name %p matches: %p', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  const invalid: readonly (readonly [string, string, number])[] = [
    ['eth[', '"[" is never closed by "]"', 3],
    ['eth[]', '"[" is never closed by "]"', 3],
    ['eth[!]', '"[" is never closed by "]"', 3],
    ['a[0-1]b[9-0]', 'the range "9-0" is empty', 7],
    ['\u{1f600}[', '"[" is never closed by "]"', 2],
  ];
  test.each(invalid)('parseGlob rejects %p: %s', (pattern, problem, offset) => {
    expect(parseGlob(pattern)).toEqual({ ok: false, problem, offset });
  });

  test('a glob matches the same names as the equivalent regular expression', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]', '.', '-');
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '-'), maxLength: 15 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), name, (pieces, text) => {
        const source = pieces.map((part) => {
          if (part === '*') return '.*';
          if (part === '?') return '.';
          if (part === '[!a]') return '[^a]';
          return part === '.' || part === '-' ? `\\${part}` : part;
        });
        expect(matches(pieces.join(''), text)).toBe(new RegExp(`^(?:${source.join('')})$`).test(text));
      }),
    );
  });

  test('parseGlob never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, name) => {
        const parsed = parseGlob(pattern);
        if (parsed.ok) expect(typeof parsed.glob.matches(name)).toBe('boolean');
        else expect(parsed.offset).toBeLessThan(pattern.length);
      }),
    );
  });

  test('many stars do not take exponential time on a name that almost matches', () => {
    const pattern = `${'*a'.repeat(40)}b`;
    const start = processorMillis();
    expect(matches(pattern, 'a'.repeat(400))).toBe(false);
    // An attempt at every way to share the name among the stars would not end at all.
    expect(processorMillis() - start).toBeLessThan(2000);
  });

  test('isGlob distinguishes a glob from a plain name', () => {
    expect(['eth0', 'eth*', 'eth?', 'eth[0]', 'br-lan'].map(isGlob)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('matchAny', () => {
  test('a list of patterns matches what any of them matches, an empty list matches no name', () => {
    const isMatch = matchAny(['eth0', 'wl*']);
    expect(['eth0', 'wlan0', 'eth1'].map(isMatch)).toEqual([true, true, false]);
    expect(matchAny([])('eth0')).toBe(false);
  });

  test('matchAny throws on an invalid pattern', () => {
    expect(() => matchAny(['eth['])).toThrow('was not validated');
  });
});
