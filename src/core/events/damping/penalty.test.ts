import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Instant, instant, millis } from '../../model/ids.ts';
import { afterLoss, type DampingPolicy, decayed, type Penalty, reusableAt } from './penalty.ts';

const policy: DampingPolicy = {
  enabled: true,
  halfLife: millis(15_000),
  suppress: 2000,
  reuse: 750,
  maxSuppress: millis(60_000),
};
const losses = (...times: number[]): Penalty => {
  let penalty: Penalty | undefined;
  for (const now of times) penalty = afterLoss(penalty, instant(now), policy);
  if (penalty === undefined) throw new Error('no loss');
  return penalty;
};

describe('the penalty', () => {
  const rows: readonly [name: string, times: readonly number[], at: number, expected: number][] = [
    ['is 1000 after one loss', [0], 0, 1000],
    ['halves in the half-life', [0], 15_000, 500],
    ['is a quarter after two', [0], 30_000, 250],
    ['adds up', [0, 0, 0], 0, 3000],
    ['decays before it grows', [0, 15_000], 15_000, 1500],
    ['does not grow when the clock stands still or goes back', [10], 0, 1000],
  ];
  test.each(rows)('%s', (_name, times, at, expected) => {
    expect(decayed(losses(...times), instant(at), policy.halfLife)).toBeCloseTo(expected, 6);
  });

  test('has a ceiling from which it decays to reuse within the longest suppression', () => {
    const storm = losses(...Array.from({ length: 1000 }, () => 0));
    expect(storm.value).toBe(12_000);
    expect(reusableAt(storm, policy) - 0).toBeLessThanOrEqual(policy.maxSuppress + 1);
  });

  test('is below reuse at the time that reusableAt returns, and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 750, max: 12_000 }), fc.integer({ min: 0, max: 1e6 }), (value, at) => {
        const penalty = { value, at: instant(at) };
        const reusable: Instant = reusableAt(penalty, policy);
        expect(decayed(penalty, reusable, policy.halfLife)).toBeLessThan(policy.reuse);
        expect(decayed(penalty, instant(reusable - 2), policy.halfLife)).toBeGreaterThanOrEqual(
          policy.reuse * 0.9999,
        );
      }),
    );
  });
});
