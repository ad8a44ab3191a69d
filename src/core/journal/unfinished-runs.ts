/** What a run does with the events that the previous run did not complete. */
import type { NetworkEvent } from '../model/event.ts';
import { hookDirectories } from '../model/event-table.ts';
import type { JournaledEvent, JournaledScript, JournalSnapshot } from './entries.ts';
import type { NamedProcess, Orphan, PendingEvent } from './recovery.ts';

export interface UnfinishedRuns {
  /** In the order in which they run. */
  readonly pending: readonly PendingEvent[];
  /** Scripts that started in the previous run and may still run. They do not run again. */
  readonly orphans: readonly { readonly event: NetworkEvent; readonly orphan: Orphan }[];
  /** Scripts that run again, because it is unknown whether they started. */
  readonly uncertain: readonly { readonly event: NetworkEvent; readonly path: string }[];
}

/** Finds the process of a script that still runs for an event. */
export type Search = (event: NetworkEvent, path: string) => NamedProcess | undefined;

export function findUnfinishedRuns(
  { pending }: Pick<JournalSnapshot, 'pending'>,
  search: Search,
): UnfinishedRuns {
  // Hooks run as the same user and can write to the journal, so the name of a directory is checked.
  const sound = pending.filter(({ event }) => hookDirectories.includes(event.directory));
  const resumed = sound.map((kept) => resume(kept, search)).sort((a, b) => a.event.seq - b.event.seq);
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

function resume({ event, scripts }: JournaledEvent, search: Search): PendingEvent {
  const done = new Set<string>();
  const uncertain = new Set<string>();
  let orphan: Orphan | undefined;
  for (const [path, script] of Object.entries(scripts)) {
    const isOver = script.progress === 'finished';
    const found = isOver ? undefined : (processOf(script) ?? search(event, path));
    // A process that runs has started, whatever the journal says.
    const isUncertain = script.progress === 'starting' && found === undefined;
    (isUncertain ? uncertain : done).add(path);
    if (!isOver && !isUncertain) orphan = found === undefined ? { path } : { path, process: found };
  }
  return { event, resume: { done, uncertain, ...(orphan !== undefined && { orphan }) } };
}

const processOf = ({ pid, startTime }: JournaledScript): NamedProcess | undefined =>
  pid === undefined || startTime === undefined ? undefined : { pid, startTime };
