import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { backoffDelay } from './backoff.ts';

const limits = { initialMs: 2000, maxMs: 30_000 };

test('the wait doubles with each failure, up to the limit', () => {
  const waits = [1, 2, 3, 4, 5, 6, 100].map((failures) => backoffDelay(failures, limits, 0));
  expect(waits).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('chance takes away at most half', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, chance) => {
        const whole = backoffDelay(failures, limits, 0);
        const wait = backoffDelay(failures, limits, chance);
        expect(wait).toBeLessThanOrEqual(whole);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(whole / 2));
      },
    ),
  );
});

test('what the server asks for is not undercut', () => {
  expect(backoffDelay(1, limits, 0.9, 60_000)).toBe(60_000);
});
