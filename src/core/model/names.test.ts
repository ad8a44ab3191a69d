import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  isInterfaceName,
  isKernelInterfaceName,
  keepValid,
  parseDomain,
  parseDomainList,
  parseHostName,
} from './names.ts';

describe('the name of a link', () => {
  const rows: [name: string, kernel: boolean, shown: boolean][] = [
    ['eth0', true, true],
    ['wan+1', true, true],
    ['eth0.100', true, true],
    ['br@lan', true, true],
    ['veth$(reboot)', true, true],
    ['a;b|c&d', true, true],
    ['-rf', true, true],
    ['...', true, true],
    ['網路', true, true],
    ['x'.repeat(15), true, true],
    ['x'.repeat(16), false, false],
    ['ééééééé', true, true],
    ['éééééééé', false, false],
    ['', false, false],
    ['.', false, false],
    ['..', false, false],
    ['a/b', false, false],
    ['eth0:1', false, false],
    ['a b', false, false],
    ['a\tb', false, false],
    ['a\nb', false, false],
    ['a\0b', false, false],
    ['a\x0bb', false, false],
    ['à', false, false],
    ['a\xa0b', false, false],
    ['a\x1b[2J', true, false],
    ['a\x7f', true, false],
    ['a\x01', true, false],
    ['a\u009b', true, false],
    ['a\ufffd', true, false],
    ['\\xff\\xfe', true, false],
    ['a\\xFF', true, true],
    ['a\ud800', false, false],
  ];
  for (const [name, kernel, shown] of rows) {
    test(`${JSON.stringify(name)} is ${kernel ? '' : 'not '}one, and is ${shown ? '' : 'not '}shown to hooks`, () => {
      expect([isKernelInterfaceName(name), isInterfaceName(name)]).toEqual([kernel, shown]);
    });
  }

  test('is never longer than the kernel keeps', () => {
    const utf8 = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
        if (isKernelInterfaceName(name)) expect(utf8.encode(name).length).toBeLessThanOrEqual(15);
      }),
    );
  });
});

const label63 = 'a'.repeat(63);
const long253 = `${label63}.${label63}.${label63}.${'a'.repeat(61)}`;

describe('a host name', () => {
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
    test(`${JSON.stringify(text.slice(0, 40))} is ${name === undefined ? 'none' : 'one'}`, () => {
      expect(parseHostName(text)).toBe(name);
    });
  }
});

describe('a domain', () => {
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
    test(`${JSON.stringify(text.slice(0, 40))} is ${name === undefined ? 'none' : 'one'}`, () => {
      expect(parseDomain(text)).toBe(name);
    });
  }

  test('that was parsed is a fixed point', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ0-_.x') }), (text) => {
        const name = parseDomain(text);
        if (name !== undefined) expect(parseDomain(name)).toBe(name);
      }),
    );
  });

  test('is found in a list, once, beside what is none', () => {
    expect(parseDomainList(' a.example, B.example\ta.example. $(x) ')).toEqual({
      kept: ['a.example', 'b.example'],
      rejected: 1,
    });
    expect(parseDomainList('')).toEqual({ kept: [], rejected: 0 });
  });
});

test('what is valid is kept in order', () => {
  expect(keepValid(['3', 'x', '1', '3'], (text) => (/^\d$/.test(text) ? Number(text) : undefined))).toEqual({
    kept: [3, 1],
    rejected: 1,
  });
});
