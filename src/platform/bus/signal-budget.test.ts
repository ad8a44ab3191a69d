import { expect, test } from 'bun:test';
import { instant } from '../../core/model/ids.ts';
import { fullBudget, recovery, type SignalBudget, spend } from './signal-budget.ts';

/** How many of `count` signals at one moment are followed, and what is left. */
function burst(budget: SignalBudget, count: number, at: number): readonly [number, SignalBudget] {
  let left = budget;
  for (let i = 0; i < count; i++) {
    const next = spend(left, instant(at));
    if (next === undefined) return [i, left];
    left = next;
  }
  return [count, left];
}

test('the budget covers a burst and no more', () => {
  expect(burst(fullBudget(instant(0)), 30_000, 0)[0]).toBe(20_000);
});

test('the budget covers a steady stream forever', () => {
  let budget: SignalBudget | undefined = fullBudget(instant(0));
  for (let i = 0; i < 200_000 && budget !== undefined; i++) budget = spend(budget, instant(i / 5));
  expect(budget).toBeDefined();
});

test('after the recovery half a burst is available', () => {
  const [, empty] = burst(fullBudget(instant(0)), 20_000, 0);
  expect(burst(empty, 30_000, recovery)[0]).toBe(10_000);
});
