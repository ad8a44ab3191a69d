import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseDomain, parseDomainList, parseHostName } from './domain-name.ts';

const label63 = 'a'.repeat(63);
const long253 = `${label63}.${label63}.${label63}.${'a'.repeat(61)}`;

describe('parseHostName', () => {
  const rows: [text: string, name: string | undefined][] = [
    ['lab', 'lab'],
    ['Web-01.example.com', 'Web-01.example.com'],
    ['3com', '3com'],
    ['42', '42'],
    ['host.', 'host'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    [label63, label63],
    [long253, long253],
    [`${label63}a`, undefined],
    [`${long253}a`, undefined],
    ['', undefined],
    ['.', undefined],
    ['a..b', undefined],
    ['-a', undefined],
    ['a-', undefined],
    ['a_b', undefined],
    ['a b', undefined],
    ['bücher', undefined],
    ['ab--cd', undefined],
    ['xn--', undefined],
    ['10.0.0.1', undefined],
    ['a.1', undefined],
    ['$(reboot)', undefined],
    ['`id`', undefined],
    ['() { :; }; reboot', undefined],
    ["a'b", undefined],
    ['a\nb', undefined],
    ['a\0', undefined],
    ['a\n', undefined],
  ];
  for (const [text, name] of rows) {
    test(`${JSON.stringify(text.slice(0, 40))} is ${name === undefined ? 'not a' : 'a'} host name`, () => {
      expect(parseHostName(text)).toBe(name);
    });
  }
});

describe('parseDomain', () => {
  const rows: [text: string, name: string | undefined][] = [
    ['example.com', 'example.com'],
    ['Example.COM.', 'example.com'],
    ['.', '.'],
    ['lan', 'lan'],
    ['_tcp.example', '_tcp.example'],
    ['XN--bcher-kva.example', 'xn--bcher-kva.example'],
    ['2.0.192.in-addr.arpa', '2.0.192.in-addr.arpa'],
    [`${long253}.`, long253],
    ['', undefined],
    ['..', undefined],
    ['.example', undefined],
    ['a..b', undefined],
    ['-a.b', undefined],
    ['bücher.example', undefined],
    ['10.0.0.1', undefined],
    ['~example.com', undefined],
    ['a;b', undefined],
    ['*.example', undefined],
  ];
  for (const [text, name] of rows) {
    test(`${JSON.stringify(text.slice(0, 40))} is ${name === undefined ? 'not a' : 'a'} domain`, () => {
      expect(parseDomain(text)).toBe(name);
    });
  }

  test('parsing a parsed domain again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ0-_.x') }), (text) => {
        const name = parseDomain(text);
        if (name !== undefined) expect(parseDomain(name)).toBe(name);
      }),
    );
  });

  test('a domain list yields each valid domain once and counts the invalid ones', () => {
    expect(parseDomainList(' a.example, B.example\ta.example. $(x) ')).toEqual({
      values: ['a.example', 'b.example'],
      rejected: 1,
    });
    expect(parseDomainList('')).toEqual({ values: [], rejected: 0 });
  });
});
