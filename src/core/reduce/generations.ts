/**
 * Generations distinguish a link from an earlier one with the same index, without remembering every earlier
 * link.
 */
import { type Generation, generation, type IfIndex, ifIndex } from '../model/ids.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { KernelState } from '../model/state.ts';

type Numbers = Pick<KernelState, 'generations' | 'links'>;

/** The key of the highest generation among those that were dropped. No link has index 0. */
const forgotten: IfIndex = ifIndex(0);
/**
 * Minimum number of remembered links that are gone: dropping them costs time proportional to the number of
 * links.
 */
const minRemembered = 1024;

/** Returns a generation that no earlier link with this index had. */
export function nextGeneration(generations: KernelState['generations'], index: IfIndex): Generation {
  return generation((generations.get(index) ?? generations.get(forgotten) ?? 0) + 1);
}

/**
 * Stores the generation of a new link. Occasionally drops the generations of links that are gone: a container
 * host has many of them.
 */
export function takeGeneration(
  { generations, links }: Numbers,
  index: IfIndex,
  taken: Generation,
): KernelState['generations'] {
  const next = generations.set(index, taken);
  if (next.size <= minRemembered + 2 * links.size) return next;
  let remembered = emptyMap<IfIndex, Generation>();
  let highest = 0;
  for (const [each, number] of next) {
    if (each === index || links.has(each)) remembered = remembered.set(each, number);
    else highest = Math.max(highest, number);
  }
  return remembered.set(forgotten, generation(highest));
}
