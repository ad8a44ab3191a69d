import { describe, expect, test } from 'bun:test';
import { millis } from '../core/model/ids.ts';
import { SystemClock } from './clock.ts';

describe('SystemClock', () => {
  const clock = new SystemClock();

  test('advances in fractions of a millisecond', () => {
    const first = clock.now();
    const readings: number[] = [];
    for (let last: number = first; readings.length < 20; last = readings.at(-1) ?? last) {
      const now = clock.now();
      if (now !== last) readings.push(now);
    }
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
    expect(readings[0]).toBeGreaterThan(first);
    expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
  });

  test('knows the date', () => {
    const before = Date.now();
    const wall = clock.wall();
    expect([before <= wall, wall <= Date.now()]).toEqual([true, true]);
  });

  test('calls once, not before its time, and never synchronously', async () => {
    const begun = clock.now();
    let calls = 0;
    await new Promise<void>((resolve) => {
      clock.schedule(millis(20), () => {
        calls++;
        resolve();
      });
      expect(calls).toBe(0);
    });
    expect([calls, clock.now() - begun >= 19]).toEqual([1, true]);
  });

  test.each([0, -5])('calls soon, but never synchronously, for a delay of %d', async (delay) => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      clock.schedule(millis(delay), () => {
        calls++;
        resolve();
      });
      expect(calls).toBe(0);
    });
    expect(calls).toBe(1);
  });

  test('does not call after a disposal, also if it is repeated or late', async () => {
    const order: string[] = [];
    const cancelled = clock.schedule(millis(1), () => order.push('cancelled'));
    cancelled[Symbol.dispose]();
    cancelled[Symbol.dispose]();
    await new Promise<void>((resolve) => {
      const kept = clock.schedule(millis(5), () => {
        order.push('kept');
        kept[Symbol.dispose]();
        resolve();
      });
    });
    expect(order).toEqual(['kept']);
  });

  test('supports delays beyond the limit of the runtime', async () => {
    let calls = 0;
    const far = clock.schedule(millis(2 ** 32), () => calls++);
    await new Promise<void>((resolve) => {
      clock.schedule(millis(10), resolve);
    });
    far[Symbol.dispose]();
    expect(calls).toBe(0);
  });
});
