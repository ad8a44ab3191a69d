import { expect, test } from 'bun:test';
import type { Fact } from '../core/fact.ts';
import { ifIndex } from '../core/ids.ts';
import { FencedFacts } from './fenced-facts.ts';

const fact = (index: number): Fact => ({ kind: 'networkManagerDeviceVanished', index: ifIndex(index) });

/** Facts as their numbers, and fences that the test opens. */
function scene(): { facts: FencedFacts; told: number[][]; fences: (() => void)[] } {
  const told: number[][] = [];
  const fences: (() => void)[] = [];
  const facts = new FencedFacts(
    (done) => fences.push(done),
    (some) => told.push(some.map((one) => ('index' in one ? one.index : 0))),
  );
  return { facts, told, fences };
}

test('facts wait for their fence, and what comes meanwhile for the next', () => {
  const { facts, told, fences } = scene();
  facts.tell([fact(1), fact(2)]);
  facts.tell([fact(3)]);
  facts.tell([fact(4)]);
  expect([told, fences.length]).toEqual([[], 1]);
  fences[0]?.();
  expect([told, fences.length]).toEqual([[[1, 2]], 2]);
  fences[1]?.();
  expect(told).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(fences.length).toBe(2);
});

test('a fence that is open at once keeps the order', () => {
  const told: number[] = [];
  const facts = new FencedFacts(
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

test('after the end nothing is told', () => {
  const { facts, told, fences } = scene();
  facts.tell([fact(1)]);
  facts.close();
  fences[0]?.();
  facts.tell([fact(2)]);
  fences[1]?.();
  expect(told).toEqual([]);
});
