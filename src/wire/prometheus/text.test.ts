import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { MetricFamily } from './family.ts';
import { encodeMetrics as encode } from './text.ts';

const encodeMetrics = (families: readonly MetricFamily[]): string =>
  new TextDecoder().decode(encode(families));

const gauge = (
  value: number,
  labels: Readonly<Record<string, string>> = {},
  help = 'A gauge.',
): MetricFamily => ({
  name: 'g',
  type: 'gauge',
  help,
  labels: Object.keys(labels),
  series: [{ values: Object.values(labels), value }],
});
const sampleOf = (family: MetricFamily): string | undefined => encodeMetrics([family]).split('\n')[2];

describe('encodeMetrics', () => {
  test('a family has its HELP line, its TYPE line, then its samples', () => {
    const family: MetricFamily = {
      name: 'events_total',
      type: 'counter',
      help: 'Number of events.',
      labels: ['type', 'link'],
      series: [
        { values: ['routable', 'eth0'], value: 3 },
        { values: ['manager', ''], value: 0 },
      ],
    };
    expect(encodeMetrics([family, gauge(1)])).toBe(
      [
        '# HELP events_total Number of events.',
        '# TYPE events_total counter',
        'events_total{type="routable",link="eth0"} 3',
        'events_total{type="manager",link=""} 0',
        '# HELP g A gauge.',
        '# TYPE g gauge',
        'g 1',
        '',
      ].join('\n'),
    );
  });

  test('a histogram has cumulative buckets, +Inf, sum and count', () => {
    const series = [{ values: ['x'], counts: [2, 0, 3, 1], sum: 12.5 }];
    const description = { name: 'h', help: 'Length in seconds.', labels: ['script'] };
    const lines = encodeMetrics([{ ...description, type: 'histogram', bounds: [0.1, 1, 5], series }]).split(
      '\n',
    );
    expect(lines.slice(1)).toEqual([
      '# TYPE h histogram',
      'h_bucket{script="x",le="0.1"} 2',
      'h_bucket{script="x",le="1"} 2',
      'h_bucket{script="x",le="5"} 5',
      'h_bucket{script="x",le="+Inf"} 6',
      'h_sum{script="x"} 12.5',
      'h_count{script="x"} 6',
      '',
    ]);
  });

  test('buckets of a histogram without labels have only the label le', () => {
    const series = [{ values: [], counts: [1, 0], sum: 0.5 }];
    const lines = encodeMetrics([
      { name: 'h', type: 'histogram', help: '', labels: [], bounds: [1], series },
    ]).split('\n');
    expect(lines.slice(2, -1)).toEqual([
      'h_bucket{le="1"} 1',
      'h_bucket{le="+Inf"} 1',
      'h_sum 0.5',
      'h_count 1',
    ]);
  });

  test.each([
    [0, '0'],
    [-0.001, '-0.001'],
    [1e21, '1e+21'],
    [1_790_000_000.123, '1790000000.123'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('encodeMetrics writes %p as %s', (value, text) => {
    expect(sampleOf(gauge(value))).toBe(`g ${text}`);
  });

  test('label values have escaped backslashes, quotes and line feeds', () => {
    expect(sampleOf(gauge(1, { name: 'a\\b"c\nd' }))).toBe('g{name="a\\\\b\\"c\\nd"} 1');
  });

  test('HELP texts have escaped backslashes and line feeds, and plain quotes', () => {
    const [help] = encodeMetrics([gauge(1, {}, 'a\\b"c\nd')]).split('\n');
    expect(help).toBe('# HELP g a\\\\b"c\\nd');
  });

  test('the text is UTF-8, and half of a surrogate pair becomes U+FFFD', () => {
    expect(sampleOf(gauge(1, { name: 'caf\u00e9 \u{1f50c} \ud83d!' }))).toBe(
      'g{name="caf\u00e9 \u{1f50c} \ufffd!"} 1',
    );
  });

  test('the buffer grows beyond its initial size', () => {
    const series = Array.from({ length: 5000 }, (_, index) => ({ values: [`eth${index}`], value: index }));
    const lines = encodeMetrics([{ name: 'g', type: 'gauge', help: '', labels: ['link'], series }]).split(
      '\n',
    );
    expect(lines).toHaveLength(5003);
    expect(lines[5001]).toBe('g{link="eth4999"} 4999');
  });

  test('any label value stays on one line and can be decoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const lines = encodeMetrics([gauge(1, { name: value })]).split('\n');
        expect(lines).toHaveLength(4);
        const quoted = /^g\{name="(.*)"\} 1$/su.exec(lines[2] ?? '')?.[1] ?? '';
        const read = quoted.replaceAll(/\\(.)/gsu, (_all, letter: string) =>
          letter === 'n' ? '\n' : letter,
        );
        expect(read).toBe(value);
      }),
    );
  });
});
