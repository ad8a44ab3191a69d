import { describe, expect, test } from 'bun:test';
import { type ConfigProblem, configCodes, formatProblem, oneLine, showValue } from './problem.ts';

const problem: ConfigProblem = {
  code: 'NETEVD_CONFIG_TYPE',
  severity: 'error',
  file: 'netevd.yaml',
  line: 3,
  column: 5,
  path: 'hooks.timeout_sec',
  found: '"abc"',
  expected: 'a number of seconds (0 = none)',
  message: 'found "abc", expected a number of seconds (0 = none)',
};

describe('formatProblem', () => {
  test('prints one line with position, key, found value and expected value', () => {
    expect(formatProblem(problem)).toBe(
      'netevd.yaml:3:5: error: hooks.timeout_sec: found "abc", expected a number of seconds (0 = none)',
    );
  });

  test('leaves out a missing position and a missing key', () => {
    expect(formatProblem({ ...problem, line: 0, column: 0, path: '', severity: 'warning' })).toBe(
      'netevd.yaml: warning: found "abc", expected a number of seconds (0 = none)',
    );
  });

  const suggestions: readonly (readonly [string, string])[] = [
    ['timeout_sec', '"timeout_sec"'],
    ['true', 'true'],
    ['30', '30'],
    ['127.0.0.1', '127.0.0.1'],
    ['"eth0"', '"eth0"'],
    ['["eth0"]', '["eth0"]'],
    ['&&', '"&&"'],
  ];
  test.each(suggestions)('shows the suggestion %s as %s', (suggestion, shown) => {
    expect(formatProblem({ ...problem, suggestion })).toEndWith(`; did you mean ${shown}?`);
  });

  test('escapes control characters', () => {
    const text = formatProblem({ ...problem, file: 'a\u001b[31m\nb', path: 'x\u0007\u2028y' });
    expect(text).toStartWith('a\\u001b[31m\\u000ab:3:5: error: x\\u0007\\u2028y: ');
    expect(oneLine('plain: äöü 😀')).toBe('plain: äöü 😀');
  });

  test('has a code with a meaning and a remedy', () => {
    for (const [code, { meaning, remedy }] of Object.entries(configCodes)) {
      expect(code).toMatch(/^NETEVD_CONFIG_[A-Z_]+$/);
      expect(meaning).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
    }
  });
});

describe('showValue', () => {
  const rows: readonly (readonly [unknown, string])[] = [
    [undefined, 'nothing'],
    [null, 'nothing'],
    ['eth0', '"eth0"'],
    ['a"b\n', '"a\\"b\\n"'],
    ['\u009b\u2028', '"\\u009b\\u2028"'],
    [5, '5'],
    [false, 'false'],
    [[], 'an empty list'],
    [[1], 'a list'],
    [{}, 'a map'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    ['😀'.repeat(60), `"${'😀'.repeat(60)}"`],
  ];
  test.each(rows)('shows %p as %s', (value, shown) => {
    expect(showValue(value)).toBe(shown);
  });
});
