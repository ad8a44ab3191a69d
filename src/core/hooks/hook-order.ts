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
