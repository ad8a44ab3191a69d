import { expect, test } from 'bun:test';
import { sampleLinkObject } from '../../testing/sample-state.ts';
import { emptyState } from '../model/empty-state.ts';
import { type IfIndex, ifIndex } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import { reduce } from './reduce.ts';

const appear = (state: State, index: IfIndex): State =>
  reduce(state, { kind: 'linkObserved', link: sampleLinkObject({ index }) });
const vanish = (state: State, index: IfIndex): State => reduce(state, { kind: 'linkVanished', index });
const generationOf = (state: State, index: IfIndex): number | undefined =>
  state.kernel.links.get(index)?.generation;

test('the generations of a hundred thousand vanished links are not all remembered', () => {
  const [lasting, first] = [ifIndex(1), ifIndex(2)];
  let state = vanish(appear(appear(emptyState('auto'), lasting), first), first);
  state = vanish(appear(state, first), first);
  for (let i = 0; i < 100_000; i++) {
    const index = ifIndex(1000 + i);
    state = vanish(appear(state, index), index);
  }
  expect(state.kernel.generations.size).toBeLessThan(2000);
  expect(generationOf(state, lasting)).toBe(1);
  // The index has its third link, after the generations of the first two were dropped.
  expect(generationOf(appear(state, first), first)).toBeGreaterThan(2);
});
