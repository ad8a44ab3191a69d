import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseBusAddresses } from './address.ts';
import { Handshake } from './handshake.ts';
import { encodeMatchRule, isWithin } from './match-rule.ts';
import { decodeLabel, encodeLabel, isObjectPath, isUniqueName, isWellKnownName } from './names.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

describe('encodeLabel and decodeLabel', () => {
  test.each([
    ['_31', '1'],
    ['_31001', '1001'],
    ['eth0', 'eth0'],
    ['a_2db', 'a-b'],
    ['_5fx', '_x'],
    ['_', ''],
  ])('the label %s decodes to %s', (label, text) => {
    expect(decodeLabel(label)).toBe(text);
    expect(encodeLabel(text)).toBe(label);
  });

  test.each(['1', '_3', '_3G', '_3A', '_31_32', '_61', 'a-b', 'a/b', '', '_2F'])(
    '%p is not a label',
    (label) => {
      expect(decodeLabel(label)).toBeUndefined();
    },
  );

  test('decoding an encoded label restores the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => decodeLabel(encodeLabel(text)) === text),
    );
  });
});

test.each([
  ['/', true],
  ['/a/B_9', true],
  ['', false],
  ['a', false],
  ['/a/', false],
  ['//', false],
  ['/a-b', false],
])('path %p is valid: %p', (text, is) => {
  expect(isObjectPath(text)).toBe(is);
});

test('a name is unique or well-known but not both', () => {
  expect([isUniqueName(':1.42'), isWellKnownName(':1.42')]).toEqual([true, false]);
  expect([isUniqueName('org.a-b.C1'), isWellKnownName('org.a-b.C1')]).toEqual([false, true]);
  for (const none of [
    '',
    'org',
    'org..a',
    '.org.a',
    'org.1a',
    ':1',
    ':1..2',
    'a b.c',
    `a.${'b'.repeat(255)}`,
  ]) {
    expect([isUniqueName(none), isWellKnownName(none)]).toEqual([false, false]);
  }
});

describe('parseBusAddresses', () => {
  test.each([
    ['unix:path=/run/dbus/system_bus_socket', [{ kind: 'path', path: '/run/dbus/system_bus_socket' }]],
    [
      'unix:path=/a%20b,guid=00ff;unix:abstract=x',
      [
        { kind: 'path', path: '/a b' },
        { kind: 'abstract', name: 'x' },
      ],
    ],
    ['tcp:host=x,port=1;unix:path=/a', [{ kind: 'path', path: '/a' }]],
    ['unix:guid=1,path=/a', [{ kind: 'path', path: '/a' }]],
    ['unix:path=relative', []],
    [`unix:path=/${'a'.repeat(107)}`, []],
    ['unix:path=/a%zz', []],
    ['unix:path=/a%00b', []],
    ['unix:tmpdir=/tmp', []],
    ['', []],
    ['nonsense', []],
  ])('the address list %s is parsed', (text, addresses) => {
    expect([...parseBusAddresses(text)] as unknown).toEqual(addresses);
  });
});

test('a match rule quotes its values', () => {
  const rule = { sender: 'a.b', interface: 'i.f', member: 'M', pathNamespace: '/a', arg0: "it's" };
  expect(encodeMatchRule(rule)).toBe(
    "type='signal',sender='a.b',interface='i.f',member='M',path_namespace='/a',arg0='it'\\''s'",
  );
});

test.each([
  ['/a', '/a', true],
  ['/a/b', '/a', true],
  ['/ab', '/a', false],
  ['/x', '/', true],
])('path %s is within %s: %p', (path, namespace, is) => {
  expect(isWithin(path, namespace)).toBe(is);
});

describe('Handshake', () => {
  const bytes = (text: string): Uint8Array => encodeUtf8(text);

  test('the handshake sends the user id as hex digits of decimal digits', () => {
    expect(new Handshake().open(65_534)).toEqual(bytes('\0AUTH EXTERNAL 3635353334\r\nBEGIN\r\n'));
  });

  test('the handshake ends with OK in any number of pieces', () => {
    const line = bytes(`OK ${'0'.repeat(32)}\r\nrest`);
    for (let cut = 0; cut < 36; cut++) {
      const handshake = new Handshake();
      expect(handshake.push(line.subarray(0, cut)).kind).toBe('more');
      const step = handshake.push(line.subarray(cut));
      expect(step.kind === 'accepted' ? [...step.rest] : step).toEqual([...bytes('rest')]);
    }
  });

  test.each([
    'REJECTED EXTERNAL\r\n',
    'ERROR\r\n',
    'OK\r\n',
    'HTTP/1.1 400 Bad Request\r\n',
    'x'.repeat(16_385),
  ])('fails at %p', (line) => {
    expect(new Handshake().push(bytes(line)).kind).toBe('failed');
  });
});

test('UTF-8 is encoded and decoded like by the platform', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const judge = (input: Uint8Array): string | undefined => {
    try {
      const text = decoder.decode(input);
      return text.includes('\0') ? undefined : text;
    } catch {
      return undefined;
    }
  };
  const near = fc
    .uint8Array({ maxLength: 6 })
    .map((raw) => raw.map((byte) => (byte % 3 === 0 ? byte : byte | 0x80)));
  fc.assert(
    fc.property(
      fc.oneof(
        near,
        fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
      ),
      (input) => {
        expect(decodeUtf8(input, 0, input.length)).toBe(judge(input) as string);
      },
    ),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
  expect(encodeUtf8('\ud800')).toEqual(new TextEncoder().encode('\ufffd'));
  const long = `${'a'.repeat(20_000)}ü${'b'.repeat(9_000)}`;
  expect(decodeUtf8(encodeUtf8(long), 0, 29_002)).toBe(long);
});
