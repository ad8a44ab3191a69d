import { expect, test } from 'bun:test';
import { instant } from '../core/model/ids.ts';
import { MemoryRelease } from './memory-release.ts';

/** Returns the seconds at which memory is released; `messages` is the number of messages by each second. */
function tidied(messages: readonly number[]): number[] {
  const at: number[] = [];
  let second = 0;
  const housekeeping = new MemoryRelease(() => at.push(second));
  for (const count of messages) {
    housekeeping.beat(count, instant(second * 1000));
    second++;
  }
  return at;
}

const seconds = (count: number, messages: number): number[] => Array.from({ length: count }, () => messages);

test('memory is released once after the start, after five quiet seconds', () => {
  expect(tidied(seconds(60, 40))).toEqual([5]);
});

test('memory is released again only after new messages and a quiet time', () => {
  const busy = Array.from({ length: 20 }, (_, second) => second * 10);
  expect(tidied([...busy, ...seconds(20, 190)])).toEqual([24]);
});

test('memory is released once after a burst, and not after a few messages', () => {
  expect(
    tidied([...seconds(10, 40), ...seconds(10, 50), ...seconds(10, 5000), ...seconds(30, 5100)]),
  ).toEqual([5, 25]);
});

test('the result shows whether messages arrived', () => {
  const housekeeping = new MemoryRelease(() => undefined);
  expect([40, 40, 41].map((messages, second) => housekeeping.beat(messages, instant(second * 1000)))).toEqual(
    [true, false, true],
  );
});
