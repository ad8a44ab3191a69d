import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type ConditionContext, evaluate } from './condition.ts';
import { parseCondition } from './condition-parser.ts';

const context: ConditionContext = {
  hasGateway: true,
  dnsCount: 2,
  addressCount: 3,
  mtu: 1500,
  interface: 'eth0',
  state: 'routable',
};

function holds(text: string, subject: ConditionContext = context): boolean {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return evaluate(parsed.condition, subject);
}

describe('a condition', () => {
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
  test.each(rows)('%p: %p', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('that mentions the name of an interface with a quote of the other kind', () => {
    expect(holds(`interface == "it's"`, { ...context, interface: "it's" })).toBe(true);
  });
});

describe('a mistake in a condition', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['', '1:1: expected a field (has_gateway, dns_count, address_count, mtu, interface, state)', ''],
    ['dns_count >= x', '1:14: expected a number after ">="', 'x'],
    ['dns_count >= ', '1:14: expected a number after ">="', ''],
    ['dns_count >= "2"', '1:14: expected a number after ">="', '"2"'],
    ['dns_count >= true', '1:14: expected a number after ">="', 'true'],
    ['dns_count >= 2.5', '1:14: expected a whole number', '2.5'],
    ['dns_count >= -1', '1:14: expected a whole number', '-1'],
    ['dns_count >= 2ms', '1:14: expected a whole number', '2ms'],
    ['dns_count', '1:10: expected a comparison after "dns_count"', ''],
    ['dns_count && mtu > 1', '1:11: expected a comparison after "dns_count"', '&&'],
    ['dns_count = 2', '1:11: expected "==" to compare', '='],
    ['dns_count == 2 & mtu > 1', '1:16: expected "&&"', '&'],
    ['has_gateway | mtu > 1', '1:13: expected "||"', '|'],
    ['has_gateway and mtu > 1', '1:13: expected the end, "&&" or "||"', 'and'],
    ['has_gateway mtu', '1:13: expected the end, "&&" or "||"', 'mtu'],
    ['(has_gateway or mtu > 1)', '1:14: expected ")", "&&" or "||"', 'or'],
    ['(has_gateway', '1:13: expected ")", "&&" or "||"', ''],
    ['has_gateway)', '1:12: expected the end, "&&" or "||"', ')'],
    ['has_gateway > 1', '1:13: expected "==" or "!=" after "has_gateway"', '>'],
    ['interface >= "eth0"', '1:11: expected "==" or "!=" after "interface"', '>='],
    ['interface == eth0', '1:14: expected a name in quotes after "=="', 'eth0'],
    ['interface == 5', '1:14: expected a name in quotes after "=="', '5'],
    ['interface == "eth0', '1:14: expected a closing "', '"eth0'],
    ["state == 'up", "1:10: expected a closing '", "'up"],
    ['has_gateway == 1', '1:16: expected true or false after "=="', '1'],
    ['1 < mtu < 9000', '1:9: expected "&&" or "||" between two comparisons', '<'],
    [
      'has_gatway',
      '1:1: expected a field (has_gateway, dns_count, address_count, mtu, interface, state)',
      'has_gatway',
    ],
    [
      'mtu > 1 &&\n  dns_cnt > 1',
      '2:3: expected a field (has_gateway, dns_count, address_count, mtu, interface, state)',
      'dns_cnt',
    ],
    [
      'mtu > 1 &&',
      '1:11: expected a field (has_gateway, dns_count, address_count, mtu, interface, state)',
      '',
    ],
    ['!', '1:2: expected a field (has_gateway, dns_count, address_count, mtu, interface, state)', ''],
    ['mtu > 1; rm -rf /', '1:8: expected a field, a comparison, "&&", "||", "!" or a parenthesis', ';'],
    ['$mtu > 1', '1:1: expected a field, a comparison, "&&", "||", "!" or a parenthesis', '$mtu'],
  ];
  test.each(rows)('%p: %s', (text, message, found) => {
    const parsed = parseCondition(text);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.problem.message).toBe(message);
    expect(parsed.problem.found).toBe(found);
  });

  const suggestions: readonly (readonly [string, string])[] = [
    ['has_gatway', 'has_gateway'],
    ['dnscount > 1', 'dns_count'],
    ['interface == eth0', '"eth0"'],
    ['has_gateway and true', '&&'],
    ['(has_gateway or true)', '||'],
  ];
  test.each(suggestions)('%p suggests %p', (text, suggestion) => {
    const parsed = parseCondition(text);
    expect(parsed.ok ? undefined : parsed.problem.suggestion).toBe(suggestion);
  });

  test('in depth and length is bounded', () => {
    const deep = parseCondition(`${'('.repeat(200)}true${')'.repeat(200)}`);
    expect(deep.ok ? '' : deep.problem.expected).toBe('at most 50 levels of parentheses');
    const nots = parseCondition(`${'!'.repeat(900)}true`);
    expect(nots.ok ? '' : nots.problem.expected).toBe('at most 50 levels of parentheses');
    const long = parseCondition(`true${' || true'.repeat(500)}`);
    expect(long.ok ? '' : long.problem.message).toBe('1:1001: expected at most 1000 characters');
  });

  test('never throws, and points into the text or right behind it', () => {
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
