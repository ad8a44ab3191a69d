import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type ConditionContext, evaluate } from './condition.ts';
import { type ConditionProblemCode, parseCondition } from './condition-parser.ts';

const context: ConditionContext = {
  hasGateway: true,
  dnsCount: 2,
  addressCount: 3,
  mtu: 1500,
  interface: 'eth0',
  state: 'routable',
};

function evaluates(text: string, subject: ConditionContext = context): boolean {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return evaluate(parsed.condition, subject);
}

describe('evaluate', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['has_gateway', true],
    ['!has_gateway', false],
    ['!!has_gateway', true],
    ['has_gateway == true', true],
    ['has_gateway != true', false],
    ['true', true],
    ['false || has_gateway', true],
    ['dns_count == 2', true],
    ['dns_count != 2', false],
    ['dns_count >= 2', true],
    ['dns_count <= 1', false],
    ['dns_count > 2', false],
    ['dns_count < 3', true],
    ['dns_count<address_count', true],
    ['1500 <= mtu', true],
    ['address_count == 3', true],
    ['interface == "eth0"', true],
    ["interface == 'eth0'", true],
    ['interface != "eth1"', true],
    ['interface == "eth*"', false],
    ['"routable" == state', true],
    ['interface == state', false],
    ['has_gateway && dns_count > 0', true],
    ['has_gateway && dns_count > 5', false],
    ['dns_count > 5 || mtu == 1500', true],
    ['dns_count > 5 && mtu == 1500 || has_gateway', true],
    ['has_gateway || dns_count > 5 && mtu == 1', true],
    ['(has_gateway || dns_count > 5) && mtu == 1', false],
    ['!(dns_count > 5) && !(mtu < 1280)', true],
    ['  has_gateway\n  &&\n\tmtu > 1 ', true],
  ];
  test.each(rows)('the condition %p evaluates to %p', (text, expected) => {
    expect(evaluates(text)).toBe(expected);
  });

  test('a quoted name may contain the other kind of quote', () => {
    expect(evaluates(`interface == "it's"`, { ...context, interface: "it's" })).toBe(true);
  });
});

describe('parseCondition on invalid input', () => {
  const rows: readonly (readonly [
    text: string,
    code: ConditionProblemCode,
    line: number,
    column: number,
    found: string,
  ])[] = [
    ['', 'field', 1, 1, ''],
    ['dns_count >= x', 'value', 1, 14, 'x'],
    ['dns_count >= ', 'value', 1, 14, ''],
    ['dns_count >= "2"', 'value', 1, 14, '"2"'],
    ['dns_count >= true', 'value', 1, 14, 'true'],
    ['dns_count >= 2.5', 'token', 1, 14, '2.5'],
    ['dns_count >= -1', 'token', 1, 14, '-1'],
    ['dns_count >= 2ms', 'token', 1, 14, '2ms'],
    ['dns_count', 'comparison', 1, 10, ''],
    ['dns_count && mtu > 1', 'comparison', 1, 11, '&&'],
    ['dns_count = 2', 'token', 1, 11, '='],
    ['dns_count == 2 & mtu > 1', 'token', 1, 16, '&'],
    ['has_gateway | mtu > 1', 'token', 1, 13, '|'],
    ['has_gateway and mtu > 1', 'end', 1, 13, 'and'],
    ['has_gateway mtu', 'end', 1, 13, 'mtu'],
    ['(has_gateway or mtu > 1)', 'parenthesis', 1, 14, 'or'],
    ['(has_gateway', 'parenthesis', 1, 13, ''],
    ['has_gateway)', 'end', 1, 12, ')'],
    ['has_gateway > 1', 'equality', 1, 13, '>'],
    ['interface >= "eth0"', 'equality', 1, 11, '>='],
    ['interface == eth0', 'value', 1, 14, 'eth0'],
    ['interface == 5', 'value', 1, 14, '5'],
    ['interface == "eth0', 'token', 1, 14, '"eth0'],
    ["state == 'up", 'token', 1, 10, "'up"],
    ['has_gateway == 1', 'value', 1, 16, '1'],
    ['1 < mtu < 9000', 'connector', 1, 9, '<'],
    ['has_gatway', 'field', 1, 1, 'has_gatway'],
    ['mtu > 1 &&\n  dns_cnt > 1', 'field', 2, 3, 'dns_cnt'],
    ['mtu > 1 &&', 'field', 1, 11, ''],
    ['!', 'field', 1, 2, ''],
    ['mtu > 1; rm -rf /', 'token', 1, 8, ';'],
    ['$mtu > 1', 'token', 1, 1, '$mtu'],
  ];
  test.each(rows)('parseCondition rejects %p with code %s', (text, code, line, column, found) => {
    const parsed = parseCondition(text);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.problem).toMatchObject({ code, line, column, found });
  });

  const suggestions: readonly (readonly [string, string])[] = [
    ['has_gatway', 'has_gateway'],
    ['dnscount > 1', 'dns_count'],
    ['interface == eth0', '"eth0"'],
    ['has_gateway and true', '&&'],
    ['(has_gateway or true)', '||'],
  ];
  test.each(suggestions)('the problem of %p suggests %p', (text, suggestion) => {
    const parsed = parseCondition(text);
    expect(parsed.ok ? undefined : parsed.problem.suggestion).toBe(suggestion);
  });

  test('parseCondition limits depth and length', () => {
    const deep = parseCondition(`${'('.repeat(200)}true${')'.repeat(200)}`);
    expect(deep.ok ? '' : deep.problem.code).toBe('depth');
    const nots = parseCondition(`${'!'.repeat(900)}true`);
    expect(nots.ok ? '' : nots.problem.code).toBe('depth');
    const long = parseCondition(`true${' || true'.repeat(500)}`);
    expect(long.ok ? [] : [long.problem.code, long.problem.column]).toEqual(['length', 1001]);
  });

  test('parseCondition never throws, and the offset of a problem is within the text or at its end', () => {
    const words = fc.constantFrom(
      'has_gateway',
      'mtu',
      '==',
      '>',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '5',
      '"a"',
      ' ',
      'x',
      '\n',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 20 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (source) => {
        const parsed = parseCondition(source);
        if (parsed.ok) expect(typeof evaluate(parsed.condition, context)).toBe('boolean');
        else expect(parsed.problem.offset).toBeLessThanOrEqual(source.length);
      }),
    );
  });
});
