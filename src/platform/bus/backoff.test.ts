import { expect, test } from 'bun:test';
import { instant, millis } from '../../core/model/ids.ts';
import { failed, freshBackoff, succeeded } from './backoff.ts';

const limits = { first: millis(100), longest: millis(5_000), resetAfter: millis(10_000) };

/** The delays after failures at those times. */
function delays(chance: number, ...times: readonly number[]): number[] {
  let backoff = freshBackoff;
  return times.map((now) => {
    const step = failed(backoff, limits, { now: instant(now), chance });
    backoff = step.backoff;
    return step.delay;
  });
}

test('each delay is twice the previous one, up to the longest', () => {
  expect(delays(0, 0, 1, 2, 3, 4, 5, 6, 7)).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500]);
});

test('chance decides up to half of the delay', () => {
  expect(delays(0.5, 0, 1)).toEqual([75, 150]);
  expect(delays(0.999, 0)[0]).toBeLessThan(100);
});

test('a success that lasted resets the delay, and a short one does not', () => {
  const after = (lasted: number): number => {
    let { backoff } = failed(freshBackoff, limits, { now: instant(0), chance: 0 });
    backoff = failed(backoff, limits, { now: instant(1), chance: 0 }).backoff;
    const connected = succeeded(backoff, instant(2));
    return failed(connected, limits, { now: instant(2 + lasted), chance: 0 }).delay;
  };
  expect([after(9_999), after(10_000)].map(Number)).toEqual([200, 50]);
});

test('a thousand failures do not overflow the delay', () => {
  expect(delays(0, ...Array.from({ length: 1_000 }, (_, i) => i)).at(-1)).toBe(2_500);
});
