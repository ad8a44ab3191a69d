import type { IfIndex } from '../model/ids.ts';
import type { State } from '../model/state.ts';

/** Returns the name of a link in this state; `#INDEX` if there is no such link. */
export const linkName = ({ kernel }: State, index: IfIndex): string =>
  kernel.links.get(index)?.object.name ?? `#${index}`;
