/** What the next run makes of events that the last one did not finish. */
import type { PendingEvent } from '../engine.ts';
import type { NetworkEvent } from '../event.ts';
import type { KeptEvent, KeptWhole } from './entries.ts';

/** A script that ran when the last run ended. It is not run again: it had started. */
export interface OrphanedScript {
  readonly event: NetworkEvent;
  readonly path: string;
  readonly pid: number;
  readonly startTime: number;
}

export interface Leftovers {
  readonly pending: readonly PendingEvent[];
  readonly orphans: readonly OrphanedScript[];
  /** Scripts that will be run again, because nobody can know whether they had started. */
  readonly uncertain: readonly { readonly event: NetworkEvent; readonly path: string }[];
}

export function leftoversOf({ pending }: Pick<KeptWhole, 'pending'>): Leftovers {
  return {
    pending: pending.map(({ event, scripts }) => ({
      event,
      resume: {
        done: new Set(pathsOf(scripts, (progress) => progress !== 'starting')),
        uncertain: new Set(pathsOf(scripts, (progress) => progress === 'starting')),
      },
    })),
    orphans: pending.flatMap(orphansOf),
    uncertain: pending.flatMap(({ event, scripts }) =>
      pathsOf(scripts, (progress) => progress === 'starting').map((path) => ({ event, path })),
    ),
  };
}

function pathsOf(
  scripts: KeptEvent['scripts'],
  wanted: (progress: KeptEvent['scripts'][string]['progress']) => boolean,
): string[] {
  return Object.entries(scripts)
    .filter(([, { progress }]) => wanted(progress))
    .map(([path]) => path);
}

function orphansOf({ event, scripts }: KeptEvent): OrphanedScript[] {
  return Object.entries(scripts).flatMap(([path, { progress, pid, startTime }]) =>
    progress === 'started' && pid !== undefined && startTime !== undefined
      ? [{ event, path, pid, startTime }]
      : [],
  );
}
