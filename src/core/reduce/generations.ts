/** Numbers that tell a link from an earlier one of the same index, without remembering every link that there ever was. */
import { type Generation, generation, type IfIndex, ifIndex } from '../model/ids.ts';
import { emptyMap } from '../model/persistent-map.ts';
import type { KernelState } from '../model/state.ts';

type Numbers = Pick<KernelState, 'generations' | 'links'>;

/** No link has index 0: here stands the highest number among those that were forgotten. */
const forgotten: IfIndex = ifIndex(0);
/** Gone links that are remembered at least: forgetting costs as much as there are links. */
const leastKept = 1024;

/** A number that no link of this index has had. */
export function nextGeneration(generations: KernelState['generations'], index: IfIndex): Generation {
  return generation((generations.get(index) ?? generations.get(forgotten) ?? 0) + 1);
}

/** With the number of a new link. Now and then those of links that are gone are forgotten: on a host of containers there are many. */
export function takeGeneration(
  { generations, links }: Numbers,
  index: IfIndex,
  taken: Generation,
): KernelState['generations'] {
  const next = generations.set(index, taken);
  if (next.size <= leastKept + 2 * links.size) return next;
  let kept = emptyMap<IfIndex, Generation>();
  let highest = 0;
  for (const [each, number] of next) {
    if (each === index || links.has(each)) kept = kept.set(each, number);
    else highest = Math.max(highest, number);
  }
  return kept.set(forgotten, generation(highest));
}
