/** An order to run the hooks of one event. */
import type { ResumePoint } from '../journal/recovery.ts';
import type { State } from '../model/state.ts';
import type { QueuedEvent } from './queue.ts';

/** The state of the network that the hooks of an event see. */
export interface HookPayload {
  readonly state: State;
  /** How far an earlier run of the daemon ran the hooks of this event. */
  readonly resume?: ResumePoint;
}

export type HookRunOrder = QueuedEvent<HookPayload>;

/** The order with the name that its link has now: a script could find no link by a former one. */
export function withPresentName(order: HookRunOrder, state: State): HookRunOrder {
  const { link } = order.event;
  const present = link === undefined ? undefined : state.links.get(link.index);
  if (link === undefined || present?.generation !== link.generation || present.name === link.name)
    return order;
  return { ...order, event: { ...order.event, link: { ...link, name: present.name } } };
}
