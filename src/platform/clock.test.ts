import { describe, expect, test } from 'bun:test';
import { millis } from '../core/model/ids.ts';
import { SystemClock } from './clock.ts';

describe('SystemClock', () => {
  const clock = new SystemClock();

  test('advances in fractions of a millisecond', () => {
    const first = clock.now();
    let later = clock.now();
    while (later === first) later = clock.now();
    expect(later - first).toBeGreaterThan(0);
    // A preempted test may see a large step, but not the same fraction in both.
    expect(Number.isInteger(first) && Number.isInteger(later)).toBe(false);
  });

  test('returns the date', () => {
    expect(Math.abs(clock.wall() - Date.now())).toBeLessThan(1000);
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
