/** What a start tells: everything at boot, after a restart the difference or every link's states, or nothing. */

import { diff } from '../diff/diff.ts';
import type { Change } from '../model/change.ts';
import { emptyState } from '../model/empty-state.ts';
import type { EventDraft } from '../model/event.ts';
import type { HookDirectory } from '../model/event-table.ts';
import type { State } from '../model/state.ts';
import { type EventOptions, planEvents } from './plan-events.ts';

/** `hooks.on_start`. */
export type OnStart = 'changed' | 'replay' | 'never';

/** What tells of something else than a state that a link is in. */
const occurrences: ReadonlySet<HookDirectory> = new Set([
  'link-added',
  'link-removed',
  'address-added',
  'address-removed',
  'mtu',
  'routes',
  'manager',
]);

/**
 * `changes` led to `after`. `isBoot`: nothing was known before, so the changes are all that there is, and of that the
 * present states alone are told. `replay` tells each link's states in any case, beside what else has changed.
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
  const told = onStart === 'replay' ? withAllStates(drafts, after, options) : drafts;
  return told.map((draft) => ({ ...draft, initial: true }));
}

/** In each link's order: that it came, then its states, then the rest. */
function withAllStates(drafts: readonly EventDraft[], after: State, options: EventOptions): EventDraft[] {
  const states = planEvents(diff(emptyState(after.backend), after), after, { ...options, initial: true });
  const others = drafts.filter((draft) => occurrences.has(draft.directory) || isGone(draft, after));
  const comesFirst = (draft: EventDraft): boolean => draft.directory === 'link-added' || isGone(draft, after);
  return [...others.filter(comesFirst), ...states, ...others.filter((draft) => !comesFirst(draft))];
}

function isGone({ link }: EventDraft, after: State): boolean {
  return link !== undefined && after.links.get(link.index)?.generation !== link.generation;
}
