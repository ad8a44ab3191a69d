import { expect, test } from 'bun:test';
import { Throttle } from './throttle.ts';

/** A clock that moves when told to, and loads that end when told to. */
function setUp(): {
  throttle: Throttle;
  loads: () => number;
  advance: (ms: number) => void;
  finish: () => Promise<void>;
} {
  let now = 0;
  let count = 0;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  let end: (() => void) | undefined;
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void): void => void timers.push({ at: now + ms, run }),
  };
  const throttle = new Throttle(clock, 1000, () => {
    count++;
    return new Promise((resolve) => {
      end = resolve;
    });
  });
  return {
    throttle,
    loads: () => count,
    advance: (ms) => {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
    finish: async () => {
      end?.();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

test('one load covers a burst', () => {
  const { throttle, loads, advance } = setUp();
  throttle.request();
  throttle.request();
  advance(150);
  throttle.request();
  expect(loads()).toBe(1);
});

test('what is requested during a load is loaded again after it, at its interval', async () => {
  const { throttle, loads, advance, finish } = setUp();
  throttle.request();
  advance(150);
  throttle.request();
  await finish();
  advance(999);
  expect(loads()).toBe(1);
  advance(1);
  expect(loads()).toBe(2);
});

test('nothing is loaded without a request', async () => {
  const { throttle, loads, advance, finish } = setUp();
  throttle.request();
  advance(150);
  await finish();
  advance(10_000);
  expect(loads()).toBe(1);
});
