/** Start events: all states at boot; after a restart the differences or the states of every link, or none. */

import { diff } from '../diff/diff.ts';
import type { Change } from '../model/change.ts';
import { emptyState } from '../model/empty-state.ts';
import type { EventDraft } from '../model/event.ts';
import { eventEntry } from '../model/event-table.ts';
import type { State } from '../model/state.ts';
import { type EventOptions, planEvents } from './plan-events.ts';

/** `hooks.on_start`. */
export type OnStart = 'changed' | 'replay' | 'never';

/**
 * Plans the start events; `changes` led to `after`. At boot nothing was known before: only the present states
 * cause events. `replay` adds the states of every link, besides what else changed.
 */
export function planStartEvents(
  changes: readonly Change[],
  after: State,
  { onStart, isBoot }: { readonly onStart: OnStart; readonly isBoot: boolean },
  options: EventOptions,
): readonly EventDraft[] {
  if (onStart === 'never') return [];
  if (isBoot) return planEvents(changes, after, { ...options, initial: true });
  const drafts = planEvents(changes, after, { ...options, initial: false });
  const selected = onStart === 'replay' ? withAllStates(drafts, after, options) : drafts;
  return selected.map((draft) => ({ ...draft, initial: true }));
}

/** Puts link-added and the events of vanished links first, then the states, then the rest. */
function withAllStates(drafts: readonly EventDraft[], after: State, options: EventOptions): EventDraft[] {
  const states = planEvents(diff(emptyState(after.backend), after), after, { ...options, initial: true });
  const others = drafts.filter(
    (draft) => eventEntry(draft.directory).kind !== 'state' || isGone(draft, after),
  );
  const comesFirst = (draft: EventDraft): boolean => draft.directory === 'link-added' || isGone(draft, after);
  return [...others.filter(comesFirst), ...states, ...others.filter((draft) => !comesFirst(draft))];
}

function isGone({ link }: EventDraft, after: State): boolean {
  return link !== undefined && after.links.get(link.index)?.generation !== link.generation;
}
