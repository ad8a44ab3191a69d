import { describe, expect, test } from 'bun:test';
import type { MetricFamily } from '../../ports/metrics.ts';
import { MetricsRegistry, type RegistryOptions } from './registry.ts';

const table = {
  runs_total: { type: 'counter', help: 'Number of runs.', labels: ['script', 'link'] },
  errors_total: { type: 'counter', help: 'Number of errors.', labels: [] },
  links: { type: 'gauge', help: 'Number of links.', labels: ['state'] },
  duration_seconds: { type: 'histogram', help: 'Duration in seconds.', labels: ['script'], buckets: [1, 5] },
} as const;

const registryWith = (options?: RegistryOptions): MetricsRegistry<typeof table> =>
  new MetricsRegistry(table, options);

/** Each series of a metric: its label values, and its value. */
function seriesOf(registry: MetricsRegistry<typeof table>, name: string): unknown[] {
  const family: MetricFamily | undefined = [...registry.families()].find((one) => one.name === name);
  return [...(family?.series ?? [])].map(({ values, ...rest }) => [values.join(), ...Object.values(rest)]);
}

describe('Counter', () => {
  test('a counter counts each label set separately', () => {
    const registry = registryWith();
    const runs = registry.counter('runs_total');
    runs.add(['a', 'eth0']);
    runs.add(['a', 'eth0'], 2.5);
    runs.add(['a', 'eth1']);
    expect(seriesOf(registry, 'runs_total')).toEqual([
      ['a,eth0', 3.5],
      ['a,eth1', 1],
    ]);
  });

  test('a counter without labels is 0 from the start', () => {
    expect(seriesOf(registryWith(), 'errors_total')).toEqual([['', 0]]);
  });

  test('a prepared counter is 0, and preparing it again does not reset it', () => {
    const registry = registryWith();
    const runs = registry.counter('runs_total');
    runs.prepare(['a', 'eth0']);
    expect(seriesOf(registry, 'runs_total')).toEqual([['a,eth0', 0]]);
    runs.add(['a', 'eth0']);
    runs.prepare(['a', 'eth0']);
    expect(seriesOf(registry, 'runs_total')).toEqual([['a,eth0', 1]]);
  });

  test('a counter never decreases', () => {
    const registry = registryWith();
    const errors = registry.counter('errors_total');
    errors.raiseTo([], 7);
    errors.raiseTo([], 3);
    expect(seriesOf(registry, 'errors_total')).toEqual([['', 7]]);
    expect(() => errors.add([], -1)).toThrow();
    expect(() => errors.add([], Number.NaN)).toThrow();
  });
});

describe('Gauge', () => {
  test('a gauge has the value that was set last', () => {
    const registry = registryWith();
    registry.gauge('links').set(['off'], 3);
    registry.gauge('links').set(['off'], -1);
    expect(seriesOf(registry, 'links')).toEqual([['off', -1]]);
  });

  test('a cleared gauge has no series', () => {
    const registry = registryWith();
    registry.gauge('links').set(['off'], 3);
    registry.gauge('links').clear();
    expect(seriesOf(registry, 'links')).toEqual([]);
  });

  test('a gauge with computed series does not show the set ones', () => {
    const registry = registryWith();
    registry.gauge('links').set(['off'], 3);
    registry.gauge('links').present([{ values: ['routable'], value: 1 }]);
    expect(seriesOf(registry, 'links')).toEqual([['routable', 1]]);
  });
});

test('a histogram counts by upper bound, inclusive, and sums', () => {
  const registry = registryWith();
  for (const value of [0, 1, 1.5, 5, 5.1, 60]) registry.histogram('duration_seconds').observe(['a'], value);
  registry.histogram('duration_seconds').prepare(['a']);
  registry.histogram('duration_seconds').prepare(['b']);
  expect(seriesOf(registry, 'duration_seconds')).toEqual([
    ['a', [2, 2, 2], 72.6],
    ['b', [0, 0, 0], 0],
  ]);
});

describe('MetricsRegistry: the limit of series', () => {
  test('label sets beyond the limit share one series', () => {
    const registry = registryWith({ limit: 2 });
    const runs = registry.counter('runs_total');
    for (const link of ['eth0', 'eth1', 'eth2', 'eth3', 'eth0']) runs.add(['a', link]);
    expect(seriesOf(registry, 'runs_total')).toEqual([
      ['a,eth0', 2],
      ['a,eth1', 1],
      ['other,other', 2],
    ]);
  });

  test('dropped series free their places', () => {
    const registry = registryWith({ limit: 2 });
    const runs = registry.counter('runs_total');
    for (const link of ['eth0', 'eth1']) runs.add(['a', link]);
    registry.forget(['link'], new Set(['eth0']));
    runs.add(['a', 'eth2']);
    expect(seriesOf(registry, 'runs_total')).toEqual([
      ['a,eth1', 1],
      ['a,eth2', 1],
    ]);
  });
});

test('dropping a label value affects every metric with the label, and no other label', () => {
  const registry = registryWith();
  registry.counter('runs_total').add(['x', 'a']);
  registry.counter('runs_total').add(['a', 'x']);
  registry.histogram('duration_seconds').observe(['x'], 1);
  registry.gauge('links').set(['x'], 1);
  registry.forget(['script'], new Set(['x']));
  expect(['runs_total', 'duration_seconds', 'links'].map((name) => seriesOf(registry, name))).toEqual([
    [['a,x', 1]],
    [],
    [['x', 1]],
  ]);
});

test('families come in the order of the table, with and without series', () => {
  expect([...registryWith().families()].map(({ name }) => name)).toEqual(Object.keys(table));
});
