import { expect, test } from 'bun:test';
import type { Fact } from '../../core/model/fact.ts';
import { ifIndex } from '../../core/model/ids.ts';
import { BarrierFacts } from './barrier-facts.ts';

const fact = (index: number): Fact => ({ kind: 'networkManagerDeviceVanished', index: ifIndex(index) });

/** Records facts as numbers; the test opens the barriers. */
function scene(): { facts: BarrierFacts; told: number[][]; barriers: (() => void)[] } {
  const told: number[][] = [];
  const barriers: (() => void)[] = [];
  const facts = new BarrierFacts(
    (done) => barriers.push(done),
    (some) => told.push(some.map((one) => ('index' in one ? one.index : 0))),
  );
  return { facts, told, barriers };
}

test('facts wait for their barrier, and later facts for the next one', () => {
  const { facts, told, barriers } = scene();
  facts.tell([fact(1), fact(2)]);
  facts.tell([fact(3)]);
  facts.tell([fact(4)]);
  expect([told, barriers.length]).toEqual([[], 1]);
  barriers[0]?.();
  expect([told, barriers.length]).toEqual([[[1, 2]], 2]);
  barriers[1]?.();
  expect(told).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(barriers.length).toBe(2);
});

test('a barrier that opens at once keeps the order', () => {
  const told: number[] = [];
  const facts = new BarrierFacts(
    (done) => done(),
    (some) => {
      for (const one of some) if ('index' in one) told.push(one.index);
      if (told.length === 1) facts.tell([fact(2)]);
    },
  );
  facts.tell([fact(1)]);
  facts.tell([fact(3)]);
  expect(told).toEqual([1, 2, 3]);
});

test('no fact is delivered after the end', () => {
  const { facts, told, barriers } = scene();
  facts.tell([fact(1)]);
  facts.close();
  barriers[0]?.();
  facts.tell([fact(2)]);
  barriers[1]?.();
  expect(told).toEqual([]);
});
