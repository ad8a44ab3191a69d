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

export function leftoversOf({ pending }: Pick<KeptWhole, 'pending'>): Leftovers {
  // The book is a file that hooks, as processes of the same user, could write to: a name of a directory is checked.
  const sound = pending.filter(({ event }) => hookDirectories.includes(event.directory));
  const resumed = sound.map(resume).sort((a, b) => a.event.seq - b.event.seq);
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
