/** Which scripts run now: seen where hooks pass on their way to the runner and to the journal. */
import { basename } from 'node:path';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { EventId, Timestamp } from '../../core/model/ids.ts';
import type { RunningHook } from '../../core/view/types/hooks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookRunJournal, HookRunKey } from '../../ports/hook-run-journal.ts';
import type { HookLanes } from './hook-lanes.ts';

interface Running {
  readonly event: NetworkEvent;
  readonly path: string;
  readonly pid: number;
  readonly at: Timestamp;
}

export class RunningHooks {
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #events = new Map<EventId, NetworkEvent>();
  readonly #running = new Map<string, Running>();

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock;
  }

  list(): readonly RunningHook[] {
    return [...this.#running.values()].map(({ event, path, pid, at }) => ({
      directory: event.directory,
      script: basename(path),
      link: event.link?.name ?? null,
      pid,
      started_at: new Date(at).toISOString(),
    }));
  }

  /** Lanes that say which event is at work. */
  lanes(lanes: HookLanes): HookLanes {
    return {
      run: async (order, onRun) => {
        const { event } = order;
        this.#events.set(event.id, event);
        try {
          return await lanes.run(order, onRun);
        } finally {
          this.#events.delete(event.id);
        }
      },
    };
  }

  /** A journal that says which script has started, and which has ended. */
  journal(journal: HookRunJournal): HookRunJournal {
    const ended = (entry: HookRunKey): void => void this.#running.delete(keyOf(entry));
    return {
      starting: (entry) => journal.starting(entry),
      launchNote: (entry) => journal.launchNote?.(entry),
      started: (entry, process) => {
        this.#started(entry, process.pid);
        return journal.started(entry, process);
      },
      withdrawn: (entry) => {
        ended(entry);
        return journal.withdrawn(entry);
      },
      finished: (entry, run) => {
        ended(entry);
        return journal.finished(entry, run);
      },
    };
  }

  #started(entry: HookRunKey, pid: number): void {
    const event = this.#events.get(entry.eventId);
    if (event === undefined) return;
    this.#running.set(keyOf(entry), { event, path: entry.path, pid, at: this.#clock.wall() });
  }
}

const keyOf = ({ eventId, path }: HookRunKey): string => `${eventId} ${path}`;
