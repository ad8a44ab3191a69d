import { describe, expect, test } from 'bun:test';
import { bound, mark, one, parseBound, required, text, whole, word, yesNo } from './parameters.ts';
import { parseQuery } from './query.ts';

const parameters = { limit: whole(1, 1000), interface: text, kind: word('event', 'repair'), failed: yesNo };
const values = (query: string, known: Parameters<typeof parseQuery>[1] = parameters): unknown => {
  const parsed = parseQuery(query, known);
  return parsed.ok ? { ...parsed.values } : parsed.problem.code;
};

describe('a query', () => {
  test.each([
    ['', {}],
    ['limit=10', { limit: 10 }],
    ['&limit=10&', { limit: 10 }],
    ['interface=a%2Fb', { interface: 'a/b' }],
    ['interface=a+b', { interface: 'a b' }],
    ['interface=a%26limit%3D1', { interface: 'a&limit=1' }],
    ['interface=a=b', { interface: 'a=b' }],
    ['kind=repair&failed=false', { kind: 'repair', failed: false }],
  ])('%p has these values', (query, expected) => {
    expect(values(query)).toEqual(expected);
  });

  test.each([
    'limit=0',
    'limit=1001',
    'limit=01',
    'limit=1e2',
    'limit=',
    'limit',
    'limit=1&limit=1',
    'interface=',
    `interface=${'x'.repeat(257)}`,
    'interface=%ff',
    'interface=%',
    'kind=Event',
    'failed=1',
    'limits=1',
    '__proto__=1',
    'toString=1',
    '=1',
  ])('%p is refused', (query) => {
    expect(values(query)).toBe('NETEVD_API_QUERY');
  });

  test('that misspells a key is told the nearest', () => {
    const parsed = parseQuery('limt=1', parameters);
    expect(parsed).toMatchObject({ ok: false, problem: { details: { key: 'limt' } } });
    expect(!parsed.ok && parsed.problem.message).toContain("'limit'");
  });

  test('that lacks a required key is refused', () => {
    const known = { src: required(text), mark };
    expect(values('src=1.2.3.4&mark=0xff', known)).toEqual({ src: '1.2.3.4', mark: 255 });
    expect(values('mark=1', known)).toBe('NETEVD_API_QUERY');
    expect(values('src=a&mark=0x1ffffffff', known)).toBe('NETEVD_API_QUERY');
  });

  test('has switches that are on where they are there', () => {
    expect(values('full=1', { full: one })).toEqual({ full: 1 });
    expect(values('full=0', { full: one })).toBe('NETEVD_API_QUERY');
  });
});

describe('a bound', () => {
  const epoch = '01930000-0000-7000-8000-000000000001';
  test.each([
    [`${epoch}.7`, { kind: 'position', epoch, seq: 7 }],
    ['0', { kind: 'seq', seq: 0 }],
    ['48216', { kind: 'seq', seq: 48_216 }],
    ['10m', { kind: 'age', ms: 600_000 }],
    ['7d', { kind: 'age', ms: 604_800_000 }],
    ['2026-11-28T02:51:07.123Z', { kind: 'time', at: Date.parse('2026-11-28T02:51:07.123Z') }],
    ['2026-11-28T02:51:07+01:00', { kind: 'time', at: Date.parse('2026-11-28T01:51:07Z') }],
    ['2026-11-28 02:51Z', { kind: 'time', at: Date.parse('2026-11-28T02:51:00Z') }],
  ] as const)('%p is read', (value, expected) => {
    expect(parseBound(value)).toEqual(expected);
    expect(bound.parse(value)).toBe(value);
  });

  test.each(['', '-1', '1.5', '10x', '2026-11-28', '2026-13-28T00:00:00Z', `${epoch}/7`, '999999999w'])(
    '%p is none',
    (value) => {
      expect(parseBound(value)).toBeUndefined();
    },
  );
});
