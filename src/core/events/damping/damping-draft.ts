/** The events that flap damping begins and ends with. */
import type { LinkRef } from '../../model/change.ts';
import type { EventDraft } from '../../model/event.ts';
import type { State } from '../../model/state.ts';

/** The event that a link is damped, or no longer. */
export function dampingDraft(directory: 'damped' | 'undamped', link: LinkRef, state: State): EventDraft {
  return {
    directory,
    name: directory,
    link,
    source: 'kernel',
    state: state.links.get(link.index)?.operational ?? 'missing',
    initial: false,
    resync: false,
  };
}
