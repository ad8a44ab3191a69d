import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { encodeMessage, type Message, MessageKind, parseBody, parseHeader, parseSize } from './message.ts';
import { Reader, readValue } from './reader.ts';
import { type BusType, parseSignature } from './signature.ts';
import { type BusValue, booleanOf, dictionaryOf, listOf, numberOf, textOf, textsOf } from './value.ts';
import { Writer, writeValues } from './writer.ts';

function marshal(signature: string, ...values: readonly BusValue[]): Uint8Array {
  const writer = new Writer();
  writeValues(writer, signature, values);
  return writer.finish();
}

type Read = { readonly values: readonly BusValue[] } | { readonly problem: string };

function unmarshal(signature: string, bytes: Uint8Array, isLittle = true): Read {
  const header = { kind: MessageKind.signal, flags: 0, serial: 1, signature };
  const parsed = parseBody({ header, body: { bytes, from: 0, to: bytes.length, isLittle } });
  return parsed.ok ? { values: parsed.values } : { problem: parsed.problem };
}

describe('reading and writing values', () => {
  test.each<readonly [string, BusValue]>([
    ['y', 255],
    ['b', true],
    ['b', false],
    ['n', -32_768],
    ['q', 65_535],
    ['i', -2_147_483_648],
    ['u', 4_294_967_295],
    ['x', -(2n ** 63n)],
    ['t', 2n ** 64n - 1n],
    ['d', 0.1],
    ['s', ''],
    ['s', 'ä€😀'],
    ['o', '/org/freedesktop/network1/link/_31'],
    ['g', 'a{sv}(iso)'],
    ['h', 3],
    ['ay', Uint8Array.of(1, 2, 3)],
    ['ay', new Uint8Array(0)],
    ['as', ['a', 'b']],
    ['at', []],
    [
      'a(iso)',
      [
        [1, 'lo', '/a'],
        [2, 'eth0', '/b'],
      ],
    ],
    [
      'a{sv}',
      new Map<string, BusValue>([
        ['A', { signature: 's', value: 'x' }],
        ['B', { signature: 'au', value: [1] }],
      ]),
    ],
    [
      'a{oa{sa{sv}}}',
      new Map([['/a', new Map([['x.y', new Map([['P', { signature: 'b', value: true }]])]])]]),
    ],
    ['v', { signature: '(uu)', value: [100, 0] }],
    ['v', { signature: 'v', value: { signature: 'v', value: { signature: 'y', value: 1 } } }],
  ])('of type %s come back as they went', (signature, value) => {
    expect(unmarshal(signature, marshal(signature, value))).toEqual({ values: [value] });
  });

  test('values of both byte orders are read', () => {
    const big = Uint8Array.of(0, 0, 0, 5, 0x12, 0x34, 0, 0, 0, 0, 0, 1, 0x61, 0);
    expect(unmarshal('uqs', big, false)).toEqual({ values: [5, 0x1234, 'a'] });
  });

  test('reading random written values restores them', () => {
    fc.assert(
      fc.property(typed, ([signature, value]) => {
        expect(unmarshal(signature, marshal(signature, value))).toEqual({ values: [value] });
      }),
      { numRuns: 300 },
    );
  });

  test('truncated values are a problem, never an exception', () => {
    fc.assert(
      fc.property(typed, fc.nat(), ([signature, value], cut) => {
        const bytes = marshal(signature, value);
        const short = unmarshal(signature, bytes.slice(0, cut % bytes.length));
        expect('problem' in short).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('reading any bytes ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...signatures), (bytes, signature) => {
        unmarshal(signature, bytes);
        return true;
      }),
      { numRuns: 1_000 },
    );
  });
});

const signatures = ['s', 'v', 'a{sv}', 'a(yv)', 'aas', 'ao', 'g', 'a{oa{sa{sv}}}', 'vvv', 'a(iso)'] as const;

/** A random type with a random value of it. */
const typed: fc.Arbitrary<readonly [string, BusValue]> = fc.letrec<{ value: readonly [string, BusValue] }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.tuple(fc.constant('y'), fc.integer({ min: 0, max: 255 })),
      fc.tuple(fc.constant('u'), fc.integer({ min: 0, max: 0xffff_ffff })),
      fc.tuple(fc.constant('t'), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
      fc.tuple(fc.constant('b'), fc.boolean()),
      fc.tuple(
        fc.constant('s'),
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      ),
      fc.tuple(fc.constant('ay'), fc.uint8Array()),
      tie('value').map(([signature, value]) => ['v', { signature, value }] as const),
      tie('value').map(([signature, value]) => [`(${signature}s)`, [value, 'x']] as const),
      tie('value').map(([signature, value]) =>
        signature === 'y' ? (['as', ['y']] as const) : ([`a${signature}`, [value, value]] as const),
      ),
      tie('value').map(([signature, value]) => [`a{s${signature}}`, new Map([['k', value]])] as const),
    ),
  }),
).value;

describe('invalid values', () => {
  const nested = (depth: number): Uint8Array => {
    const writer = new Writer();
    for (let i = 0; i < depth; i++) writer.signature('v');
    writer.signature('y');
    writer.uint8(1);
    return writer.finish();
  };

  test.each<readonly [string, string, Uint8Array]>([
    ['a boolean of 2', 'b', Uint8Array.of(2, 0, 0, 0)],
    ['a string without NUL', 's', Uint8Array.of(1, 0, 0, 0, 0x61, 0x61)],
    ['a string with NUL in it', 's', Uint8Array.of(2, 0, 0, 0, 0x61, 0, 0)],
    ['a string that is not UTF-8', 's', Uint8Array.of(1, 0, 0, 0, 0xff, 0)],
    ['half a surrogate pair', 's', Uint8Array.of(3, 0, 0, 0, 0xed, 0xa0, 0x80, 0)],
    ['a string of 4 GiB', 's', Uint8Array.of(255, 255, 255, 255, 0)],
    ['a path that is none', 'o', marshal('s', 'a/b')],
    ['a path with a slash at its end', 'o', marshal('s', '/a/')],
    ['a signature that is none', 'g', Uint8Array.of(1, 0x7a, 0)],
    ['a variant without a type', 'v', Uint8Array.of(0, 0)],
    ['a variant of two types', 'v', Uint8Array.of(2, 0x79, 0x79, 0, 1, 1)],
    ['variants 70 deep', 'v', nested(70)],
    ['an array longer than 64 MiB', 'ay', Uint8Array.of(1, 0, 0, 4)],
    ['an array that ends within an element', 'au', Uint8Array.of(6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0)],
    ['bytes that are left over', 'y', Uint8Array.of(1, 2)],
  ])('an invalid value is a problem: %s', (_what, signature, bytes) => {
    expect(unmarshal(signature, bytes)).toHaveProperty('problem');
  });

  test('variants nested 60 deep are read', () => {
    expect(unmarshal('v', nested(60))).toHaveProperty('values');
  });
});

describe('parseSignature', () => {
  test.each([
    ['', 0],
    ['s', 1],
    ['a{sv}as', 2],
    ['(i(ss)o)', 1],
    ['aaaay', 1],
    [`${'a'.repeat(32)}y`, 1],
    [`${'('.repeat(32)}y${')'.repeat(32)}`, 1],
    ['y'.repeat(255), 255],
  ])('the signature %s is valid', (text, count) => {
    expect(parseSignature(text)?.length).toBe(count);
  });

  test.each([
    'a',
    '(',
    ')',
    '()',
    '(s',
    '{sv}',
    'a{s}',
    'a{vs}',
    'a{sss}',
    'a{sv',
    'z',
    'é',
    `${'a'.repeat(33)}y`,
    `${'('.repeat(33)}y${')'.repeat(33)}`,
    'y'.repeat(256),
  ])('the signature %s is invalid', (text) => {
    expect(parseSignature(text)).toBeUndefined();
  });
});

describe('writing a value that does not match its signature', () => {
  test.each<readonly [string, readonly BusValue[]]>([
    ['s', [1]],
    ['u', ['1']],
    ['ss', ['a']],
    ['o', ['no path']],
    ['s', ['a\0b']],
    ['v', ['bare']],
    ['(ss)', [['a']]],
    ['a{sv}', [[]]],
    ['z', ['']],
  ])('writing throws for signature %s', (signature, values) => {
    expect(() => marshal(signature, ...values)).toThrow(TypeError);
  });
});

test('accessors unwrap variants and return undefined for other types', () => {
  const variant = (signature: string, value: BusValue): BusValue => ({
    signature,
    value: { signature, value },
  });
  expect(textOf(variant('s', 'x'))).toBe('x');
  expect(numberOf(variant('t', 5n))).toBe(5);
  expect(numberOf(variant('t', 2n ** 60n))).toBeUndefined();
  expect(booleanOf(variant('b', false))).toBe(false);
  expect(listOf(variant('as', ['a']))).toEqual(['a']);
  expect(textsOf(variant('as', ['a', 3]))).toEqual(['a']);
  expect(dictionaryOf(variant('a{sv}', new Map()))).toEqual(new Map());
  for (const read of [textOf, numberOf, booleanOf, listOf, dictionaryOf, textsOf]) {
    expect(read(undefined)).toBeUndefined();
    expect(read(Uint8Array.of(1))).toBeUndefined();
  }
});

describe('reading and writing messages', () => {
  const sample = {
    kind: MessageKind.signal,
    flags: 1,
    serial: 7,
    path: '/a/b',
    interface: 'a.b',
    member: 'C',
    destination: ':1.5',
    body: { signature: 'su', values: ['x', 3] },
  } as const;

  function parse(bytes: Uint8Array): Message | string {
    const size = parseSize(bytes, 0);
    if (!size.ok) return size.problem;
    const parsed = parseHeader(bytes, 0, size);
    if (!parsed.ok) return parsed.problem;
    const body = { bytes, from: size.header, to: size.header + size.body, isLittle: parsed.isLittle };
    return { header: parsed.header, body };
  }

  test('reading a written message restores it', () => {
    const message = parse(encodeMessage(sample));
    if (typeof message === 'string') throw new Error(message);
    const { body: _body, ...header } = sample;
    expect(message.header).toEqual({ ...header, signature: 'su' });
    expect(parseBody(message)).toEqual({ ok: true, values: ['x', 3] });
  });

  test('a message with a changed byte is read or refused and never throws', () => {
    const bytes = encodeMessage(sample);
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = value;
        const message = parse(changed);
        if (typeof message !== 'string' && (message.body?.to ?? 0) <= changed.length) parseBody(message);
      }
    }
  });

  const withHeader = (change: (writer: Writer) => void, kind = 4): Uint8Array => {
    const writer = new Writer();
    for (const byte of [0x6c, kind, 0, 1]) writer.uint8(byte);
    writer.uint32(0);
    writer.uint32(1);
    writer.uint32(0);
    change(writer);
    writer.patch(12, writer.size - 16);
    writer.align(8);
    return writer.finish();
  };
  const field = (writer: Writer, code: number, signature: string, value: BusValue): void => {
    writer.align(8);
    writer.uint8(code);
    writer.signature(signature);
    writeValues(writer, signature, [value]);
  };

  test.each<readonly [string, Uint8Array, RegExp]>([
    ['no byte order', Uint8Array.from({ length: 16 }, () => 0x78), /byte order/],
    ['another version', encodeMessage(sample).with(3, 2), /version/],
    ['no type', encodeMessage(sample).with(1, 0), /type/],
    ['no serial', encodeMessage(sample).with(8, 0), /serial/],
    ['a body of 4 GiB', encodeMessage(sample).with(7, 255), /longer/],
    ['fields of 2 GiB', encodeMessage(sample).with(15, 128), /longer/],
    ['no member', withHeader((w) => field(w, 1, 'o', '/a'), 1), /lacks its member/],
    ['a path that is text', withHeader((w) => field(w, 1, 's', '/a')), /path/],
    ['a member with a dot', withHeader((w) => field(w, 3, 's', 'a.b')), /member/],
    ['a sender that is none', withHeader((w) => field(w, 7, 's', 'nobody')), /sender/],
    ['an answer to nothing', withHeader((w) => field(w, 5, 'u', 0), 2), /serial of a reply/],
    ['an answer without a serial', withHeader(() => {}, 2), /replySerial/],
    ['an error without a name', withHeader((w) => field(w, 5, 'u', 1), 3), /errorName/],
  ])('with %s are none', (_what, bytes, problem) => {
    expect(parse(bytes)).toMatch(problem);
  });

  test('a message with unknown fields and types is read', () => {
    const bytes = withHeader((w) => {
      field(w, 200, 'a{sv}', new Map());
      field(w, 7, 's', ':1.1');
    }, 9);
    expect(parse(bytes)).toMatchObject({ header: { kind: 9, sender: ':1.1' } });
  });
});

test('reading after a failure ends', () => {
  const reader = new Reader(new Uint8Array(4), { origin: 0, from: 0, to: 4 }, true);
  const type: BusType = { code: 's', inner: [] };
  readValue(reader, type, 1);
  expect(reader.problem).toBeDefined();
  expect(readValue(reader, type, 1)).toBe('');
});
