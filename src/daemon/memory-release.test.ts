import { expect, test } from 'bun:test';
import { instant } from '../core/model/ids.ts';
import { MemoryRelease } from './memory-release.ts';

/** The seconds at which it tidies, given how many messages there have been by each second. */
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

test('tidies once after the start, when it has been quiet for five seconds', () => {
  expect(tidied(seconds(60, 40))).toEqual([5]);
});

test('memory is released once nothing has happened for a while', () => {
  const busy = Array.from({ length: 20 }, (_, second) => second * 10);
  expect(tidied([...busy, ...seconds(20, 190)])).toEqual([24]);
});

test('tidies again after a burst, once, and not after a few messages', () => {
  expect(
    tidied([...seconds(10, 40), ...seconds(10, 50), ...seconds(10, 5000), ...seconds(30, 5100)]),
  ).toEqual([5, 25]);
});

test('tells whether anything has happened', () => {
  const housekeeping = new MemoryRelease(() => undefined);
  expect([40, 40, 41].map((messages, second) => housekeeping.beat(messages, instant(second * 1000)))).toEqual(
    [true, false, true],
  );
});
