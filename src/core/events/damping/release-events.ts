/** Events of a link that is no longer damped: the net difference, once. */
import type { Change, LinkRef } from '../../model/change.ts';
import type { EventDraft } from '../../model/event.ts';
import type { State } from '../../model/state.ts';
import { type EventOptions, planEvents } from '../plan-events.ts';
import { dampingDraft } from './damping-draft.ts';

/** `changes` led from the state before the damping to `state`. A link that is gone has no `undamped`. */
export function planReleaseEvents(
  link: LinkRef,
  changes: readonly Change[],
  state: State,
  options: EventOptions,
): readonly EventDraft[] {
  const present = state.links.get(link.index);
  const isPresent = present?.generation === link.generation;
  const name = isPresent ? present.name : link.name;
  if (!options.isMonitored(name)) return [];
  const net = planEvents(changes, state, options).filter(
    ({ link: of }) => of?.index === link.index && of.generation === link.generation,
  );
  return isPresent ? [dampingDraft('undamped', { ...link, name }, state), ...net] : net;
}
