/** An order to run the hooks of one event. */
import type { ResumePoint } from '../journal/recovery.ts';
import type { State } from '../model/state.ts';
import type { QueuedEvent } from './queue.ts';

/** The network as the hooks of an event are to see it. */
export interface HookPayload {
  readonly state: State;
  /** How far an earlier run of the daemon came with this event. */
  readonly resume?: ResumePoint;
}

export type HookRunOrder = QueuedEvent<HookPayload>;
