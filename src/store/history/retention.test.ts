import { describe, expect, test } from 'bun:test';
import { expiredCount, oldestAllowed } from './retention.ts';

const small = { used: 10, limit: 100 };
const large = { used: 101, limit: 100 };

describe('retention', () => {
  test.each([
    ['none goes while all are young', [50, 60, 70], small, 0],
    ['those before the cutoff go', [10, 20, 60], small, 2],
    ['one exactly at the cutoff stays', [50], small, 0],
    ['an old one takes along the one before it, whose clock ran ahead', [90, 20, 60], small, 2],
    ['all of the slice go where there is too much', [50, 60, 70], large, 3],
    ['none goes where there is none', [], large, 0],
    ['exactly the limit is not too much', [60], { used: 100, limit: 100 }, 0],
  ] as const)('%s', (_what, times, usage, count) => {
    expect(expiredCount(times, 50, usage)).toBe(count);
  });

  test('the cutoff is so many days ago', () => {
    expect(oldestAllowed(1_000_000_000_000, 30)).toBe(1_000_000_000_000 - 2_592_000_000);
  });
});
