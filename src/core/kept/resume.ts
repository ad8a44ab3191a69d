/** What the next run makes of events that the last one did not finish. */
import type { NetworkEvent } from '../event.ts';
import { hookDirectories } from '../event.ts';
import type { KeptEvent, KeptScript, KeptWhole } from './entries.ts';
import type { Orphan, PendingEvent } from './inheritance.ts';

export interface Leftovers {
  /** In the order in which their turn comes. */
  readonly pending: readonly PendingEvent[];
  /** Scripts that ran when the last run ended, or had ended unseen. They are not run again: they had started. */
  readonly orphans: readonly { readonly event: NetworkEvent; readonly orphan: Orphan }[];
  /** Scripts that will be run again, because nobody can know whether they had started. */
  readonly uncertain: readonly { readonly event: NetworkEvent; readonly path: string }[];
}

/** `search` finds the process of a script that still runs for an event. */
export function leftoversOf(
  { pending }: Pick<KeptWhole, 'pending'>,
  search: (event: NetworkEvent, path: string) => Omit<Orphan, 'path'> | undefined,
): Leftovers {
  // The book is a file that hooks, as processes of the same user, could write to: a name of a directory is checked.
  const sound = pending.filter(({ event }) => hookDirectories.includes(event.directory));
  const resumed = sound
    .map((kept) => settleUncertain(resume(kept), (path) => search(kept.event, path)))
    .sort((a, b) => a.event.seq - b.event.seq);
  return {
    pending: resumed,
    orphans: resumed.flatMap(({ event, resume: { orphan } }) =>
      orphan === undefined ? [] : [{ event, orphan }],
    ),
    uncertain: resumed.flatMap(({ event, resume: { uncertain } }) =>
      [...uncertain].map((path) => ({ event, path })),
    ),
  };
}

/**
 * What is left of the uncertainty once somebody has looked: a script that is seen running has started, so it is not
 * started again, and its end is waited for.
 */
function settleUncertain(
  event: PendingEvent,
  search: (path: string) => Omit<Orphan, 'path'> | undefined,
): PendingEvent {
  for (const path of event.resume.uncertain) {
    const found = search(path);
    if (found === undefined) continue;
    const { done, uncertain } = event.resume;
    const left = new Set([...uncertain].filter((other) => other !== path));
    const resume = { done: new Set([...done, path]), uncertain: left, orphan: { path, ...found } };
    return { event: event.event, resume };
  }
  return event;
}

function resume({ event, scripts }: KeptEvent): PendingEvent {
  const entries = Object.entries(scripts);
  const orphan = entries.map(([path, script]) => orphanOf(path, script)).find((found) => found !== undefined);
  return {
    event,
    resume: {
      done: new Set(entries.filter(([, { progress }]) => progress !== 'starting').map(([path]) => path)),
      uncertain: new Set(entries.filter(([, { progress }]) => progress === 'starting').map(([path]) => path)),
      ...(orphan !== undefined && { orphan }),
    },
  };
}

function orphanOf(path: string, { progress, pid, startTime }: KeptScript): Orphan | undefined {
  return progress === 'started' && pid !== undefined && startTime !== undefined
    ? { path, pid, startTime }
    : undefined;
}
