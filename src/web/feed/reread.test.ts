import { expect, test } from 'bun:test';
import { Reread } from './reread.ts';

/** A clock that moves when told to, and readings that end when told to. */
function setUp(): {
  reread: Reread;
  reads: () => number;
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
  const reread = new Reread(clock, 1000, () => {
    count++;
    return new Promise((resolve) => {
      end = resolve;
    });
  });
  return {
    reread,
    reads: () => count,
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

test('one reading covers a burst', () => {
  const { reread, reads, advance } = setUp();
  reread.ask();
  reread.ask();
  advance(150);
  reread.ask();
  expect(reads()).toBe(1);
});

test('what is asked for during a reading is read again after it, at its pace', async () => {
  const { reread, reads, advance, finish } = setUp();
  reread.ask();
  advance(150);
  reread.ask();
  await finish();
  advance(999);
  expect(reads()).toBe(1);
  advance(1);
  expect(reads()).toBe(2);
});

test('nothing is read that nobody asked for', async () => {
  const { reread, reads, advance, finish } = setUp();
  reread.ask();
  advance(150);
  await finish();
  advance(10_000);
  expect(reads()).toBe(1);
});
